#include "adapter/catalogue/resource_catalogue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace howdah::catalogue {
namespace {

constexpr char kContext[] = "context";

}  // namespace

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::MethodDescriptor;

const std::string& KindOf(const FieldDescriptor& field) {
  return field.options().GetExtension(howdah::mcp::v1::field).names();
}

ResourceCatalogue::ResourceCatalogue(Catalogue& catalogue) {
  for (const MethodDescriptor* method : catalogue.methods()) {
    AddSource(*method, catalogue.tables());
  }
  for (const MethodDescriptor* method : catalogue.methods()) {
    const auto& facts = method->options().GetExtension(howdah::mcp::v1::method);
    for (const auto& resource : facts.resources()) {
      ResourceKind& kind = resources_.emplace_back();
      kind.rpc = DescribeRpc(*method, catalogue.tables());
      kind.facts = &resource;
      kind.uri = UriTemplate(resource.uri_template());
      kind.description = catalogue.comments().Of(*method);
      kind.arguments.table = &catalogue.tables().For(*method->input_type());
      for (const std::string& variable : kind.uri.variables()) {
        const auto* field = method->input_type()->FindFieldByName(variable);
        if (field != nullptr) {
          kind.names[variable] = KindOf(*field);
        } else {
          NameItem(variable, catalogue.tables(), kind);
        }
      }
      const bool has_context =
          method->input_type()->FindFieldByName(kContext) != nullptr;
      kind.shown_template =
          absl::StrCat(kind.uri.text(), has_context ? "{?context}" : "");
      kind.listed_by = ListOf(kind);
    }
  }
}

void ResourceCatalogue::AddSource(const MethodDescriptor& method,
                                  transcoding::MessageTables& tables) {
  if (!absl::StartsWith(method.name(), "List")) return;
  const Descriptor& answer = *method.output_type();
  for (int i = 0; i < answer.field_count(); ++i) {
    const FieldDescriptor& items = *answer.field(i);
    if (!items.is_repeated() || items.message_type() == nullptr) continue;
    NameSource source;
    source.items = &items;
    for (int j = 0; j < items.message_type()->field_count(); ++j) {
      const FieldDescriptor& field = *items.message_type()->field(j);
      if (!KindOf(field).empty()) source.names[KindOf(field)] = &field;
    }
    if (source.names.empty()) continue;
    source.rpc = DescribeRpc(method, tables);
    sources_.push_back(std::move(source));
  }
}

const NameSource* ResourceCatalogue::ListOf(const ResourceKind& kind) const {
  if (kind.names.empty()) return nullptr;
  for (const NameSource& source : sources_) {
    if (std::all_of(kind.names.begin(), kind.names.end(),
                    [&](const auto& variable) {
                      return source.names.count(variable.second) > 0;
                    })) {
      return &source;
    }
  }
  return nullptr;
}

// The variable is no field of the request, so it is the name of an item.
void ResourceCatalogue::NameItem(const std::string& variable,
                                 transcoding::MessageTables& tables,
                                 ResourceKind& kind) const {
  for (const NameSource& source : sources_) {
    if (source.rpc.path != kind.rpc.path) continue;
    for (const auto& [name, field] : source.names) {
      if (variable != absl::StrCat(name, "_name")) continue;
      kind.names[variable] = name;
      kind.item_variable = variable;
      kind.items = source.items;
      kind.item_name = field;
      kind.item_table = &tables.For(*source.items->message_type());
    }
  }
}

std::optional<ResourceCatalogue::Found> ResourceCatalogue::Find(
    absl::string_view uri) const {
  static const auto& kQuery = *new UriTemplate("?context={context}");
  Found found;
  if (const size_t query = uri.find('?'); query != uri.npos) {
    std::optional<UriValues> values = kQuery.Match(uri.substr(query));
    if (!values || absl::StrContains(uri.substr(query), '&')) {
      return std::nullopt;
    }
    found.context = values->at(kContext);
    uri = uri.substr(0, query);
  }
  for (const ResourceKind& kind : resources_) {
    if (std::optional<UriValues> values = kind.uri.Match(uri)) {
      if (!found.context.empty() && kind.shown_template == kind.uri.text()) {
        return std::nullopt;
      }
      found.kind = &kind;
      found.values = *std::move(values);
      return found;
    }
  }
  return std::nullopt;
}

const NameSource* ResourceCatalogue::SourceOf(absl::string_view kind) const {
  for (const NameSource& source : sources_) {
    if (source.names.count(std::string(kind)) > 0) return &source;
  }
  return nullptr;
}

}  // namespace howdah::catalogue
