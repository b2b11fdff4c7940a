#include "backend/kubernetes/cache_progress.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "proto/support/status_details.h"

namespace howdah::kubernetes {
namespace {

// std::chrono overflows where absl saturates.
std::chrono::nanoseconds Until(absl::Time deadline) {
  return absl::ToChronoNanoseconds(
      std::min(deadline - absl::Now(), absl::Hours(24 * 365)));
}

bool PassesByItself(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return false;
    default:
      return true;
  }
}

absl::Status NotInTime(std::stop_token cancelled, absl::string_view what) {
  const bool gone = cancelled.stop_requested();
  return support::ErrorBuilder(gone ? absl::StatusCode::kCancelled
                                    : absl::StatusCode::kDeadlineExceeded,
                               gone ? "CANCELLED" : "CACHE_NOT_READY",
                               support::kPostgresDomain)
      .Message(absl::StrCat(
          "The watch cache ", what,
          gone ? " when the call was cancelled." : " in time; try again."))
      .Build();
}

}  // namespace

bool HasReached(absl::string_view seen, absl::string_view wanted) {
  uint64_t seen_number = 0;
  uint64_t wanted_number = 0;
  if (absl::SimpleAtoi(seen, &seen_number) &&
      absl::SimpleAtoi(wanted, &wanted_number)) {
    return seen_number >= wanted_number;
  }
  return seen == wanted;
}

CacheProgress::CacheProgress(std::vector<std::string> namespaces) {
  for (std::string& name : namespaces) {
    streams_.push_back({std::move(name), "", false, absl::OkStatus()});
  }
}

bool CacheProgress::Covers(absl::string_view namespace_name) const {
  const std::lock_guard lock(mutex_);
  return StreamOf(namespace_name) != nullptr;
}

void CacheProgress::Reached(size_t stream, absl::string_view version) {
  const std::lock_guard lock(mutex_);
  Stream& of = streams_[stream];
  of.synced = true;
  of.version = std::string(version);
  of.error = absl::OkStatus();
  changed_.notify_all();
}

void CacheProgress::Failed(size_t stream, const absl::Status& error) {
  const std::lock_guard lock(mutex_);
  streams_[stream].error = error;
  changed_.notify_all();
}

bool CacheProgress::synced() const {
  const std::lock_guard lock(mutex_);
  return AllSynced();
}

absl::Status CacheProgress::error() const {
  const std::lock_guard lock(mutex_);
  return FirstError();
}

absl::Status CacheProgress::lasting_error() const {
  const std::lock_guard lock(mutex_);
  absl::Status error = FirstError();
  return PassesByItself(error) ? absl::OkStatus() : error;
}

absl::Status CacheProgress::WaitUntilSynced(absl::Time deadline,
                                            std::stop_token cancelled) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, cancelled, Until(deadline), [this] {
    return AllSynced() || !PassesByItself(FirstError());
  });
  if (AllSynced()) return absl::OkStatus();
  if (absl::Status error = FirstError();
      !error.ok() && !cancelled.stop_requested()) {
    return error;
  }
  return NotInTime(cancelled, "was not filled");
}

absl::Status CacheProgress::WaitForVersion(absl::string_view namespace_name,
                                           absl::string_view resource_version,
                                           absl::Time deadline,
                                           std::stop_token cancelled) {
  std::unique_lock lock(mutex_);
  const Stream* stream = StreamOf(namespace_name);
  if (stream == nullptr) {
    return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                                 "NAMESPACE_NOT_CACHED",
                                 support::kPostgresDomain)
        .Message(absl::StrCat("The watch cache does not keep namespace \"",
                              namespace_name, "\"."))
        .With("namespace", namespace_name)
        .Precondition("NAMESPACE", namespace_name, "It must be cached.")
        .Build();
  }
  if (changed_.wait_for(lock, cancelled, Until(deadline), [&] {
        return stream->synced && HasReached(stream->version, resource_version);
      })) {
    return absl::OkStatus();
  }
  return NotInTime(cancelled, "had not seen the change");
}

bool CacheProgress::AllSynced() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const Stream& stream) { return stream.synced; });
}

absl::Status CacheProgress::FirstError() const {
  for (const Stream& stream : streams_) {
    if (!stream.error.ok()) return stream.error;
  }
  return absl::OkStatus();
}

const CacheProgress::Stream* CacheProgress::StreamOf(
    absl::string_view namespace_name) const {
  for (const Stream& stream : streams_) {
    if (stream.namespace_name.empty() ||
        stream.namespace_name == namespace_name) {
      return &stream;
    }
  }
  return nullptr;
}

}  // namespace howdah::kubernetes
