#include "adapter/transcoding/json_to_message.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "adapter/transcoding/argument_errors.h"
#include "adapter/transcoding/argument_value.h"
#include "adapter/transcoding/value_text.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "proto/support/nearest_name.h"
#include "simdjson.h"

namespace howdah::transcoding {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using simdjson::dom::element;

constexpr size_t kMaxDepth = 32;
constexpr size_t kMaxBytes = 1 << 20;
constexpr absl::string_view kFormat = "format";

std::string Child(absl::string_view parent, absl::string_view name) {
  return parent.empty() ? std::string(name) : absl::StrCat(parent, ".", name);
}

// Fills one message and remembers every problem on the way.
class Filler {
 public:
  explicit Filler(ArgumentProblems& problems) : problems_(problems) {}

  // `format` is non-null where the adapter's own argument is offered.
  void FillMessage(const simdjson::dom::object& object,
                   const MessageTable& table, absl::string_view path,
                   bool top_level, AdapterArguments* format, Message& message);

 private:
  void FillField(const element& value, const FieldTable& field,
                 const std::string& path, Message& message);
  void FillList(const element& value, const FieldTable& field,
                const std::string& path, Message& message);
  void FillMap(const element& value, const FieldTable& field,
               const std::string& path, Message& message);
  // Sets the field, or adds to it where it is a list.
  void FillValue(const element& value, const FieldTable& field,
                 const std::string& path, Message& message);
  void FillInteger(const element& value, const FieldTable& field,
                   const std::string& path, Message& message);
  void FillText(const element& value, const FieldTable& field,
                const std::string& path, Message& message);
  void FillTime(const element& value, const FieldTable& field,
                const std::string& path, Message& message);
  void FillFormat(const element& value, AdapterArguments& arguments);
  void Unknown(absl::string_view name, const MessageTable& table,
               absl::string_view path, bool top_level, bool offers_format);
  void Wrong(const element& value, const FieldTable& field, std::string path);

  ArgumentProblems& problems_;
};

void Filler::Wrong(const element& value, const FieldTable& field,
                   std::string path) {
  std::string description =
      absl::StrCat("must be ", ExpectedValue(field), "; got ");
  if (field.facts->secret() || value.is_object() || value.is_array()) {
    absl::StrAppend(&description, TypeName(value));
  } else {
    absl::StrAppend(&description, TypeName(value), " (",
                    Shortened(simdjson::minify(value)), ")");
  }
  problems_.push_back({std::move(path), std::move(description)});
}

void Filler::Unknown(absl::string_view name, const MessageTable& table,
                     absl::string_view path, bool top_level,
                     bool offers_format) {
  std::vector<std::string> known;
  for (const FieldTable& field : table.fields) {
    if (!(top_level && field.facts->hidden())) known.emplace_back(field.name);
  }
  if (offers_format) known.emplace_back(kFormat);
  std::string description = "is not known";
  const std::string nearest = support::NearestName(name, known);
  if (!nearest.empty()) {
    absl::StrAppend(&description, "; did you mean \"", nearest, "\"?");
  }
  if (known.empty()) {
    absl::StrAppend(&description, "; there are no arguments");
  } else {
    absl::StrAppend(&description, nearest.empty() ? "; k" : " K",
                    "nown: ", absl::StrJoin(known, ", "));
  }
  problems_.push_back(
      {Child(path, Shortened(std::string(name))), std::move(description)});
}

void Filler::FillMessage(const simdjson::dom::object& object,
                         const MessageTable& table, absl::string_view path,
                         bool top_level, AdapterArguments* format,
                         Message& message) {
  absl::InlinedVector<std::string_view, 16> seen;
  for (const auto [key, value] : object) {
    const absl::string_view name(key.data(), key.size());
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      problems_.push_back({Child(path, Shortened(std::string(name))),
                           "is given twice; give it once"});
      continue;
    }
    if (seen.size() < table.fields.size() + 1) seen.push_back(key);
    const FieldTable* field = table.Find(name);
    if (field != nullptr && top_level && field->facts->hidden()) {
      field = nullptr;
    }
    if (field == nullptr && format != nullptr && name == kFormat) {
      FillFormat(value, *format);
    } else if (field == nullptr) {
      Unknown(name, table, path, top_level, format != nullptr);
    } else if (!value.is_null()) {
      FillField(value, *field, Child(path, name), message);
    }
  }
}

