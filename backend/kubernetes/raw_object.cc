#include "backend/kubernetes/raw_object.h"

#include <simdjson.h>

#include <string_view>
#include <utility>

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
  absl::StatusOr<RawPage> ReadPage(
      absl::string_view text,
      const std::function<void(const RawObject&)>& on_object) {
    buffer_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    buffer_.assign(text.data(), text.size());
    RawPage page;
    ondemand::document document;
    ondemand::object list;
    if (list_parser_.iterate(buffer_).get(document) != SUCCESS ||
        document.get_object().get(list) != SUCCESS) {
      return NotAList();
    }
    bool has_items = false;
    for (auto result : list) {
      ondemand::field field;
      std::string_view key;
      if (std::move(result).get(field) != SUCCESS ||
          field.unescaped_key().get(key) != SUCCESS) {
        return NotAList();
      }
      if (key == "metadata") {
        ondemand::object metadata;
        if (field.value().get_object().get(metadata) != SUCCESS ||
            !ReadStrings(metadata, {{"resourceVersion", &page.resource_version},
                                    {"continue", &page.continue_token}})) {
          return NotAList();
        }
      } else if (key == "items") {
        has_items = true;
        if (!ReadItems(field.value(), on_object)) return NotAList();
      }
    }
    if (!has_items) return NotAList();
    return page;
  }

  // `padded_size` bytes may be read behind json.data().
  bool ReadObject(std::string_view json, size_t padded_size,
                  RawObject& object) {
    ondemand::document document;
    ondemand::object fields;
    const simdjson::padded_string_view text(json.data(), json.size(),
                                            padded_size);
    if (object_parser_.iterate(text).get(document) != SUCCESS ||
        document.get_object().get(fields) != SUCCESS) {
      return false;
    }
    ondemand::object metadata;
    if (fields.find_field_unordered("metadata").get_object().get(metadata) !=
        SUCCESS) {
      return false;
    }
    object.json = absl::string_view(json.data(), json.size());
    return ReadStrings(metadata,
                       {{"name", &object.key.name},
                        {"namespace", &object.key.namespace_name},
                        {"resourceVersion", &object.resource_version}});
  }

  bool CopyAndReadObject(absl::string_view json, RawObject& object) {
    buffer_.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    buffer_.assign(json.data(), json.size());
    const bool read = ReadObject(buffer_, buffer_.capacity(), object);
    object.json = json;
    return read;
  }

 private:
  bool ReadItems(ondemand::value value,
                 const std::function<void(const RawObject&)>& on_object) {
    // Go's empty list may be null.
    if (value.is_null()) return true;
    ondemand::array items;
    if (value.get_array().get(items) != SUCCESS) return false;
    for (auto item : items) {
      ondemand::object fields;
      std::string_view text;
      RawObject object;
      if (item.get_object().get(fields) != SUCCESS ||
          fields.raw_json().get(text) != SUCCESS ||
          !ReadObject(text, buffer_.data() + buffer_.capacity() - text.data(),
                      object) ||
          object.key.name.empty()) {
        return false;
      }
      on_object(object);
    }
    return true;
  }

  std::string buffer_;
  ondemand::parser list_parser_;
  ondemand::parser object_parser_;
};

RawObjectReader::RawObjectReader() : impl_(std::make_unique<Impl>()) {}

RawObjectReader::~RawObjectReader() = default;

absl::StatusOr<RawPage> RawObjectReader::ReadPage(
    absl::string_view text,
    const std::function<void(const RawObject&)>& on_object) {
  return impl_->ReadPage(text, on_object);
}

absl::StatusOr<RawObject> RawObjectReader::ReadObject(absl::string_view json) {
  RawObject object;
  if (!impl_->CopyAndReadObject(json, object)) {
    return support::ErrorBuilder(absl::StatusCode::kInternal,
                                 "UPSTREAM_PROTOCOL", support::kPostgresDomain)
        .Message("A watch event holds no Kubernetes object.")
        .Build();
  }
  return object;
}

void RawObjectReader::ReleaseMemory() { impl_ = std::make_unique<Impl>(); }

}  // namespace howdah::kubernetes
