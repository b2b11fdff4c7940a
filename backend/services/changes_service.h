// ChangesService of howdah/changes/v1, as plain functions.
#ifndef HOWDAH_BACKEND_SERVICES_CHANGES_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_CHANGES_SERVICE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "backend/services/call_context.h"
#include "backend/services/change_feed.h"
#include "backend/services/plane_registry.h"
#include "howdah/changes/v1/changes_service.pb.h"

namespace howdah::services {

// Threads: safe; a watch holds no thread once it is on. Owns: nothing; what it
// is given must outlive it.
class ChangesService {
 public:
  using Request = howdah::changes::v1::WatchChangesRequest;
  using Response = howdah::changes::v1::WatchChangesResponse;

  ChangesService(PlaneRegistry& planes, ChangeFeed& feed)
      : planes_(planes), feed_(feed) {}

  // Begins with a read of what is to be watched, so that who may not read is
  // refused. UNAVAILABLE (reason WATCH_IMPOSSIBLE) where there is no cache.
  void WatchChanges(const CallContext& context, const Request& request,
                    std::shared_ptr<StreamReply<Response>> stream);

  // Adds a message to one that waits for a slow reader.
  static void Merge(Response& waiting, const Response& newer);

 private:
  absl::StatusOr<Listening> Prepare(const CallContext& context,
                                    const Request& request);

  PlaneRegistry& planes_;
  ChangeFeed& feed_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_CHANGES_SERVICE_H_
