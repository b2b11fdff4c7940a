#include "backend/services/operations_service.h"

#include <algorithm>

#include "backend/services/operation_conversion.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::operations::v1;
using operations::Condition;
using operations::Ending;
using operations::Evaluation;

constexpr int kDefaultTimeoutSeconds = 300;

absl::Status WaitCancelled() {
  return support::ErrorBuilder(absl::StatusCode::kCancelled,
                               "OPERATION_WAIT_CANCELLED",
                               support::kPostgresDomain)
      .Message(
          "The waiting was cancelled by CancelOperation; the work itself goes "
          "on.")
      .Build();
}

}  // namespace

absl::StatusOr<pb::Operation> OperationsService::GetOperation(
    const CallContext& context, const pb::GetOperationRequest& request) {
  ASSIGN_OR_RETURN(Condition condition, operations::DecodeName(request.name()));
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(condition.context));
  ASSIGN_OR_RETURN(
      std::shared_ptr<const cnpg::Cluster> cluster,
      plane->clusters().GetSince({condition.namespace_name, condition.name},
                                 condition.version, UpstreamCall(context)));
  return OperationNow(condition, cluster.get());
}

absl::Status OperationsService::MayFollow(const CallContext& context,
                                          const Condition& condition) {
  // Only with impersonation there is something to ask.
  if (context.principal.kubernetes_user.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(condition.context));
  return plane->clusters().MayRead({condition.namespace_name, condition.name},
                                   UpstreamCall(context));
}

void OperationsService::WaitOperation(
    const CallContext& context, const pb::WaitOperationRequest& request,
    std::shared_ptr<StreamReply<pb::Operation>> stream) {
  absl::StatusOr<Condition> condition = operations::DecodeName(request.name());
  if (!condition.ok()) return stream->Finish(condition.status());
  const absl::Status allowed = MayFollow(context, *condition);
  if (!allowed.ok()) return stream->Finish(allowed);
  int seconds =
      request.has_timeout() ? request.timeout() : kDefaultTimeoutSeconds;

  operations::WaitRequest wait;
  wait.condition = *condition;
  wait.deadline = std::min(now_() + absl::Seconds(seconds),
                           context.deadline - absl::Milliseconds(500));
  wait.cancelled = context.cancelled;
  wait.on_progress = [stream, condition = *condition](const Evaluation& now) {
    stream->Send(ToProto(condition, now, nullptr));
  };
  wait.on_end = [this, stream, condition = *condition](Ending ending,
                                                       const Evaluation& last) {
    if (ending == Ending::kAbandoned) {
      return stream->Finish(absl::CancelledError("The call was cancelled."));
    }
    std::shared_ptr<const cnpg::Cluster> cluster;
    if (Plane* plane = planes_.Find(condition.context)) {
      cluster = plane->clusters().Remembered(
          {condition.namespace_name, condition.name});
    }
    stream->Send(ToProto(condition, last, cluster.get()));
    stream->Finish(ending == Ending::kCancelled ? WaitCancelled()
                                                : absl::OkStatus());
  };
  absl::Status begun = waiter_.Wait(std::move(wait));
  if (!begun.ok()) stream->Finish(begun);
}

absl::StatusOr<pb::CancelOperationResponse> OperationsService::CancelOperation(
    const CallContext& context, const pb::CancelOperationRequest& request) {
  ASSIGN_OR_RETURN(Condition condition, operations::DecodeName(request.name()));
  RETURN_IF_ERROR(MayFollow(context, condition));
  waiter_.Cancel(condition);
  return pb::CancelOperationResponse();
}

}  // namespace howdah::services
