#include "backend/validation/field_rules.h"

#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/support/enum_names.h"
#include "proto/support/status_details.h"
#include "re2/re2.h"

namespace howdah::validation {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kDefaultMaxBytes = 4096;
// Bytes of a wrong value that are told back to who sent it.
constexpr size_t kLongestGot = 60;

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return true;
    default:
      return false;
  }
}

int64_t NumberAt(const Message& message, const FieldDescriptor* field,
                 int index) {
  const Reflection& r = *message.GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? r.GetRepeatedInt32(message, field, index)
                  : r.GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? r.GetRepeatedUInt32(message, field, index)
                  : r.GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT64: {
      const uint64_t value = many ? r.GetRepeatedUInt64(message, field, index)
                                  : r.GetUInt64(message, field);
      constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
      return static_cast<int64_t>(std::min(value, kMost));
    }
    default:
      return many ? r.GetRepeatedInt64(message, field, index)
                  : r.GetInt64(message, field);
  }
}

std::string Quoted(absl::string_view value) {
  if (value.size() <= kLongestGot) {
    return absl::StrCat("\"", absl::Utf8SafeCEscape(value), "\"");
  }
  size_t end = kLongestGot;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) {
    --end;
  }
  return absl::StrCat("\"", absl::Utf8SafeCEscape(value.substr(0, end)),
                      "…\" (", value.size(), " bytes)");
}

absl::Status Contradiction(const FieldDescriptor& field,
                           absl::string_view what) {
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "CONTRACT_CONTRADICTION", support::kHowdahDomain)
      .Message(
          absl::StrCat("The contract of ", field.full_name(), ": ", what, "."))
      .Build();
}

// The text of a JSON string without escapes.
std::optional<std::string> Unquote(absl::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') {
    return std::nullopt;
  }
  const absl::string_view text = json.substr(1, json.size() - 2);
  if (text.find_first_of("\"\\") != absl::string_view::npos) {
    return std::nullopt;
  }
  return std::string(text);
}

std::function<void(Message&)> NumberDefault(const FieldDescriptor* field,
                                            int64_t value) {
  return [field, value](Message& message) {
    const Reflection& r = *message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return r.SetInt32(&message, field, static_cast<int32_t>(value));
      case FieldDescriptor::CPPTYPE_UINT32:
        return r.SetUInt32(&message, field, static_cast<uint32_t>(value));
      case FieldDescriptor::CPPTYPE_UINT64:
        return r.SetUInt64(&message, field, static_cast<uint64_t>(value));
      default:
        return r.SetInt64(&message, field, value);
    }
  };
}

// Null if the default is not a value of the field's type.
std::function<void(Message&)> PrepareDefault(const FieldDescriptor* field,
                                             const std::string& json) {
  if (field->is_repeated()) return nullptr;
  if (IsNumber(*field)) {
    int64_t value = 0;
    if (!absl::SimpleAtoi(json, &value)) return nullptr;
    return NumberDefault(field, value);
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      if (json != "true" && json != "false") return nullptr;
      return [field, value = json == "true"](Message& message) {
        message.GetReflection()->SetBool(&message, field, value);
      };
    case FieldDescriptor::CPPTYPE_STRING: {
      std::optional<std::string> text = Unquote(json);
      if (!text) return nullptr;
      return [field, value = *text](Message& message) {
        message.GetReflection()->SetString(&message, field, value);
      };
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::optional<std::string> text = Unquote(json);
      if (!text) return nullptr;
      const auto number = support::EnumNumber(field->enum_type(), *text);
      if (!number) return nullptr;
      return [field, value = *number](Message& message) {
        message.GetReflection()->SetEnumValue(&message, field, value);
      };
    }
    default:
      return nullptr;
  }
}

}  // namespace

bool FieldRules::IsPresent(const Message& message) const {
  const Reflection& reflection = *message.GetReflection();
  if (field->is_repeated()) return reflection.FieldSize(message, field) > 0;
  // For fields without presence this is "not the zero value".
  return reflection.HasField(message, field);
}

std::string FieldRules::Expected() const {
  if (IsNumber(*field)) {
    if (facts.has_minimum() && facts.has_maximum()) {
      return absl::StrCat("a whole number from ", minimum, " to ", maximum);
    }
    if (facts.has_minimum()) {
      return absl::StrCat("a whole number of at least ", minimum);
    }
    return facts.has_maximum()
               ? absl::StrCat("a whole number of at most ", maximum)
               : "a whole number";
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return absl::StrCat(
        "one of ", absl::StrJoin(support::EnumNames(field->enum_type()), ", "));
  }
  if (facts.format() != mcp::v1::FORMAT_UNSPECIFIED) {
    return std::string(format->expected);
  }
  if (!facts.pattern().empty()) {
    return absl::StrCat("a text that matches ", facts.pattern());
  }
  return absl::StrCat("a text of at most ", max_bytes, " bytes");
}

