#include "backend/local/api/representation.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/negotiation.h"

namespace howdah::local {
namespace {

Json OnlyMetadata(const Json& object, const std::string& version) {
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", absl::StrCat("meta.k8s.io/", version)},
          {"metadata", object.value("metadata", Json::object())}};
}

}  // namespace

absl::StatusOr<Representation> Representation::FromAccept(
    absl::string_view accept, absl::string_view include) {
  if (!include.empty() && include != "None" && include != "Metadata" &&
      include != "Object") {
    return BadRequest(
        absl::StrCat("invalid includeObject value: \"", include, "\""));
  }
  Representation result;
  if (!include.empty()) result.include_ = std::string(include);
  const std::optional<MediaChoice> choice =
      Negotiate(accept, Transforms::kObjects);
  if (!choice) return NotAcceptable();
  if (choice->as.empty()) return result;
  result.form_ = choice->as == "Table"                   ? Form::kTable
                 : choice->as == "PartialObjectMetadata" ? Form::kMetadata
                                                         : Form::kMetadataList;
  result.version_ = choice->version;
  return result;
}

absl::Status Representation::CheckFits(const ResourceInfo& info,
                                       bool is_list) const {
  if (is_list ? form_ != Form::kMetadata : form_ != Form::kMetadataList) {
    return absl::OkStatus();
  }
  if (info.custom && !is_list) return ServerFault("content is not a list");
  const std::string type =
      info.custom ? "unstructured.UnstructuredList"
                  : absl::StrCat("core.", info.kind, is_list ? "List" : "");
  return ApiError(
      406, "NotAcceptable",
      is_list ? absl::StrCat("you requested PartialObjectMetadata, but the "
                             "requested object is a list (*",
                             type, ")")
              : absl::StrCat("you requested PartialObjectMetadataList, but the "
                             "requested object is not a list (*",
                             type, ")"));
}

Json Representation::OfObject(const ResourceInfo& info, const Json& object,
                              absl::Time now) const {
  switch (form_) {
    case Form::kTable:
      return Table(info, {&object},
                   {{"resourceVersion",
                     object.at("metadata").value("resourceVersion", "")}},
                   now);
    case Form::kMetadata:
    case Form::kMetadataList:
      return OnlyMetadata(object, version_);
    default:
      return object;
  }
}

Json Representation::OfList(const ResourceInfo& info,
                            const std::vector<Json>& items,
                            const Json& metadata, absl::Time now) const {
  if (form_ == Form::kTable) {
    std::vector<const Json*> objects;
    objects.reserve(items.size());
    for (const Json& item : items) objects.push_back(&item);
    return Table(info, objects, metadata, now);
  }
  Json list = {{"metadata", metadata}, {"items", Json::array()}};
  auto& out = list["items"].get_ref<Json::array_t&>();
  out.reserve(items.size());
  if (form_ != Form::kWhole) {
    list["kind"] = "PartialObjectMetadataList";
    list["apiVersion"] = absl::StrCat("meta.k8s.io/", version_);
    for (const Json& item : items) {
      out.push_back(OnlyMetadata(item, version_));
    }
    // As Go prints a list that was never filled.
    if (items.empty()) list["items"] = nullptr;
    if (list["metadata"].value("continue", "-").empty()) {
      list["metadata"].erase("continue");
    }
    return list;
  }
  list["kind"] = info.kind + "List";
  list["apiVersion"] = info.ApiVersion();
  for (const Json& item : items) {
    out.push_back(item);
    // A list of a built-in type says it once, for all of them.
    if (info.custom) continue;
    out.back().erase("kind");
    out.back().erase("apiVersion");
  }
  return list;
}

Json Representation::Table(const ResourceInfo& info,
                           const std::vector<const Json*>& objects,
                           const Json& metadata, absl::Time now) const {
  Json columns = Json::array();
  for (const Column& column : info.columns) {
    columns.push_back({{"name", column.name},
                       {"type", column.type},
                       {"format", column.name == "Name" ? "name" : ""},
                       {"description", column.description},
                       {"priority", column.priority}});
  }
  Json rows = Json::array();
  for (const Json* object : objects) rows.push_back(Row(info, *object, now));
  return {{"kind", "Table"},
          {"apiVersion", absl::StrCat("meta.k8s.io/", version_)},
          {"metadata", metadata},
          {"columnDefinitions", std::move(columns)},
          {"rows", std::move(rows)}};
}

Json Representation::Row(const ResourceInfo& info, const Json& object,
                         absl::Time now) const {
  Json cells = Json::array();
  for (const Column& column : info.columns) {
    cells.push_back(column.cell(object, now));
  }
  Json row = {{"cells", std::move(cells)}};
  if (include_ == "Object") row["object"] = object;
  if (include_ == "Metadata") row["object"] = OnlyMetadata(object, version_);
  return row;
}

}  // namespace howdah::local