void Filler::FillFormat(const element& value, AdapterArguments& arguments) {
  if (value.is_null()) return;
  const auto text = AsString(value);
  if (text && absl::EqualsIgnoreCase(*text, "json")) {
    arguments.json_format = true;
  } else if (!text || !absl::EqualsIgnoreCase(*text, "text")) {
    problems_.push_back({std::string(kFormat),
                         absl::StrCat("must be \"text\" or \"json\"; got ",
                                      Shortened(simdjson::minify(value)))});
  }
}

void Filler::FillField(const element& value, const FieldTable& field,
                       const std::string& path, Message& message) {
  const auto* oneof = field.descriptor->real_containing_oneof();
  if (oneof != nullptr && message.GetReflection()->HasOneof(message, oneof)) {
    const auto* other =
        message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
    problems_.push_back({path, absl::StrCat("cannot be given together with \"",
                                            other->name(), "\"")});
  } else if (field.kind == FieldKind::kMap) {
    FillMap(value, field, path, message);
  } else if (field.repeated) {
    FillList(value, field, path, message);
  } else {
    FillValue(value, field, path, message);
  }
}

void Filler::FillList(const element& value, const FieldTable& field,
                      const std::string& path, Message& message) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) {
    return Wrong(value, field, path);
  }
  size_t index = 0;
  for (const element item : array) {
    FillValue(item, field, absl::StrCat(path, "[", index++, "]"), message);
  }
}

void Filler::FillMap(const element& value, const FieldTable& field,
                     const std::string& path, Message& message) {
  simdjson::dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return Wrong(value, field, path);
  }
  const FieldTable& key_field = field.message->fields[0];
  const FieldTable& value_field = field.message->fields[1];
  std::vector<std::string_view> seen;
  for (const auto [key, item] : object) {
    const absl::string_view name(key.data(), key.size());
    const std::string item_path = Child(path, Shortened(std::string(name)));
    if (key_field.kind != FieldKind::kString || seen.size() >= 1000) {
      problems_.push_back({item_path, "cannot be given here"});
      return;
    }
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      problems_.push_back({item_path, "is given twice; give it once"});
      continue;
    }
    seen.push_back(key);
    Message* entry =
        message.GetReflection()->AddMessage(&message, field.descriptor);
    entry->GetReflection()->SetString(entry, key_field.descriptor,
                                      std::string(name));
    FillValue(item, value_field, item_path, *entry);
  }
}

void Filler::FillValue(const element& value, const FieldTable& field,
                       const std::string& path, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* descriptor = field.descriptor;
  switch (field.kind) {
    case FieldKind::kBool: {
      bool flag = false;
      if (value.get_bool().get(flag) != simdjson::SUCCESS) {
        return Wrong(value, field, path);
      }
      return field.repeated ? reflection.AddBool(&message, descriptor, flag)
                            : reflection.SetBool(&message, descriptor, flag);
    }
    case FieldKind::kInteger:
    case FieldKind::kLongInteger:
    case FieldKind::kNumber:
      return FillInteger(value, field, path, message);
    case FieldKind::kString:
    case FieldKind::kBytes:
    case FieldKind::kEnum:
      return FillText(value, field, path, message);
    case FieldKind::kTimestamp:
    case FieldKind::kDuration:
      return FillTime(value, field, path, message);
    case FieldKind::kMessage: {
      simdjson::dom::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) {
        return Wrong(value, field, path);
      }
      Message* child = field.repeated
                           ? reflection.AddMessage(&message, descriptor)
                           : reflection.MutableMessage(&message, descriptor);
      return FillMessage(object, *field.message, path, false, nullptr, *child);
    }
    case FieldKind::kAny:
    case FieldKind::kJson:
    case FieldKind::kMap:
      return Wrong(value, field, path);
  }
}

void Filler::FillInteger(const element& value, const FieldTable& field,
                         const std::string& path, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* descriptor = field.descriptor;
  const bool add = field.repeated;
  switch (descriptor->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto number = AsInteger<int32_t>(value);
      if (!number) return Wrong(value, field, path);
      return add ? reflection.AddInt32(&message, descriptor, *number)
                 : reflection.SetInt32(&message, descriptor, *number);
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      const auto number = AsInteger<uint32_t>(value);
      if (!number) return Wrong(value, field, path);
      return add ? reflection.AddUInt32(&message, descriptor, *number)
                 : reflection.SetUInt32(&message, descriptor, *number);
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      const auto number = AsInteger<int64_t>(value);
      if (!number) return Wrong(value, field, path);
      return add ? reflection.AddInt64(&message, descriptor, *number)
                 : reflection.SetInt64(&message, descriptor, *number);
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      const auto number = AsInteger<uint64_t>(value);
      if (!number) return Wrong(value, field, path);
      return add ? reflection.AddUInt64(&message, descriptor, *number)
                 : reflection.SetUInt64(&message, descriptor, *number);
    }
    default: {
      double number = 0;
      if (value.get_double().get(number) != simdjson::SUCCESS) {
        return Wrong(value, field, path);
      }
      if (descriptor->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
        const auto narrow = static_cast<float>(number);
        return add ? reflection.AddFloat(&message, descriptor, narrow)
                   : reflection.SetFloat(&message, descriptor, narrow);
      }
      return add ? reflection.AddDouble(&message, descriptor, number)
                 : reflection.SetDouble(&message, descriptor, number);
    }
  }
}

