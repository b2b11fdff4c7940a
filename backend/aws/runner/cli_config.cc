#include "backend/aws/runner/cli_config.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace howdah::aws::runner {
namespace {

using Settings = std::map<std::string, std::string>;
using Profiles = std::map<std::string, Settings>;

// About who acts, where, and how stubbornly. `s3` holds settings of its own.
bool MayPass(absl::string_view key) {
  static const auto& keys = *new absl::flat_hash_set<absl::string_view>{
      "account_id_endpoint_mode",
      "aws_access_key_id",
      "aws_account_id",
      "aws_secret_access_key",
      "aws_session_token",
      "ca_bundle",
      "credential_process",
      "credential_source",
      "defaults_mode",
      "duration_seconds",
      "ec2_metadata_v1_disabled",
      "external_id",
      "login_session",
      "max_attempts",
      "metadata_service_num_attempts",
      "metadata_service_timeout",
      "mfa_serial",
      "region",
      "retry_mode",
      "role_arn",
      "role_session_name",
      "s3",
      "source_profile",
      "sso_account_id",
      "sso_region",
      "sso_registration_scopes",
      "sso_role_name",
      "sso_session",
      "sso_start_url",
      "sts_regional_endpoints",
      "tcp_keepalive",
      "use_dualstack_endpoint",
      "use_fips_endpoint",
      "web_identity_token_file",
  };
  return keys.contains(key);
}

// Inside of `s3`: how objects are moved, not where to.
bool MayPassInside(absl::string_view key) {
  return absl::StartsWith(key, "max_") || absl::StartsWith(key, "multipart_") ||
         key == "addressing_style" || key == "payload_signing_enabled" ||
         key == "use_accelerate_endpoint" || key == "use_dualstack_endpoint";
}

struct Section {
  std::string kind;  // "default", "profile", "sso-session", "plugins", …
  std::string name;
};

// Of the text between [ and ].
Section ReadSection(absl::string_view text, bool credentials) {
  text = absl::StripAsciiWhitespace(text);
  if (text == "default") return {"profile", "default"};
  if (credentials) return {"profile", std::string(text)};
  const std::pair<absl::string_view, absl::string_view> words =
      absl::StrSplit(text, absl::MaxSplits(absl::ByAnyChar(" \t"), 1));
  absl::string_view name = absl::StripAsciiWhitespace(words.second);
  if (name.size() >= 2 && (name[0] == '"' || name[0] == '\'') &&
      name.front() == name.back()) {
    name = name.substr(1, name.size() - 2);
  }
  return {absl::AsciiStrToLower(words.first), std::string(name)};
}

// Reads one file line by line, keeps what may pass.
class Reader {
 public:
  Reader(bool credentials, Profiles& profiles)
      : credentials_(credentials), profiles_(profiles) {}

  std::string Read(absl::string_view text) {
    std::string safe;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      absl::ConsumeSuffix(&line, "\r");
      const absl::string_view bare = absl::StripAsciiWhitespace(line);
      if (bare.empty() || bare[0] == '#' || bare[0] == ';') continue;
      if (Passes(line)) {
        absl::StrAppend(&safe, line, "\n");
      } else {
        kept_back_ = true;
      }
    }
    return safe;
  }
  bool kept_back() const { return kept_back_; }

 private:
  bool Passes(absl::string_view line);
  bool PassesKey(absl::string_view line);

  const bool credentials_;
  Profiles& profiles_;
  Section section_;
  bool section_passes_ = false;
  bool key_passes_ = false;
  bool kept_back_ = false;
};

bool Reader::Passes(absl::string_view line) {
  const absl::string_view bare = absl::StripAsciiWhitespace(line);
  if (bare[0] == '[' && !absl::ascii_isspace(line[0])) {
    section_ = ReadSection(bare.substr(1, bare.find(']') - 1), credentials_);
    section_passes_ =
        section_.kind == "profile" || section_.kind == "sso-session";
    key_passes_ = false;
    if (section_.kind == "profile") profiles_[section_.name];
    return section_passes_;
  }
  if (!section_passes_) return false;
  return PassesKey(line);
}

bool Reader::PassesKey(absl::string_view line) {
  const size_t sign = line.find_first_of("=:");
  const std::string key =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(line.substr(0, sign)));
  // What is indented belongs to the key above.
  if (absl::ascii_isspace(line[0])) return key_passes_ && MayPassInside(key);
  key_passes_ = sign != line.npos && MayPass(key);
  if (!key_passes_) return false;
  if (section_.kind == "profile") {
    profiles_[section_.name][key] =
        std::string(absl::StripAsciiWhitespace(line.substr(sign + 1)));
  }
  return true;
}

std::string ValueOf(const Settings& settings, const char* key) {
  const auto found = settings.find(key);
  return found == settings.end() ? "" : found->second;
}

// In the order in which the CLI looks.
CredentialKind KindOf(const Settings& settings) {
  const auto has = [&](const char* key) {
    return !ValueOf(settings, key).empty();
  };
  if (has("role_arn") && has("web_identity_token_file")) {
    return CredentialKind::kWebIdentity;
  }
  if (has("role_arn")) return CredentialKind::kAssumeRole;
  if (has("sso_session") || has("sso_start_url") || has("login_session")) {
    return CredentialKind::kSso;
  }
  if (has("aws_access_key_id")) {
    return has("aws_session_token") ? CredentialKind::kSession
                                    : CredentialKind::kAccessKey;
  }
  return has("credential_process") ? CredentialKind::kProcess
                                   : CredentialKind::kNone;
}

// "123456789012" of "arn:aws:iam::123456789012:role/x"
std::string AccountOf(const Settings& settings) {
  for (const char* key : {"aws_account_id", "sso_account_id"}) {
    if (std::string account = ValueOf(settings, key); !account.empty()) {
      return account;
    }
  }
  const std::vector<std::string> parts =
      absl::StrSplit(ValueOf(settings, "role_arn"), ':');
  return parts.size() > 4 ? parts[4] : "";
}

}  // namespace

CliConfig CliConfig::Parse(absl::string_view config,
                           absl::string_view credentials) {
  Profiles found;
  CliConfig result;
  result.safe_config_ = Reader(false, found).Read(config);
  Reader reader(true, found);
  result.safe_credentials_ = reader.Read(credentials);
  result.credentials_may_pass_ = !reader.kept_back();
  for (const auto& [name, settings] : found) {
    result.profiles_.push_back(
        {.name = name,
         .region = ValueOf(settings, "region"),
         .credentials = KindOf(settings),
         .role_arn = ValueOf(settings, "role_arn"),
         .source_profile = ValueOf(settings, "source_profile"),
         .account = AccountOf(settings)});
  }
  return result;
}

const CliProfile* CliConfig::Find(absl::string_view name) const {
  const auto found = std::find_if(
      profiles_.begin(), profiles_.end(),
      [&](const CliProfile& profile) { return profile.name == name; });
  return found == profiles_.end() ? nullptr : &*found;
}

}  // namespace howdah::aws::runner
