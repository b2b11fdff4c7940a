#include "backend/aws/runner/redaction.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "re2/re2.h"

namespace howdah::aws::runner {
namespace {

using nlohmann::json;

// Letters and digits only, in lower case.
std::string Normal(absl::string_view name) {
  std::string normal;
  for (const char c : name) {
    if (absl::ascii_isalnum(c)) normal += absl::ascii_tolower(c);
  }
  return normal;
}

// Names of members in the APIs of AWS whose text is a secret.
bool IsSecretMember(absl::string_view name) {
  const std::string normal = Normal(name);
  for (const absl::string_view end : {"password",
                                      "passwd",
                                      "passphrase",
                                      "secretaccesskey",
                                      "sessiontoken",
                                      "securitytoken",
                                      "clientsecret",
                                      "secretstring",
                                      "secretbinary",
                                      "privatekey",
                                      "authtoken",
                                      "authorizationtoken",
                                      "accesstoken",
                                      "refreshtoken",
                                      "idtoken",
                                      "bearertoken",
                                      "presharedkey",
                                      "apikeyvalue",
                                      "plaintext",
                                      "keymaterial",
                                      "privatekeyplaintext",
                                      "ciphertextfordata",
                                      "authorizationdata",
                                      "secretkey",
                                      "webhooksecret",
                                      "sharedsecret",
                                      "userdata",
                                      "connectionpassword"}) {
    if (absl::EndsWith(normal, end)) return true;
  }
  return false;
}

struct Pattern {
  const RE2* form;
  const char* replacement;
};

const std::vector<Pattern>& Patterns() {
  static const auto& patterns = *new std::vector<Pattern>{
      {new RE2(R"((?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----.*?)"
               R"((-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|$))"),
       "[redacted]"},
      // user:password@host
      {new RE2(R"((\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@"']{0,200}:))"
               R"([^\s/@"']{1,500}@)"),
       R"(\1[redacted]@)"},
      // Signed URLs are as good as a credential.
      {new RE2(R"((?i)(X-Amz-(?:Signature|Security-Token|Credential)=))"
               R"([^&\s"'<>]+)"),
       R"(\1[redacted])"},
      {new RE2(R"(([?&](?:Signature|sig|AWSAccessKeyId|x-amz-security-token)=))"
               R"([^&\s"'<>]+)"),
       R"(\1[redacted])"},
      {new RE2(R"(\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)"),
       "[redacted]"},
      {new RE2(R"(\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|)"
               R"(glpat-[\w-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|)"
               R"(sk_live_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9_-]{20,}|)"
               R"(AIza[\w-]{30,}|npm_[A-Za-z0-9]{30,})\b)"),
       "[redacted]"},
      // name=value and "name": "value" in templates, logs, scripts, messages.
      {new RE2(
           R"re((?i)(\b[\w.-]{0,64}(?:password|passwd|secret|token|api_?key|)re"
           R"re(private_?key|access_?key)["']?\s{0,3}(?:=|:)\s{0,3}["']?))re"
           R"re([^\s"',;&}\[{<>$!][^\s"',;&}<>]{2,})re"),
       R"(\1[redacted])"},
      {new RE2(R"((?i)(\b(?:bearer|basic)\s{1,3})[A-Za-z0-9+/._~=-]{16,})"),
       R"(\1[redacted])"},
  };
  return patterns;
}

// Cheap: whether any pattern can match at all.
bool MayHoldSecret(absl::string_view text) {
  static const RE2& hint = *new RE2(
      R"((?i)PRIVATE KEY|://|Signature=|eyJ|gh[pousr]_|github_pat|glpat-|xox|)"
      R"(sk_live_|sk-|AIza|npm_|passw|secret|token|key|bearer|basic|sig=)");
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), hint);
}

// The texts beside a setting's name: {"name": "DB_PASSWORD", "value": "x"}.
const json* SettingName(const json& object) {
  for (const char* key :
       {"name", "Name", "key", "Key", "ParameterKey", "OptionName",
        "ParameterName", "EnvironmentVariableName"}) {
    const auto found = object.find(key);
    if (found != object.end() && found->is_string()) return &*found;
  }
  return nullptr;
}

bool IsSettingValue(absl::string_view key) {
  return key == "value" || key == "Value" || key == "ParameterValue" ||
         key == "ResolvedValue" || key == "DefaultValue";
}

// Objects whose members are settings by their own names.
bool HoldsSettings(absl::string_view key) {
  const std::string normal = Normal(key);
  return normal == "variables" || normal == "environmentvariables" ||
         normal == "environment" || normal == "defaultarguments" ||
         normal == "nonoverridablearguments" || normal == "parameters" ||
         normal == "connectionproperties" || normal == "stagevariables";
}

// The sensitive paths as a tree. Steps are names, "[]" and "{}".
struct Place {
  std::map<std::string, Place> steps;
  bool is_sensitive = false;
};
using Places = std::vector<const Place*>;

