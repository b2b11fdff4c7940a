#include "adapter/transcoding/message_to_json.h"

#include <charconv>
#include <cmath>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "adapter/transcoding/json_text.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace howdah::transcoding {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

// Short, but exact: what reads it gets the same number.
template <typename Number>
void AppendJsonNumber(Number number, std::string& out) {
  constexpr Number kExactInteger = 9007199254740992;  // 2^53
  if (std::abs(number) <= kExactInteger && number == std::trunc(number)) {
    absl::StrAppend(&out, static_cast<int64_t>(number));
  } else if (std::isfinite(number)) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
    out.append(text, end);
  } else {
    // JSON has no such numbers; proto3's own mapping writes these strings.
    absl::StrAppend(&out, "\"",
                    std::isnan(number) ? "NaN"
                    : number > 0       ? "Infinity"
                                       : "-Infinity",
                    "\"");
  }
}

// Reads one value of a field, be the field a list or not.
class Value {
 public:
  Value(const Message& message, const FieldTable& field, int index)
      : message_(message),
        reflection_(*field.reflection),
        field_(field.descriptor),
        index_(index) {}

  bool Bool() const {
    return index_ < 0 ? reflection_.GetBool(message_, field_)
                      : reflection_.GetRepeatedBool(message_, field_, index_);
  }
  int Enum() const {
    return index_ < 0
               ? reflection_.GetEnumValue(message_, field_)
               : reflection_.GetRepeatedEnumValue(message_, field_, index_);
  }
  const std::string& String(std::string& scratch) const {
    return index_ < 0
               ? reflection_.GetStringReference(message_, field_, &scratch)
               : reflection_.GetRepeatedStringReference(message_, field_,
                                                        index_, &scratch);
  }
  const Message& Child() const {
    return index_ < 0
               ? reflection_.GetMessage(message_, field_)
               : reflection_.GetRepeatedMessage(message_, field_, index_);
  }
  void AppendNumber(std::string& out) const;

 private:
  const Message& message_;
  const Reflection& reflection_;
  const FieldDescriptor* field_;
  int index_;
};

void Value::AppendNumber(std::string& out) const {
  const bool list = index_ >= 0;
  switch (field_->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(
          &out, list ? reflection_.GetRepeatedInt32(message_, field_, index_)
                     : reflection_.GetInt32(message_, field_));
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      absl::StrAppend(
          &out, list ? reflection_.GetRepeatedUInt32(message_, field_, index_)
                     : reflection_.GetUInt32(message_, field_));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      absl::StrAppend(
          &out, "\"",
          list ? reflection_.GetRepeatedInt64(message_, field_, index_)
               : reflection_.GetInt64(message_, field_),
          "\"");
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      absl::StrAppend(
          &out, "\"",
          list ? reflection_.GetRepeatedUInt64(message_, field_, index_)
               : reflection_.GetUInt64(message_, field_),
          "\"");
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AppendJsonNumber(
          list ? reflection_.GetRepeatedFloat(message_, field_, index_)
               : reflection_.GetFloat(message_, field_),
          out);
    default:
      return AppendJsonNumber(
          list ? reflection_.GetRepeatedDouble(message_, field_, index_)
               : reflection_.GetDouble(message_, field_),
          out);
  }
}

void AppendMap(const Message& message, const FieldTable& field,
               std::string& out) {
  const Reflection& reflection = *field.reflection;
  const int size = reflection.FieldSize(message, field.descriptor);
  const FieldTable& key = field.message->fields[0];
  const FieldTable& value = field.message->fields[1];
  out += '{';
  for (int i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    const Message& entry =
        reflection.GetRepeatedMessage(message, field.descriptor, i);
    if (key.kind == FieldKind::kString || key.kind == FieldKind::kLongInteger) {
      AppendFieldValueJson(entry, key, -1, out);
    } else {
      out += '"';
      AppendFieldValueJson(entry, key, -1, out);
      out += '"';
    }
    out += ':';
    AppendFieldValueJson(entry, value, -1, out);
  }
  out += '}';
}

// Only the type: what is packed has tables of its own and is unpacked by the
// caller who expects it.
void AppendAny(const Message& message, std::string& out) {
  out += "{\"@type\":";
  AppendJsonString(
      static_cast<const google::protobuf::Any&>(message).type_url(), out);
  out += '}';
}

void AppendJsonValue(const google::protobuf::Value& value, std::string& out) {
  using google::protobuf::Value;
  switch (value.kind_case()) {
    case Value::kBoolValue:
      out += value.bool_value() ? "true" : "false";
      return;
    case Value::kNumberValue:
      return AppendJsonNumber(value.number_value(), out);
    case Value::kStringValue:
      return AppendJsonString(value.string_value(), out);
    case Value::kListValue: {
      out += '[';
      for (int i = 0; i < value.list_value().values_size(); ++i) {
        if (i > 0) out += ',';
        AppendJsonValue(value.list_value().values(i), out);
      }
      out += ']';
      return;
    }
    case Value::kStructValue: {
      // A map has no order of its own; the same value is to give the same text.
      std::map<absl::string_view, const Value*> members;
      for (const auto& [name, member] : value.struct_value().fields()) {
        members.emplace(name, &member);
      }
      out += '{';
      bool first = true;
      for (const auto& [name, member] : members) {
        if (!first) out += ',';
        first = false;
        AppendJsonString(name, out);
        out += ':';
        AppendJsonValue(*member, out);
      }
      out += '}';
      return;
    }
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      out += "null";
      return;
  }
}

