// Enum values as people write them: in lower case, without the enum's name.
//
//   EnumName(ReclaimPolicy_descriptor(), RECLAIM_POLICY_RETAIN) => "retain"
//   EnumNumber(ReclaimPolicy_descriptor(), "retain")            => 1
//   EnumNames(ReclaimPolicy_descriptor()) => {"retain", "delete"}
#ifndef HOWDAH_PROTO_SUPPORT_ENUM_NAMES_H_
#define HOWDAH_PROTO_SUPPORT_ENUM_NAMES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace howdah::support {

// Name of a value; a number that the enum does not have gives its digits.
std::string EnumName(const google::protobuf::EnumDescriptor* type, int number);
std::string EnumName(const google::protobuf::EnumValueDescriptor& value);

// Number of a name in the short form, or as it stands in the contract
// ("RECLAIM_POLICY_RETAIN"). Nothing for other names and for the unspecified
// value.
std::optional<int> EnumNumber(const google::protobuf::EnumDescriptor* type,
                              absl::string_view name);

// Short names of all values but the unspecified one, in order.
std::vector<std::string> EnumNames(
    const google::protobuf::EnumDescriptor* type);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_ENUM_NAMES_H_
