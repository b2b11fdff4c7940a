#include "proto/support/enum_names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace howdah::support {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

// "RECLAIM_POLICY_" for ReclaimPolicy.
std::string PrefixOf(const EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(c));
  }
  prefix.push_back('_');
  return prefix;
}

bool IsUnspecified(const EnumValueDescriptor& value) {
  return value.number() == 0 && absl::EndsWith(value.name(), "UNSPECIFIED");
}

}  // namespace

std::string EnumName(const EnumValueDescriptor& value) {
  absl::string_view name = value.name();
  const std::string prefix = PrefixOf(*value.type());
  if (absl::StartsWith(name, prefix)) name.remove_prefix(prefix.size());
  return absl::AsciiStrToLower(name);
}

std::string EnumName(const EnumDescriptor* type, int number) {
  const EnumValueDescriptor* value = type->FindValueByNumber(number);
  return value == nullptr ? absl::StrCat(number) : EnumName(*value);
}

std::optional<int> EnumNumber(const EnumDescriptor* type,
                              absl::string_view name) {
  for (int i = 0; i < type->value_count(); ++i) {
    const EnumValueDescriptor& value = *type->value(i);
    if (IsUnspecified(value)) continue;
    if (name == value.name() || name == EnumName(value)) return value.number();
  }
  return std::nullopt;
}

std::vector<std::string> EnumNames(const EnumDescriptor* type) {
  std::vector<std::string> names;
  for (int i = 0; i < type->value_count(); ++i) {
    if (!IsUnspecified(*type->value(i))) {
      names.push_back(EnumName(*type->value(i)));
    }
  }
  return names;
}

}  // namespace howdah::support
