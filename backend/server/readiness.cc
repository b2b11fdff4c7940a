#include "backend/server/readiness.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "proto/support/status_details.h"

namespace howdah::server {
namespace {

// What is mended is soon seen.
constexpr absl::Duration kPause = absl::Seconds(2);
constexpr absl::Duration kPatience = absl::Seconds(5);
// Probes come every few seconds, and each is answered by what the one before it
// made us ask.
constexpr absl::Duration kTrusted = absl::Seconds(15);

// A server for other things than Kubernetes is none the worse.
bool HasNoKubernetes(const absl::Status& why) {
  return support::ErrorReason(why) == "KUBECONFIG_MISSING";
}

// As the cache would list, but for one object.
absl::Status AskOne(services::Plane& plane) {
  kubernetes::ListOptions options;
  options.limit = 1;
  kubernetes::Call call;
  call.deadline = absl::Now() + kPatience;
  const std::string where =
      plane.clusters().cache().Covers("") ? "" : plane.default_namespace();
  return plane.api().List(kubernetes::kClusters, where, options, call).status();
}

Readiness::Check KubernetesCheck(const absl::Status& error) {
  if (absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error) ||
      absl::IsUnauthenticated(error)) {
    return {"kubernetes", false, std::string(error.message())};
  }
  return {"kubernetes", true, "reachable"};
}

Readiness::Check CacheCheck(bool synced, const absl::Status& error) {
  if (!error.ok()) return {"cache", false, std::string(error.message())};
  return {"cache", synced, synced ? "synced" : "syncing"};
}

}  // namespace

Readiness::~Readiness() {
  if (thread_.joinable()) thread_.join();
}

absl::Status Readiness::Try(std::function<absl::Status()> what) {
  const std::lock_guard lock(mutex_);
  const absl::Duration age = absl::Now() - tried_;
  absl::Status known =
      age < kTrusted ? last_ : absl::UnavailableError("being asked");
  if (trying_ || age < kPause) return known;
  if (thread_.joinable()) thread_.join();
  trying_ = true;
  thread_ = std::thread([this, what = std::move(what)] {
    const absl::Status tried = what();
    const std::lock_guard done(mutex_);
    trying_ = false;
    last_ = tried;
    tried_ = absl::Now();
  });
  return known;
}

std::vector<Readiness::Check> Readiness::Look() {
  services::Plane* const plane = planes_.Find("");
  if (plane == nullptr) {
    // Reads files, which may be slow to come.
    const absl::Status why = Try([this] { return planes_.Get("").status(); });
    if (HasNoKubernetes(why)) return {{"kubernetes", true, "not configured"}};
    return {{"kubernetes", false, std::string(why.message())}};
  }
  auto& cache = plane->clusters().cache();
  cache.Start();
  const bool synced = cache.Get() != nullptr;
  absl::Status error = cache.error();
  if (!error.ok() && synced) {
    error = Try([plane] { return AskOne(*plane); });
  }
  Check kubernetes = KubernetesCheck(error);
  // Before the first answer nothing is known.
  if (!synced && error.ok()) kubernetes = {"kubernetes", false, "asked"};
  return {std::move(kubernetes), CacheCheck(synced, error)};
}

bool Readiness::ready() {
  const std::vector<Check> checks = Look();
  return std::all_of(checks.begin(), checks.end(),
                     [](const Check& check) { return check.good; });
}

}  // namespace howdah::server