void Filler::FillText(const element& value, const FieldTable& field,
                      const std::string& path, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* descriptor = field.descriptor;
  const auto text = AsString(value);
  if (!text) return Wrong(value, field, path);
  if (field.kind == FieldKind::kEnum) {
    const auto number = field.enumeration->Number(*text);
    if (!number) return Wrong(value, field, path);
    return field.repeated
               ? reflection.AddEnumValue(&message, descriptor, *number)
               : reflection.SetEnumValue(&message, descriptor, *number);
  }
  std::string bytes(*text);
  if (field.kind == FieldKind::kBytes && !absl::Base64Unescape(*text, &bytes)) {
    return Wrong(value, field, path);
  }
  return field.repeated
             ? reflection.AddString(&message, descriptor, std::move(bytes))
             : reflection.SetString(&message, descriptor, std::move(bytes));
}

void Filler::FillTime(const element& value, const FieldTable& field,
                      const std::string& path, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const auto text = AsString(value);
  absl::Time time;
  absl::Duration duration;
  std::string why;
  const bool timestamp = field.kind == FieldKind::kTimestamp;
  const bool good =
      text &&
      (timestamp ? absl::ParseTime(absl::RFC3339_full, *text, &time, &why)
                 : absl::EndsWith(*text, "s") &&
                       absl::ParseDuration(*text, &duration));
  if (!good) return Wrong(value, field, path);
  Message* child = field.repeated
                       ? reflection.AddMessage(&message, field.descriptor)
                       : reflection.MutableMessage(&message, field.descriptor);
  if (timestamp) {
    auto& out = static_cast<google::protobuf::Timestamp&>(*child);
    const int64_t seconds = absl::ToUnixSeconds(time);
    out.set_seconds(seconds);
    out.set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  } else {
    auto& out = static_cast<google::protobuf::Duration&>(*child);
    absl::Duration rest;
    out.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
    out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  }
}

}  // namespace

class ArgumentDecoder::Impl {
 public:
  simdjson::dom::parser parser{kMaxBytes};
  bool ready = parser.allocate(4096, kMaxDepth) == simdjson::SUCCESS;
};

ArgumentDecoder::ArgumentDecoder() : impl_(std::make_unique<Impl>()) {}
ArgumentDecoder::~ArgumentDecoder() = default;

absl::Status ArgumentDecoder::Decode(absl::string_view json,
                                     absl::string_view tool,
                                     const ArgumentShape& shape,
                                     Message& request,
                                     AdapterArguments& extra) {
  element root;
  auto parsed = impl_->parser.parse(json.data(), json.size()).get(root);
  std::string quoted;
  if (parsed == simdjson::NUMBER_ERROR) {
    quoted = QuoteLongNumbers(json);
    parsed = impl_->parser.parse(quoted.data(), quoted.size()).get(root);
  }
  if (parsed == simdjson::DEPTH_ERROR) {
    return NoArguments(
        tool, absl::StrCat("are nested deeper than ", kMaxDepth, " levels"));
  }
  if (parsed == simdjson::CAPACITY) {
    return NoArguments(tool, "are longer than 1 MiB");
  }
  if (parsed == simdjson::UTF8_ERROR) {
    return NoArguments(tool, "are not valid UTF-8");
  }
  if (parsed == simdjson::NUMBER_ERROR) {
    return NoArguments(tool, "have a malformed number");
  }
  if (parsed != simdjson::SUCCESS) {
    return NoArguments(tool, "are not valid JSON");
  }
  simdjson::dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS) {
    return NoArguments(tool, "are not an object");
  }
  ArgumentProblems problems;
  Filler(problems).FillMessage(object, *shape.table, "", true,
                               shape.offers_format ? &extra : nullptr, request);
  return problems.empty() ? absl::OkStatus() : WrongArguments(tool, problems);
}

}  // namespace howdah::transcoding
