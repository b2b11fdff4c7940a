#include "backend/kubernetes/reflector.h"

#include <algorithm>
#include <future>
#include <utility>

#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::kubernetes {
namespace {

// A watch that ended well, but sooner and without an event, is no progress.
constexpr absl::Duration kShortWatch = absl::Seconds(1);

absl::Duration AskedPause(const absl::Status& error) {
  google::rpc::RetryInfo retry;
  if (!support::GetDetail(error, retry)) return absl::ZeroDuration();
  return absl::Seconds(retry.retry_delay().seconds());
}

}  // namespace

Reflector::Reflector(ControlPlane& plane, const Resource& resource,
                     std::string namespace_name, ReflectorOptions options,
                     ReflectorSink& sink)
    : plane_(plane),
      resource_(resource),
      namespace_name_(std::move(namespace_name)),
      options_(std::move(options)),
      sink_(sink) {}

void Reflector::Start() {
  thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
}

void Reflector::Run(std::stop_token stop) {
  net::Backoff backoff(options_.backoff, options_.random);
  while (!stop.stop_requested()) {
    if (resource_version_.empty()) {
      const absl::Status listed = List(stop);
      if (stop.stop_requested()) return;
      if (!listed.ok()) {
        resource_version_.clear();
        sink_.Failed(listed);
        Pause(listed, backoff, stop);
        continue;
      }
    }
    const Watched watched = Watch(stop);
    if (stop.stop_requested()) return;
    const bool progress = watched.any_event || watched.lasted >= kShortWatch;
    if (progress) backoff.Reset();
    if (watched.status.ok()) {
      if (!progress) Pause(watched.status, backoff, stop);
      continue;
    }
    // What a torn connection missed, the next watch tells.
    if (!absl::IsUnavailable(watched.status)) resource_version_.clear();
    // To be too old is no failure of anybody.
    if (!absl::IsOutOfRange(watched.status)) sink_.Failed(watched.status);
    Pause(watched.status, backoff, stop);
  }
}

absl::Status Reflector::List(std::stop_token stop) {
  sink_.BeginList();
  Listed page;
  Listed next;
  RETURN_IF_ERROR(Fetch("", stop, page));
  for (;;) {
    const bool last = page.raw.continue_token.empty();
    // The next page comes while the values of this one are read.
    std::future<absl::Status> fetched;
    if (!last) {
      fetched = std::async(
          [&] { return Fetch(page.raw.continue_token, stop, next); });
    }
    for (const RawObject& object : page.raw.objects) sink_.ListObject(object);
    if (last) break;
    RETURN_IF_ERROR(fetched.get());
    std::swap(page, next);
  }
  // Lists are large and rare.
  reader_.ReleaseMemory();
  resource_version_ = page.raw.resource_version;
  sink_.EndList(resource_version_);
  return absl::OkStatus();
}

absl::Status Reflector::Fetch(const std::string& continue_token,
                              std::stop_token stop, Listed& page) {
  Call call;
  call.cancelled = std::move(stop);
  call.deadline = options_.clock->Now() + options_.list_limit;
  ListOptions list;
  list.limit = options_.page_size;
  list.continue_token = continue_token;
  RETURN_IF_ERROR(
      plane_.ListRaw(resource_, namespace_name_, list, call, page.text));
  ASSIGN_OR_RETURN(page.raw, reader_.ReadPage(page.text));
  return absl::OkStatus();
}

Reflector::Watched Reflector::Watch(std::stop_token stop) {
  Watched watched;
  absl::Status broken;
  // Also stopped by an event that cannot be read.
  std::stop_source abort;
  const std::stop_callback forward(stop, [&] { abort.request_stop(); });
  Call call;
  call.cancelled = abort.get_token();
  const absl::Time begin = options_.clock->Now();
  watched.status = plane_.Watch(
      resource_, namespace_name_, resource_version_, call,
      [&](const WatchEvent& event) {
        if (!broken.ok()) return;
        absl::StatusOr<RawObject> object = reader_.ReadObject(event.object);
        if (!object.ok()) {
          broken = object.status();
          abort.request_stop();
          return;
        }
        watched.any_event = true;
        if (!object->resource_version.empty()) {
          resource_version_ = object->resource_version;
        }
        sink_.Apply(event.type, *object);
      });
  if (!broken.ok()) watched.status = broken;
  watched.lasted = options_.clock->Now() - begin;
  return watched;
}

void Reflector::Pause(const absl::Status& reason, net::Backoff& backoff,
                      std::stop_token stop) {
  const absl::Duration pause = std::max(backoff.Next(), AskedPause(reason));
  options_.clock->SleepUntil(options_.clock->Now() + pause, stop);
}

}  // namespace howdah::kubernetes