Place TreeOf(const std::vector<std::string>& paths) {
  Place root;
  for (const std::string& path : paths) {
    const std::string spaced =
        absl::StrReplaceAll(path, {{"[]", ".[]"}, {"{}", ".{}"}});
    Place* place = &root;
    for (const absl::string_view step :
         absl::StrSplit(spaced, '.', absl::SkipEmpty())) {
      place = &place->steps[std::string(step)];
    }
    if (place != &root) place->is_sensitive = true;
  }
  return root;
}

void AddStep(const Place& from, const std::string& step, Places& to) {
  const auto found = from.steps.find(step);
  if (found != from.steps.end()) to.push_back(&found->second);
}

bool AnySensitive(const Places& places) {
  return std::any_of(places.begin(), places.end(),
                     [](const Place* place) { return place->is_sensitive; });
}

class Redactor {
 public:
  // `path` is for people, `places` where the value is in the model. `by_name`:
  // members are settings, judged by their names.
  void Visit(json& value, const std::string& path, const Places& places,
             bool by_name);

  std::vector<std::string> where() && { return {where_.begin(), where_.end()}; }

 private:
  void VisitObject(json& object, const std::string& path, const Places& places,
                   bool by_name);
  void Hide(json& value, const std::string& path);
  void Note(const std::string& path) {
    constexpr size_t kMost = 100;
    if (where_.size() < kMost) where_.insert(path);
  }

  std::set<std::string> where_;
};

void Redactor::Hide(json& value, const std::string& path) {
  const bool nothing =
      value.is_null() || value.is_boolean() ||
      (value.is_structured() && value.empty()) ||
      (value.is_string() && value.get_ref<std::string&>().empty());
  if (nothing) return;
  value = std::string(kRedacted);
  Note(path);
}

void Redactor::Visit(json& value, const std::string& path, const Places& places,
                     bool by_name) {
  if (AnySensitive(places)) return Hide(value, path);
  if (value.is_string()) {
    auto& words = value.get_ref<std::string&>();
    std::string clean = RedactText(words);
    if (clean == words) return;
    words = std::move(clean);
    return Note(path);
  }
  if (value.is_object()) return VisitObject(value, path, places, by_name);
  if (!value.is_array()) return;
  Places inside;
  for (const Place* place : places) AddStep(*place, "[]", inside);
  const std::string items = absl::StrCat(path, "[]");
  for (json& item : value) Visit(item, items, inside, false);
}

void Redactor::VisitObject(json& object, const std::string& path,
                           const Places& places, bool by_name) {
  const json* name = SettingName(object);
  const bool secret_setting =
      name != nullptr && IsSecretName(name->get_ref<const std::string&>());
  const std::string prefix = path.empty() ? "" : absl::StrCat(path, ".");
  for (auto& member : object.items()) {
    const std::string& key = member.key();
    json& part = member.value();
    const std::string part_path = absl::StrCat(prefix, key);
    const bool holds_text = part.is_string() || part.is_number() ||
                            (part.is_object() && Normal(key) == "userdata");
    if (holds_text && (IsSecretMember(key) || (by_name && IsSecretName(key)) ||
                       (secret_setting && IsSettingValue(key)))) {
      Hide(part, part_path);
      continue;
    }
    Places inside;
    for (const Place* place : places) {
      AddStep(*place, key, inside);
      AddStep(*place, "{}", inside);
    }
    Visit(part, part_path, inside, part.is_object() && HoldsSettings(key));
  }
}

}  // namespace

bool IsSecretName(absl::string_view name) {
  static const RE2& form = *new RE2(
      R"((?i)(?:^|[^a-z])(?:pass|password|passwd|passphrase|pwd|secrets?|)"
      R"(tokens?|api[_-]?keys?|private[_-]?key|access[_-]?key|credentials?|)"
      R"(auth|dsn|connection[_-]?string|database[_-]?url)(?:$|[^a-z])|)"
      R"(password|passwd|secret|apikey|privatekey|accesskey|authtoken)");
  static const RE2& harmless =
      *new RE2(R"((?i)(?:arn|_?id|_?name|_?url_?path|expir\w*|ttl|enabled)$)");
  const re2::StringPiece text(name.data(), name.size());
  return RE2::PartialMatch(text, form) && !RE2::PartialMatch(text, harmless);
}

std::string RedactText(absl::string_view text) {
  std::string clean(text);
  if (!MayHoldSecret(text)) return clean;
  for (const Pattern& pattern : Patterns()) {
    RE2::GlobalReplace(&clean, *pattern.form, pattern.replacement);
  }
  return clean;
}

std::vector<std::string> RedactResult(
    json& result, const std::vector<std::string>& sensitive) {
  const Place root = TreeOf(sensitive);
  Redactor redactor;
  redactor.Visit(result, "", {&root}, false);
  return std::move(redactor).where();
}

}  // namespace howdah::aws::runner
