#include "clients/ctl/documents.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/ctl/field_values.h"
#include "google/protobuf/struct.pb.h"
#include "nlohmann/json.hpp"
#include "proto/support/enum_names.h"

namespace howdah::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::ordered_json;

ordered_json ToTree(const Message& message, const CommandList& commands);

ordered_json JsonTree(const google::protobuf::Value& value) {
  using google::protobuf::Value;
  switch (value.kind_case()) {
    case Value::kBoolValue:
      return value.bool_value();
    case Value::kStringValue:
      return value.string_value();
    case Value::kNumberValue: {
      constexpr double kExactInteger = 9007199254740992;  // 2^53
      const double number = value.number_value();
      if (std::abs(number) <= kExactInteger && number == std::trunc(number)) {
        return static_cast<int64_t>(number);
      }
      return number;
    }
    case Value::kListValue: {
      ordered_json list = ordered_json::array();
      for (const Value& item : value.list_value().values()) {
        list.push_back(JsonTree(item));
      }
      return list;
    }
    case Value::kStructValue: {
      // A map has no order of its own.
      std::map<std::string, ordered_json> members;
      for (const auto& [name, member] : value.struct_value().fields()) {
        members.emplace(name, JsonTree(member));
      }
      return members;
    }
    default:
      return nullptr;
  }
}

ordered_json MessageTree(const Message& message, const CommandList& commands) {
  const auto& type = *message.GetDescriptor();
  if (IsTimestamp(type)) return TimestampText(message);
  if (IsJson(type)) {
    google::protobuf::Value value;
    value.ParseFromString(message.SerializeAsString());
    return JsonTree(value);
  }
  if (type.full_name() != "google.protobuf.Any") {
    return ToTree(message, commands);
  }
  const auto* reflection = message.GetReflection();
  const std::string url =
      reflection->GetString(message, type.FindFieldByName("type_url"));
  const std::string name = url.substr(url.rfind('/') + 1);
  ordered_json tree = {{"@type", name}};
  const std::unique_ptr<Message> held = commands.NewMessage(name);
  if (held != nullptr && held->ParseFromString(reflection->GetString(
                             message, type.FindFieldByName("value")))) {
    tree.update(ToTree(*held, commands));
  }
  return tree;
}

// One value; `index` is -1 unless the field is repeated.
ordered_json ValueTree(const Message& message, const FieldDescriptor& field,
                       int index, const CommandList& commands) {
  const auto& r = *message.GetReflection();
  const bool repeated = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return repeated ? r.GetRepeatedBool(message, &field, index)
                      : r.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_INT32:
      return repeated ? r.GetRepeatedInt32(message, &field, index)
                      : r.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return repeated ? r.GetRepeatedInt64(message, &field, index)
                      : r.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return repeated ? r.GetRepeatedUInt32(message, &field, index)
                      : r.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return repeated ? r.GetRepeatedUInt64(message, &field, index)
                      : r.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return repeated ? r.GetRepeatedDouble(message, &field, index)
                      : r.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return repeated ? r.GetRepeatedFloat(message, &field, index)
                      : r.GetFloat(message, &field);
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? r.GetRepeatedString(message, &field, index)
                      : r.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return support::EnumName(
          field.enum_type(),
          repeated ? r.GetRepeatedEnumValue(message, &field, index)
                   : r.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return MessageTree(repeated ? r.GetRepeatedMessage(message, &field, index)
                              : r.GetMessage(message, &field),
                     commands);
}

bool IsUnset(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (field.has_presence()) return !reflection.HasField(message, &field);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_ENUM:
      return !reflection.HasField(message, &field);
    default:
      return false;
  }
}

ordered_json ToTree(const Message& message, const CommandList& commands) {
  ordered_json tree = ordered_json::object();
  const auto& type = *message.GetDescriptor();
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!field.is_repeated()) {
      if (!IsUnset(message, field)) {
        tree[field.name()] = ValueTree(message, field, -1, commands);
      }
      continue;
    }
    const int size = reflection.FieldSize(message, &field);
    if (size == 0) continue;
    ordered_json& list = tree[field.name()] = ordered_json::array();
    for (int j = 0; j < size; ++j) {
      list.push_back(ValueTree(message, field, j, commands));
    }
  }
  return tree;
}

// Invalid UTF-8 from elsewhere must not throw.
std::string Dump(const ordered_json& value, int indent) {
  return value.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

// A text that YAML reads as itself without quotes.
bool IsPlain(const std::string& text) {
  // Words that YAML reads as values, in any case of letters.
  for (absl::string_view word :
       {"", "true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (absl::EqualsIgnoreCase(text, word)) return false;
  }
  // Anything else that could be a number, a date, or a mark is quoted.
  if (!absl::ascii_isalpha(static_cast<unsigned char>(text.front()))) {
    return false;
  }
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' &&
        c != '_' && c != '.' && c != '/' && c != ' ') {
      return false;
    }
  }
  return text.back() != ' ';
}

void AppendYaml(const ordered_json& value, size_t indent, std::string& out);

void AppendYamlText(const std::string& text, size_t indent, std::string& out) {
  const bool is_block = text.find('\n') != std::string::npos &&
                        text.front() != ' ' && text.front() != '\n';
  if (!is_block) {
    absl::StrAppend(&out, " ", IsPlain(text) ? text : Dump(text, -1), "\n");
    return;
  }
  const bool ends = text.back() == '\n';
  absl::StrAppend(&out, ends ? " |" : " |-", "\n");
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (ends) lines.pop_back();
  for (absl::string_view line : lines) {
    if (!line.empty()) absl::StrAppend(&out, std::string(indent, ' '), line);
    out += '\n';
  }
}

// After "key:" or "-": the value, on this line or on the next ones.
void AppendYamlValue(const ordered_json& value, size_t indent,
                     std::string& out) {
  if (value.is_string()) {
    AppendYamlText(value.get_ref<const std::string&>(), indent, out);
  } else if (value.is_structured() && !value.empty()) {
    out += '\n';
    AppendYaml(value, indent, out);
  } else {
    absl::StrAppend(&out, " ", Dump(value, -1), "\n");
  }
}

void AppendYaml(const ordered_json& value, size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  if (value.is_array()) {
    for (const auto& element : value) {
      if (!element.is_object() || element.empty()) {
        absl::StrAppend(&out, margin, "-");
        AppendYamlValue(element, indent + 2, out);
        continue;
      }
      // The first key stands beside the dash.
      std::string object;
      AppendYaml(element, indent + 2, object);
      object[indent] = '-';
      out += object;
    }
    return;
  }
  for (const auto& [key, member] : value.items()) {
    absl::StrAppend(&out, margin, IsPlain(key) ? key : Dump(key, -1), ":");
    AppendYamlValue(member, indent + 2, out);
  }
}

}  // namespace

std::string ToJsonText(const Message& message, const CommandList& commands) {
  return Dump(ToTree(message, commands), 2) + "\n";
}

std::string ToYamlText(const Message& message, const CommandList& commands) {
  const ordered_json tree = ToTree(message, commands);
  if (tree.empty()) return "{}\n";
  std::string out;
  AppendYaml(tree, 0, out);
  return out;
}

}  // namespace howdah::ctl