// A text that is shown unless it is empty.
bool IsPlainText(const FieldTable& field) {
  return field.kind == FieldKind::kString && !field.repeated &&
         !field.has_presence && !field.facts->secret();
}

std::string Fraction(int nanos) {
  if (nanos == 0) return "";
  std::string digits = absl::StrCat(1000000000 + nanos).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return absl::StrCat(".", digits);
}

// The last `digits` digits, with leading zeros; a time has four for the year at
// most. absl::FormatTime takes ten times as long.
void AppendDigits(int64_t number, int digits, std::string& out) {
  out.append(digits, '0');
  for (auto place = out.rbegin(); digits > 0; --digits, ++place) {
    *place = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

}  // namespace

std::string TimestampText(const Message& timestamp) {
  const auto& value =
      static_cast<const google::protobuf::Timestamp&>(timestamp);
  const absl::CivilSecond time = absl::ToCivilSecond(
      absl::FromUnixSeconds(value.seconds()), absl::UTCTimeZone());
  std::string text;
  text.reserve(sizeof "2000-01-01T00:00:00.000000000Z");
  AppendDigits(time.year(), 4, text);
  text += '-';
  AppendDigits(time.month(), 2, text);
  text += '-';
  AppendDigits(time.day(), 2, text);
  text += 'T';
  AppendDigits(time.hour(), 2, text);
  text += ':';
  AppendDigits(time.minute(), 2, text);
  text += ':';
  AppendDigits(time.second(), 2, text);
  absl::StrAppend(&text, Fraction(value.nanos()), "Z");
  return text;
}

std::string DurationText(const Message& duration) {
  const auto& value = static_cast<const google::protobuf::Duration&>(duration);
  const bool negative = value.seconds() < 0 || value.nanos() < 0;
  return absl::StrCat(negative ? "-" : "", std::abs(value.seconds()),
                      Fraction(std::abs(value.nanos())), "s");
}

bool IsShown(const Message& message, const MessageTable& table,
             const FieldTable& field) {
  if (field.facts->secret()) return false;
  const Reflection& reflection = *field.reflection;
  if (field.repeated || field.kind == FieldKind::kMap) {
    return (table.is_page && field.repeated) ||
           reflection.FieldSize(message, field.descriptor) > 0;
  }
  if (field.has_presence) {
    return reflection.HasField(message, field.descriptor);
  }
  switch (field.kind) {
    case FieldKind::kString:
    case FieldKind::kBytes: {
      std::string scratch;
      return !reflection.GetStringReference(message, field.descriptor, &scratch)
                  .empty();
    }
    case FieldKind::kEnum:
      return !field.enumeration
                  ->Name(reflection.GetEnumValue(message, field.descriptor))
                  .empty();
    default:
      return true;
  }
}

void AppendFieldValueJson(const Message& message, const FieldTable& field,
                          int index, std::string& out) {
  const Value value(message, field, index);
  std::string scratch;
  switch (field.kind) {
    case FieldKind::kBool:
      out += value.Bool() ? "true" : "false";
      return;
    case FieldKind::kInteger:
    case FieldKind::kLongInteger:
    case FieldKind::kNumber:
      return value.AppendNumber(out);
    case FieldKind::kString:
      return AppendJsonString(value.String(scratch), out);
    case FieldKind::kBytes:
      absl::StrAppend(&out, "\"", absl::Base64Escape(value.String(scratch)),
                      "\"");
      return;
    case FieldKind::kEnum:
      return AppendJsonString(field.enumeration->Name(value.Enum()), out);
    case FieldKind::kTimestamp:
      absl::StrAppend(&out, "\"", TimestampText(value.Child()), "\"");
      return;
    case FieldKind::kDuration:
      absl::StrAppend(&out, "\"", DurationText(value.Child()), "\"");
      return;
    case FieldKind::kAny:
      return AppendAny(value.Child(), out);
    case FieldKind::kJson:
      return AppendJsonValue(
          static_cast<const google::protobuf::Value&>(value.Child()), out);
    case FieldKind::kMessage:
      return AppendMessageJson(value.Child(), *field.message, out);
    case FieldKind::kMap:
      return AppendMap(message, field, out);
  }
}

void AppendMessageJson(const Message& message, const MessageTable& table,
                       std::string& out) {
  out += '{';
  bool first = true;
  std::string scratch;
  for (const FieldTable& field : table.fields) {
    const absl::string_view separator = first ? "" : ",";
    if (IsPlainText(field)) {
      // Most fields; each is looked up once only.
      const std::string& text = field.reflection->GetStringReference(
          message, field.descriptor, &scratch);
      if (text.empty()) continue;
      absl::StrAppend(&out, separator, field.json_key);
      AppendJsonString(text, out);
      first = false;
      continue;
    }
    if (!IsShown(message, table, field)) continue;
    absl::StrAppend(&out, separator, field.json_key);
    first = false;
    if (!field.repeated) {
      AppendFieldValueJson(message, field, -1, out);
      continue;
    }
    const int size = field.reflection->FieldSize(message, field.descriptor);
    out += '[';
    for (int i = 0; i < size; ++i) {
      if (i > 0) out += ',';
      AppendFieldValueJson(message, field, i, out);
    }
    out += ']';
  }
  out += '}';
}

}  // namespace howdah::transcoding
