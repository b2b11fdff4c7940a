// OperationsService of howdah/operations/v1, as plain functions.
#ifndef HOWDAH_BACKEND_SERVICES_OPERATIONS_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_OPERATIONS_SERVICE_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/operations/operation_waiter.h"
#include "backend/services/call_context.h"
#include "backend/services/plane_registry.h"
#include "howdah/operations/v1/operations_service.pb.h"

namespace howdah::services {

// Threads: safe; a wait holds no thread. Owns: nothing; what it is given must
// outlive it.
class OperationsService {
 public:
  OperationsService(PlaneRegistry& planes, operations::OperationWaiter& waiter,
                    std::function<absl::Time()> now = &absl::Now)
      : planes_(planes), waiter_(waiter), now_(std::move(now)) {}

  absl::StatusOr<howdah::operations::v1::Operation> GetOperation(
      const CallContext& context,
      const howdah::operations::v1::GetOperationRequest& request);

  // Ends with OK when the operation is done or time is over, and with CANCELLED
  // (reason OPERATION_WAIT_CANCELLED) by CancelOperation.
  void WaitOperation(
      const CallContext& context,
      const howdah::operations::v1::WaitOperationRequest& request,
      std::shared_ptr<StreamReply<howdah::operations::v1::Operation>> stream);

  absl::StatusOr<howdah::operations::v1::CancelOperationResponse>
  CancelOperation(
      const CallContext& context,
      const howdah::operations::v1::CancelOperationRequest& request);

 private:
  // Whether the caller may see the cluster that the operation is about.
  absl::Status MayFollow(const CallContext& context,
                         const operations::Condition& condition);

  PlaneRegistry& planes_;
  operations::OperationWaiter& waiter_;
  const std::function<absl::Time()> now_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_OPERATIONS_SERVICE_H_