Complaint FieldRules::Complain(const std::string& got) const {
  Complaint complaint = absl::StrCat("expected ", Expected());
  if (!facts.secret() && !got.empty()) {
    absl::StrAppend(&complaint, ", got ", got);
  }
  std::string example = facts.example();
  if (example.empty() && facts.format() != mcp::v1::FORMAT_UNSPECIFIED) {
    example = std::string(format->example);
  }
  if (example.empty() && IsNumber(*field)) {
    example = facts.default_json().empty() ? absl::StrCat(minimum)
                                           : facts.default_json();
  }
  if (!example.empty()) {
    absl::StrAppend(&complaint, "; for example ",
                    IsNumber(*field) ? example : Quoted(example));
  }
  return complaint;
}

Complaint FieldRules::Missing() const {
  return absl::StrCat("is required: ", Complain(""));
}

Complaint FieldRules::CheckText(const std::string& value) const {
  const bool fits = value.size() <= max_bytes && format->matches(value) &&
                    (!matches_pattern || matches_pattern(value));
  return fits ? Complaint() : Complain(Quoted(value));
}

Complaint FieldRules::CheckNumber(int64_t value) const {
  const bool fits = value >= minimum && value <= maximum;
  return fits ? Complaint() : Complain(absl::StrCat(value));
}

Complaint FieldRules::CheckValue(const Message& message, int index) const {
  const Reflection& r = *message.GetReflection();
  if (IsNumber(*field)) return CheckNumber(NumberAt(message, field, index));
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const int number = field->is_repeated()
                           ? r.GetRepeatedEnumValue(message, field, index)
                           : r.GetEnumValue(message, field);
    const bool known = field->enum_type()->FindValueByNumber(number) != nullptr;
    return known ? Complaint() : Complain(absl::StrCat(number));
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    std::string scratch;
    const std::string& value =
        field->is_repeated()
            ? r.GetRepeatedStringReference(message, field, index, &scratch)
            : r.GetStringReference(message, field, &scratch);
    if (field->type() == FieldDescriptor::TYPE_BYTES) {
      return value.size() <= max_bytes
                 ? Complaint()
                 : Complain(absl::StrCat(value.size(), " bytes"));
    }
    return CheckText(value);
  }
  return Complaint();
}

absl::StatusOr<FieldRules> PrepareRules(const FieldDescriptor& field) {
  FieldRules rules;
  rules.field = &field;
  rules.facts = field.options().GetExtension(mcp::v1::field);
  rules.format = &support::FormatFacts(rules.facts.format());
  rules.max_bytes = rules.facts.max_bytes() > 0
                        ? static_cast<size_t>(rules.facts.max_bytes())
                        : kDefaultMaxBytes;
  rules.minimum = rules.facts.has_minimum()
                      ? rules.facts.minimum()
                      : std::numeric_limits<int64_t>::min();
  rules.maximum = rules.facts.has_maximum()
                      ? rules.facts.maximum()
                      : std::numeric_limits<int64_t>::max();
  if ((rules.facts.has_minimum() || rules.facts.has_maximum()) &&
      !IsNumber(field)) {
    return Contradiction(field, "bounds need a field of whole numbers");
  }
  const bool text = field.type() == FieldDescriptor::TYPE_STRING;
  if (rules.facts.format() != mcp::v1::FORMAT_UNSPECIFIED && !text) {
    return Contradiction(field, "a format needs a string field");
  }
  if (!rules.facts.default_json().empty()) {
    rules.set_default = PrepareDefault(&field, rules.facts.default_json());
    if (rules.set_default == nullptr) {
      return Contradiction(field, "the default is not a value of its type");
    }
  }
  if (!rules.facts.pattern().empty()) {
    auto pattern = std::make_shared<const RE2>(rules.facts.pattern());
    if (!pattern->ok() || !text) {
      return Contradiction(field, "the pattern cannot be used");
    }
    rules.matches_pattern = [pattern](const std::string& value) {
      return RE2::FullMatch(value, *pattern);
    };
  }
  return rules;
}

}  // namespace howdah::validation
