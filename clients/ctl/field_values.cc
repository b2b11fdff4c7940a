#include "clients/ctl/field_values.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/protobuf/util/json_util.h"
#include "proto/support/enum_names.h"
#include "proto/support/nearest_name.h"

namespace howdah::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

absl::Status Expected(const Parameter& parameter, const std::string& what,
                      const std::string& text) {
  const std::string name =
      parameter.positional ? parameter.placeholder : parameter.flag;
  std::string sentence =
      absl::StrCat(name, " needs ", what, ", not \"", text, "\".");
  if (!parameter.facts.example().empty()) {
    absl::StrAppend(&sentence, " Example: ", parameter.facts.example(), ".");
  }
  return absl::InvalidArgumentError(sentence);
}

absl::Status SetNumber(const Parameter& parameter, const std::string& text,
                       Message& message) {
  const FieldDescriptor* field = parameter.field;
  const Reflection* reflection = message.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    int32_t number = 0;
    if (!absl::SimpleAtoi(text, &number)) {
      return Expected(parameter, "a whole number", text);
    }
    reflection->SetInt32(&message, field, number);
  } else {
    int64_t number = 0;
    if (!absl::SimpleAtoi(text, &number)) {
      return Expected(parameter, "a whole number", text);
    }
    reflection->SetInt64(&message, field, number);
  }
  return absl::OkStatus();
}

absl::Status SetEnum(const Parameter& parameter, const std::string& text,
                     Message& message) {
  const auto* type = parameter.field->enum_type();
  const std::optional<int> number = support::EnumNumber(type, text);
  if (!number) {
    const std::vector<std::string> names = support::EnumNames(type);
    return Expected(parameter,
                    absl::StrCat("one of ", absl::StrJoin(names, ", ")), text);
  }
  if (parameter.field->is_repeated()) {
    message.GetReflection()->AddEnumValue(&message, parameter.field, *number);
  } else {
    message.GetReflection()->SetEnumValue(&message, parameter.field, *number);
  }
  return absl::OkStatus();
}

// One value; `index` is -1 unless the field is repeated.
std::string ScalarText(const Message& message, const FieldDescriptor& field,
                       int index) {
  const Reflection& r = *message.GetReflection();
  const bool repeated = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return (repeated ? r.GetRepeatedBool(message, &field, index)
                       : r.GetBool(message, &field))
                 ? "yes"
                 : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(repeated ? r.GetRepeatedInt32(message, &field, index)
                                   : r.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(repeated ? r.GetRepeatedInt64(message, &field, index)
                                   : r.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(repeated ? r.GetRepeatedUInt32(message, &field, index)
                                   : r.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(repeated ? r.GetRepeatedUInt64(message, &field, index)
                                   : r.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(repeated ? r.GetRepeatedDouble(message, &field, index)
                                   : r.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(repeated ? r.GetRepeatedFloat(message, &field, index)
                                   : r.GetFloat(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? r.GetRepeatedString(message, &field, index)
                      : r.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = repeated
                             ? r.GetRepeatedEnumValue(message, &field, index)
                             : r.GetEnumValue(message, &field);
      if (number == 0) return "";
      return support::EnumName(field.enum_type(), number);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const Message& part = repeated ? r.GetRepeatedMessage(message, &field, index)
                                 : r.GetMessage(message, &field);
  if (IsJson(*field.message_type())) return JsonText(part);
  return IsTimestamp(*field.message_type()) ? TimestampText(part) : "";
}

}  // namespace

absl::Status SetFieldFromText(const Parameter& parameter,
                              const std::string& text, Message& message) {
  const FieldDescriptor* field = parameter.field;
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->is_repeated()) {
        reflection->AddString(&message, field, text);
      } else {
        reflection->SetString(&message, field, text);
      }
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") {
        return Expected(parameter, "true or false", text);
      }
      reflection->SetBool(&message, field, text == "true");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return SetNumber(parameter, text, message);
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(parameter, text, message);
    default:
      return absl::InvalidArgumentError(
          absl::StrCat(parameter.flag, " cannot be set from a command line."));
  }
}

std::string FieldText(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    if (field.has_presence() && !reflection.HasField(message, &field)) {
      return "";
    }
    return ScalarText(message, field, -1);
  }
  std::vector<std::string> values;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    values.push_back(ScalarText(message, field, i));
  }
  return absl::StrJoin(values, ", ");
}

bool IsTimestamp(const google::protobuf::Descriptor& type) {
  return type.full_name() == "google.protobuf.Timestamp";
}

bool IsJson(const google::protobuf::Descriptor& type) {
  return type.full_name() == "google.protobuf.Value";
}

std::string JsonText(const Message& value) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string text;
  const auto status =
      google::protobuf::util::MessageToJsonString(value, &text, options);
  return status.ok() ? text : "null";
}

std::string TimestampText(const Message& timestamp) {
  const auto* type = timestamp.GetDescriptor();
  const auto* reflection = timestamp.GetReflection();
  const absl::Time time = absl::FromUnixSeconds(
      reflection->GetInt64(timestamp, type->FindFieldByName("seconds")));
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace howdah::ctl
