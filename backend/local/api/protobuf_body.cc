#include "backend/local/api/protobuf_body.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "backend/local/api/api_error.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr absl::string_view kMagic("k8s\0", 4);

enum class Kind { kText, kInteger, kBoolean, kMessage, kTextMap, kBytesMap };

struct Message;

// A field of a message, by the numbers of Kubernetes' generated.proto files.
struct Field {
  uint64_t number;
  const char* name;
  Kind kind = Kind::kText;
  const Message* message = nullptr;
  bool repeated = false;
};

struct Message {
  std::vector<Field> fields;
};

struct Messages {
  Message owner{{{1, "kind"},
                 {3, "name"},
                 {4, "uid"},
                 {5, "apiVersion"},
                 {6, "controller", Kind::kBoolean},
                 {7, "blockOwnerDeletion", Kind::kBoolean}}};
  Message metadata{{{1, "name"},
                    {2, "generateName"},
                    {3, "namespace"},
                    {5, "uid"},
                    {6, "resourceVersion"},
                    {11, "labels", Kind::kTextMap},
                    {12, "annotations", Kind::kTextMap},
                    {13, "ownerReferences", Kind::kMessage, &owner, true},
                    {14, "finalizers", Kind::kText, nullptr, true}}};
  Message secret{{{1, "metadata", Kind::kMessage, &metadata},
                  {2, "data", Kind::kBytesMap},
                  {3, "type"},
                  {4, "stringData", Kind::kTextMap},
                  {5, "immutable", Kind::kBoolean}}};
  Message config_map{{{1, "metadata", Kind::kMessage, &metadata},
                      {2, "data", Kind::kTextMap},
                      {3, "binaryData", Kind::kBytesMap},
                      {4, "immutable", Kind::kBoolean}}};
  Message name_space{{{1, "metadata", Kind::kMessage, &metadata}}};
  Message resource_attributes{{{1, "namespace"},
                               {2, "verb"},
                               {3, "group"},
                               {4, "version"},
                               {5, "resource"},
                               {6, "subresource"},
                               {7, "name"}}};
  Message path_attributes{{{1, "path"}, {2, "verb"}}};
  Message access_spec{
      {{1, "resourceAttributes", Kind::kMessage, &resource_attributes},
       {2, "nonResourceAttributes", Kind::kMessage, &path_attributes}}};
  Message access_review{{{1, "metadata", Kind::kMessage, &metadata},
                         {2, "spec", Kind::kMessage, &access_spec}}};
  Message rules_spec{{{1, "namespace"}}};
  Message rules_review{{{1, "metadata", Kind::kMessage, &metadata},
                        {2, "spec", Kind::kMessage, &rules_spec}}};
  Message self_review{{{1, "metadata", Kind::kMessage, &metadata}}};
  Message preconditions{{{1, "uid"}, {2, "resourceVersion"}}};
  Message delete_options{{{1, "gracePeriodSeconds", Kind::kInteger},
                          {2, "preconditions", Kind::kMessage, &preconditions},
                          {3, "orphanDependents", Kind::kBoolean},
                          {4, "propagationPolicy"},
                          {5, "dryRun", Kind::kText, nullptr, true}}};
  Message type{{{1, "apiVersion"}, {2, "kind"}}};
};

const Messages& All() {
  static const auto& all = *new Messages;
  return all;
}

const Message* MessageOf(const std::string& kind) {
  const Messages& all = All();
  if (kind == "Secret") return &all.secret;
  if (kind == "ConfigMap") return &all.config_map;
  if (kind == "Namespace") return &all.name_space;
  if (kind == "SelfSubjectAccessReview") return &all.access_review;
  if (kind == "SelfSubjectRulesReview") return &all.rules_review;
  if (kind == "SelfSubjectReview") return &all.self_review;
  if (kind == "DeleteOptions") return &all.delete_options;
  return nullptr;
}

// One field on the wire.
struct Wire {
  uint64_t number = 0;
  uint64_t integer = 0;
  absl::string_view bytes;
};

// Reads fields one after the other; nothing at the end.
class Reader {
 public:
  explicit Reader(absl::string_view data) : data_(data) {}

