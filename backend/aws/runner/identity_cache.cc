#include "backend/aws/runner/identity_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/aws/errors.h"
#include "backend/aws/json_value.h"
#include "backend/aws/runner/cli_errors.h"
#include "proto/support/status_macros.h"

namespace howdah::aws::runner {
namespace {

using nlohmann::json;

constexpr absl::Duration kRemembered = absl::Minutes(5);
constexpr absl::Duration kLongest = absl::Seconds(40);

std::string TextAt(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : "";
}

}  // namespace

absl::StatusOr<Identity> ReadIdentity(const process::ProgramEnd& end,
                                      const std::string& profile,
                                      const std::string& region) {
  RETURN_IF_ERROR(StatusOfEnd(end, {.command = "sts get-caller-identity",
                                    .profile = profile,
                                    .region = region,
                                    .read = true}));
  const std::optional<json> answer = ParseJsonValue(end.output);
  if (!answer || !answer->is_object() || TextAt(*answer, "Account").empty()) {
    return CliUnusable("aws", "sts get-caller-identity printed no identity");
  }
  return Identity{.account = TextAt(*answer, "Account"),
                  .arn = TextAt(*answer, "Arn"),
                  .user_id = TextAt(*answer, "UserId"),
                  .asked_at = {}};
}

void IdentityCache::Get(const std::string& program, const std::string& profile,
                        const std::string& region, Done done) {
  // Neither can have a line break in it.
  const std::string key = absl::StrCat(program, "\n", profile, "\n", region);
  std::unique_lock lock(mutex_);
  Entry& entry = entries_[key];
  if (entry.identity && now_() < entry.identity->asked_at + kRemembered) {
    Identity known = *entry.identity;
    lock.unlock();
    return done(std::move(known));
  }
  const bool ask = entry.waiting.empty();
  entry.waiting.push_back(std::move(done));
  lock.unlock();
  if (ask) Ask(program, profile, region, key);
}

void IdentityCache::Ask(const std::string& program, const std::string& profile,
                        const std::string& region, const std::string& key) {
  CliCall call;
  call.program = program;
  call.arguments = {"sts", "get-caller-identity"};
  call.profile = profile;
  // STS wants some region.
  call.region = region.empty() ? "us-east-1" : region;
  // Not the caller's: others may wait for the same.
  call.until = now_() + kLongest;
  const absl::Status asked = runner_.Run(
      std::move(call),
      [this, key, profile, region](absl::StatusOr<CliOutput> output) {
        if (!output.ok()) return Tell(key, output.status());
        Tell(key, ReadIdentity(output->end, profile, region));
      });
  if (!asked.ok()) Tell(key, asked);
}

void IdentityCache::Tell(const std::string& key,
                         const absl::StatusOr<Identity>& identity) {
  absl::StatusOr<Identity> told = identity;
  std::vector<Done> waiting;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[key];
    waiting.swap(entry.waiting);
    entry.identity.reset();
    if (told.ok()) {
      told->asked_at = now_();
      entry.identity = *told;
    }
  }
  for (const Done& done : waiting) done(told);
}

}  // namespace howdah::aws::runner
