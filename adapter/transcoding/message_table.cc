#include "adapter/transcoding/message_table.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace howdah::transcoding {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::MessageFactory;
using ::google::protobuf::Reflection;

// "ReclaimPolicy" -> "RECLAIM_POLICY_", the prefix of its values.
std::string ValuePrefix(absl::string_view enum_name) {
  std::string prefix;
  for (const char c : enum_name) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(c);
  }
  return prefix + "_";
}

FieldKind MessageKind(const FieldDescriptor& field) {
  if (field.is_map()) return FieldKind::kMap;
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return FieldKind::kTimestamp;
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return FieldKind::kDuration;
    case Descriptor::WELLKNOWNTYPE_ANY:
      return FieldKind::kAny;
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return FieldKind::kJson;
    default:
      return FieldKind::kMessage;
  }
}

FieldKind KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return FieldKind::kBool;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      return FieldKind::kInteger;
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      return FieldKind::kLongInteger;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return FieldKind::kNumber;
    case FieldDescriptor::CPPTYPE_ENUM:
      return FieldKind::kEnum;
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? FieldKind::kBytes
                                                         : FieldKind::kString;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageKind(field);
  }
  return FieldKind::kString;
}

}  // namespace

EnumTable::EnumTable(const EnumDescriptor& descriptor)
    : descriptor_(descriptor) {
  const std::string prefix = ValuePrefix(descriptor.name());
  for (int i = 0; i < descriptor.value_count(); ++i) {
    const auto& value = *descriptor.value(i);
    if (value.number() == 0 && absl::EndsWith(value.name(), "UNSPECIFIED")) {
      continue;
    }
    values_.emplace_back(
        value.number(),
        absl::AsciiStrToLower(absl::StripPrefix(value.name(), prefix)));
  }
}

absl::string_view EnumTable::Name(int number) const {
  for (const auto& [known, name] : values_) {
    if (known == number) return name;
  }
  return "";
}

std::optional<int> EnumTable::Number(absl::string_view name) const {
  for (const auto& [number, known] : values_) {
    if (absl::EqualsIgnoreCase(known, name)) return number;
  }
  const auto* value = descriptor_.FindValueByName(absl::AsciiStrToUpper(name));
  if (value != nullptr && !Name(value->number()).empty()) {
    return value->number();
  }
  return std::nullopt;
}

const FieldTable* MessageTable::Find(absl::string_view name) const {
  for (const FieldTable& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

MessageTables::MessageTables() = default;
MessageTables::~MessageTables() = default;

const EnumTable* MessageTables::For(const EnumDescriptor& descriptor) {
  std::unique_ptr<EnumTable>& table = enums_[&descriptor];
  if (table == nullptr) table = std::make_unique<EnumTable>(descriptor);
  return table.get();
}

const MessageTable& MessageTables::For(const Descriptor& descriptor) {
  if (auto it = messages_.find(&descriptor); it != messages_.end()) {
    return *it->second;
  }
  // Entered before its fields are visited: a message may contain itself.
  MessageTable& table =
      *(messages_[&descriptor] = std::make_unique<MessageTable>());
  table.descriptor = &descriptor;
  table.is_page = descriptor.FindFieldByName("next_page_token") != nullptr;
  const Reflection* reflection = MessageFactory::generated_factory()
                                     ->GetPrototype(&descriptor)
                                     ->GetReflection();
  table.fields.reserve(descriptor.field_count());
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    FieldTable& entry = table.fields.emplace_back();
    entry.descriptor = &field;
    entry.reflection = reflection;
    entry.name = field.name();
    entry.json_key = absl::StrCat("\"", field.name(), "\":");
    entry.kind = KindOf(field);
    entry.repeated = field.is_repeated() && !field.is_map();
    entry.has_presence = field.has_presence();
    entry.facts = &field.options().GetExtension(howdah::mcp::v1::field);
    if (entry.kind == FieldKind::kEnum) {
      entry.enumeration = For(*field.enum_type());
    }
    if (entry.kind == FieldKind::kMessage || entry.kind == FieldKind::kMap) {
      entry.message = &For(*field.message_type());
    }
  }
  return table;
}

}  // namespace howdah::transcoding