  absl::StatusOr<std::optional<Wire>> Next() {
    if (data_.empty()) return std::optional<Wire>();
    Wire wire;
    ASSIGN_OR_RETURN(uint64_t tag, Varint());
    wire.number = tag >> 3;
    switch (tag & 7) {
      case 0: {
        ASSIGN_OR_RETURN(wire.integer, Varint());
        break;
      }
      case 2: {
        ASSIGN_OR_RETURN(uint64_t size, Varint());
        ASSIGN_OR_RETURN(wire.bytes, Take(size));
        break;
      }
      case 1: {
        RETURN_IF_ERROR(Take(8).status());
        break;
      }
      case 5: {
        RETURN_IF_ERROR(Take(4).status());
        break;
      }
      default:
        return Malformed();
    }
    return std::optional<Wire>(wire);
  }

  static absl::Status Malformed() {
    return BadRequest("the protobuf body of the request is malformed");
  }

 private:
  absl::StatusOr<uint64_t> Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !data_.empty(); shift += 7) {
      auto byte = static_cast<unsigned char>(data_[0]);
      data_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Malformed();
  }
  absl::StatusOr<absl::string_view> Take(uint64_t size) {
    if (size > data_.size()) return Malformed();
    absl::string_view taken = data_.substr(0, size);
    data_.remove_prefix(size);
    return taken;
  }

  absl::string_view data_;
};

absl::Status AddMapEntry(absl::string_view bytes, bool binary, Json& map) {
  std::string key;
  std::string value;
  Reader reader(bytes);
  while (true) {
    ASSIGN_OR_RETURN(std::optional<Wire> wire, reader.Next());
    if (!wire) break;
    if (wire->number == 1) key = std::string(wire->bytes);
    if (wire->number == 2) value = std::string(wire->bytes);
  }
  map[key] = binary ? absl::Base64Escape(value) : value;
  return absl::OkStatus();
}

absl::StatusOr<Json> Decode(absl::string_view bytes, const Message& message) {
  Json object = Json::object();
  Reader reader(bytes);
  while (true) {
    ASSIGN_OR_RETURN(std::optional<Wire> wire, reader.Next());
    if (!wire) return object;
    const Field* field = nullptr;
    for (const Field& one : message.fields) {
      if (one.number == wire->number) field = &one;
    }
    if (field == nullptr) continue;
    Json value;
    switch (field->kind) {
      case Kind::kText:
        // Empty texts are always on the wire; JSON leaves them out.
        if (wire->bytes.empty()) continue;
        value = std::string(wire->bytes);
        break;
      case Kind::kInteger:
        value = static_cast<int64_t>(wire->integer);
        break;
      case Kind::kBoolean:
        value = wire->integer != 0;
        break;
      case Kind::kMessage: {
        ASSIGN_OR_RETURN(value, Decode(wire->bytes, *field->message));
        break;
      }
      case Kind::kTextMap:
      case Kind::kBytesMap:
        RETURN_IF_ERROR(AddMapEntry(wire->bytes, field->kind == Kind::kBytesMap,
                                    object[field->name]));
        continue;
    }
    if (field->repeated) {
      object[field->name].push_back(std::move(value));
    } else {
      object[field->name] = std::move(value);
    }
  }
}

}  // namespace

bool IsProtobuf(absl::string_view content_type) {
  return absl::StartsWith(content_type, "application/vnd.kubernetes.protobuf");
}

absl::StatusOr<Json> DecodeProtobuf(absl::string_view body) {
  if (!absl::ConsumePrefix(&body, kMagic)) return Reader::Malformed();
  // runtime.Unknown: 1 is the type, 2 the object.
  Json type = Json::object();
  absl::string_view raw;
  Reader reader(body);
  while (true) {
    ASSIGN_OR_RETURN(std::optional<Wire> wire, reader.Next());
    if (!wire) break;
    if (wire->number == 1) {
      ASSIGN_OR_RETURN(type, Decode(wire->bytes, All().type));
    } else if (wire->number == 2) {
      raw = wire->bytes;
    }
  }
  std::string kind = type.value("kind", "");
  const Message* message = MessageOf(kind);
  if (message == nullptr) {
    return UnsupportedMediaType(
        absl::StrCat("the local plane takes objects of kind \"", kind,
                     "\" as application/json only"));
  }
  ASSIGN_OR_RETURN(Json object, Decode(raw, *message));
  object.update(type);
  return object;
}

}  // namespace howdah::local
