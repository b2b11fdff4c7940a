// Keeps telling a sink what objects of one type there are: lists them page by
// page, then watches, for ever. The part of a watch cache that knows the
// protocol and nothing of values.
//
//   Reflector reflector(plane, kClusters, "", {}, sink);
//   reflector.Start();
//
// A torn watch goes on from the last version, after a pause that grows; a
// version that is too old, or an error that does not pass, leads to a new list.
#ifndef HOWDAH_BACKEND_KUBERNETES_REFLECTOR_H_
#define HOWDAH_BACKEND_KUBERNETES_REFLECTOR_H_

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/kubernetes/raw_object.h"
#include "backend/net/backoff.h"
#include "backend/net/clock.h"

namespace howdah::kubernetes {

// Threads: called by the reflector's thread only, one call at a time.
class ReflectorSink {
 public:
  virtual ~ReflectorSink() = default;

  // A list comes: Begin, each object, End; or Begin again, if it had to be
  // begun anew. What is not in the list is gone.
  virtual void BeginList() = 0;
  virtual void ListObject(const RawObject& object) = 0;
  virtual void EndList(absl::string_view resource_version) = 0;

  // A change. A bookmark has nothing but the version.
  virtual void Apply(WatchEvent::Type type, const RawObject& object) = 0;

  // An attempt has failed; another follows.
  virtual void Failed(const absl::Status& error) = 0;
};

struct ReflectorOptions {
  int64_t page_size = 500;
  absl::Duration list_limit = absl::Seconds(60);
  net::BackoffOptions backoff = {.initial = absl::Milliseconds(100),
                                 .max = absl::Seconds(10)};
  std::function<double()> random = net::RandomUnit;
  net::Clock* clock = &net::SystemClock();
};

// Threads: Start once; the destructor cancels what is under way and joins.
// Owns: one thread. Limits: `plane` and `sink` must outlive it; the strings of
// `resource` are constants.
class Reflector {
 public:
  Reflector(ControlPlane& plane, const Resource& resource,
            std::string namespace_name, ReflectorOptions options,
            ReflectorSink& sink);

  void Start();

 private:
  // A page of a list.
  struct Listed {
    std::string text;
    // In the text.
    RawPage raw;
  };

  // How a watch went.
  struct Watched {
    absl::Status status;
    bool any_event = false;
    absl::Duration lasted;
  };

  void Run(std::stop_token stop);
  absl::Status List(std::stop_token stop);
  absl::Status Fetch(const std::string& continue_token, std::stop_token stop,
                     Listed& page);
  Watched Watch(std::stop_token stop);
  void Pause(const absl::Status& reason, net::Backoff& backoff,
             std::stop_token stop);

  ControlPlane& plane_;
  const Resource resource_;
  const std::string namespace_name_;
  const ReflectorOptions options_;
  ReflectorSink& sink_;

  // Used by the thread only. An empty version means: list first.
  std::string resource_version_;
  // Also used by the one that fetches a page, while nobody else does.
  RawObjectReader reader_;

  std::jthread thread_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_REFLECTOR_H_
