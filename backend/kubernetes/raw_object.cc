#include "backend/kubernetes/raw_object.h"

#include <simdjson.h>

#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "proto/support/status_details.h"

namespace howdah::kubernetes {
namespace {

using simdjson::SUCCESS;
namespace ondemand = simdjson::ondemand;

absl::Status NotAList() {
  return support::ErrorBuilder(absl::StatusCode::kInternal, "UPSTREAM_PROTOCOL",
                               support::kPostgresDomain)
      .Message("The API server's answer is not a list of Kubernetes objects.")
      .Build();
}

// Reads the string fields that are asked for; false on broken JSON.
bool ReadStrings(
    ondemand::object& object,
    std::initializer_list<std::pair<std::string_view, std::string*>> wanted) {
  for (auto result : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(result).get(field) != SUCCESS ||
        field.unescaped_key().get(key) != SUCCESS) {
      return false;
    }
    for (const auto& [name, target] : wanted) {
      std::string_view text;
      if (key != name) continue;
      if (field.value().get_string().get(text) != SUCCESS) return false;
      *target = text;
      break;
    }
  }
  return true;
}

}  // namespace

class RawObjectReader::Impl {
 public:
  bool ReadPage(const std::string& text, RawPage& page) {
    ondemand::document document;
    ondemand::object list;
    if (list_parser_.iterate(text).get(document) != SUCCESS ||
        document.get_object().get(list) != SUCCESS) {
      return false;
    }
    bool has_items = false;
    for (auto result : list) {
      ondemand::field field;
      std::string_view key;
      if (std::move(result).get(field) != SUCCESS ||
          field.unescaped_key().get(key) != SUCCESS) {
        return false;
      }
      if (key == "metadata") {
        ondemand::object metadata;
        if (field.value().get_object().get(metadata) != SUCCESS ||
            !ReadStrings(metadata, {{"resourceVersion", &page.resource_version},
                                    {"continue", &page.continue_token}})) {
          return false;
        }
      } else if (key == "items") {
        has_items = true;
        if (!ReadObjects(field.value(), page.objects)) return false;
      }
    }
    return has_items;
  }

  bool ReadObject(absl::string_view json, RawObject& object) {
    buffer_.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    buffer_.assign(json.data(), json.size());
    ondemand::document document;
    ondemand::object fields;
    object.json = json;
    return object_parser_.iterate(buffer_).get(document) == SUCCESS &&
           document.get_object().get(fields) == SUCCESS &&
           ReadMetadata(fields, object);
  }

 private:
  static bool ReadMetadata(ondemand::object& fields, RawObject& object) {
    ondemand::object metadata;
    return fields.find_field_unordered("metadata").get_object().get(metadata) ==
               SUCCESS &&
           ReadStrings(metadata,
                       {{"name", &object.key.name},
                        {"namespace", &object.key.namespace_name},
                        {"resourceVersion", &object.resource_version}});
  }

  static bool ReadObjects(ondemand::value value,
                          std::vector<RawObject>& objects) {
    // Go's empty list may be null.
    if (value.is_null()) return true;
    ondemand::array items;
    if (value.get_array().get(items) != SUCCESS) return false;
    for (auto item : items) {
      ondemand::object fields;
      std::string_view text;
      RawObject& object = objects.emplace_back();
      if (item.get_object().get(fields) != SUCCESS ||
          !ReadMetadata(fields, object) || object.key.name.empty() ||
          fields.raw_json().get(text) != SUCCESS) {
        return false;
      }
      // It reaches to the next token.
      object.json =
          absl::StripTrailingAsciiWhitespace({text.data(), text.size()});
    }
    return true;
  }

  std::string buffer_;
  ondemand::parser list_parser_;
  ondemand::parser object_parser_;
};

RawObjectReader::RawObjectReader() : impl_(std::make_unique<Impl>()) {}

RawObjectReader::~RawObjectReader() = default;

absl::StatusOr<RawPage> RawObjectReader::ReadPage(std::string& text) {
  if (text.capacity() < text.size() + simdjson::SIMDJSON_PADDING) {
    // The next page, which will have this memory, may be longer.
    text.reserve(text.size() + text.size() / 8 + simdjson::SIMDJSON_PADDING);
  }
  RawPage page;
  if (!impl_->ReadPage(text, page)) return NotAList();
  return page;
}

absl::StatusOr<RawObject> RawObjectReader::ReadObject(absl::string_view json) {
  RawObject object;
  if (!impl_->ReadObject(json, object)) {
    return support::ErrorBuilder(absl::StatusCode::kInternal,
                                 "UPSTREAM_PROTOCOL", support::kPostgresDomain)
        .Message("A watch event holds no Kubernetes object.")
        .Build();
  }
  return object;
}

void RawObjectReader::ReleaseMemory() { impl_ = std::make_unique<Impl>(); }

}  // namespace howdah::kubernetes
