#include "backend/services/aws_conversion.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "backend/aws/runner/redaction.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::aws::v1;
using nlohmann::json;

constexpr int64_t kExactInteger = int64_t{1} << 53;

void SetNumber(const json& from, google::protobuf::Value* to) {
  const bool exact =
      from.is_number_float() ||
      (from.is_number_unsigned()
           ? from.get<uint64_t>() <= static_cast<uint64_t>(kExactInteger)
           : from.get<int64_t>() >= -kExactInteger);
  if (exact) {
    to->set_number_value(from.get<double>());
  } else {
    to->set_string_value(from.dump());
  }
}

pb::Profile::CredentialKind ToProto(aws::runner::CredentialKind kind) {
  using Kind = aws::runner::CredentialKind;
  switch (kind) {
    case Kind::kNone:
      return pb::Profile::CREDENTIAL_KIND_ENVIRONMENT;
    case Kind::kAccessKey:
      return pb::Profile::CREDENTIAL_KIND_ACCESS_KEY;
    case Kind::kSession:
      return pb::Profile::CREDENTIAL_KIND_SESSION;
    case Kind::kSso:
      return pb::Profile::CREDENTIAL_KIND_SSO;
    case Kind::kAssumeRole:
      return pb::Profile::CREDENTIAL_KIND_ASSUME_ROLE;
    case Kind::kWebIdentity:
      return pb::Profile::CREDENTIAL_KIND_WEB_IDENTITY;
    case Kind::kProcess:
      return pb::Profile::CREDENTIAL_KIND_PROCESS;
  }
  return pb::Profile::CREDENTIAL_KIND_UNSPECIFIED;
}

}  // namespace

void SetValue(const json& from, google::protobuf::Value* to) {
  if (from.is_object()) {
    auto& members = *to->mutable_struct_value()->mutable_fields();
    for (const auto& member : from.items()) {
      SetValue(member.value(), &members[member.key()]);
    }
  } else if (from.is_array()) {
    auto& list = *to->mutable_list_value();
    for (const json& item : from) SetValue(item, list.add_values());
  } else if (from.is_string()) {
    to->set_string_value(from.get<std::string>());
  } else if (from.is_boolean()) {
    to->set_bool_value(from.get<bool>());
  } else if (from.is_number()) {
    SetNumber(from, to);
  } else {
    to->set_null_value(google::protobuf::NULL_VALUE);
  }
}

pb::CommandClass ToProto(aws::CommandClass command_class) {
  switch (command_class) {
    case aws::CommandClass::kRead:
      return pb::COMMAND_CLASS_READ;
    case aws::CommandClass::kWrite:
      return pb::COMMAND_CLASS_WRITE;
    case aws::CommandClass::kDestructive:
      return pb::COMMAND_CLASS_DESTRUCTIVE;
    case aws::CommandClass::kExecute:
      return pb::COMMAND_CLASS_EXECUTE;
    case aws::CommandClass::kForbidden:
      return pb::COMMAND_CLASS_FORBIDDEN;
  }
  return pb::COMMAND_CLASS_UNSPECIFIED;
}

std::vector<pb::CommandFlag> ToProto(aws::CommandFlags flags) {
  std::vector<pb::CommandFlag> result;
  for (const std::string& name : aws::FlagNames(flags)) {
    pb::CommandFlag flag;
    if (pb::CommandFlag_Parse(absl::StrCat("COMMAND_FLAG_", name), &flag)) {
      result.push_back(flag);
    }
  }
  return result;
}

pb::Profile ToProto(const aws::runner::CliProfile& profile) {
  pb::Profile result;
  result.set_name(profile.name);
  result.set_region(profile.region);
  result.set_credentials(ToProto(profile.credentials));
  result.set_role_arn(profile.role_arn);
  result.set_source_profile(profile.source_profile);
  result.set_account(profile.account);
  return result;
}

std::vector<std::string> ShownArguments(const aws::ParsedCommand& parsed) {
  std::vector<std::string> words = parsed.DisplayArguments();
  for (std::string& word : words) word = aws::runner::RedactText(word);
  if (!parsed.profile.empty()) {
    words.insert(words.end(), {"--profile", parsed.profile});
  }
  if (!parsed.region.empty()) {
    words.insert(words.end(), {"--region", parsed.region});
  }
  return words;
}

}  // namespace howdah::services
