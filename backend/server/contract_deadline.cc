#include "backend/server/contract_deadline.h"

#include "google/protobuf/descriptor.h"

namespace howdah::server {
namespace {

constexpr absl::Duration kDefaultDeadline = absl::Seconds(60);
// The greatest `timeout` that the contract allows.
constexpr absl::Duration kLongestWait = absl::Seconds(600);

bool AsksToWait(const google::protobuf::Message& request) {
  const auto* wait = request.GetDescriptor()->FindFieldByName("wait");
  return wait != nullptr && request.GetReflection()->GetBool(request, wait);
}

}  // namespace

absl::Duration ContractDeadline(const mcp::v1::Method& facts,
                                const google::protobuf::Message& request) {
  const absl::Duration deadline = facts.deadline_seconds() > 0
                                      ? absl::Seconds(facts.deadline_seconds())
                                      : kDefaultDeadline;
  return facts.waitable() && AsksToWait(request) ? deadline + kLongestWait
                                                 : deadline;
}

}  // namespace howdah::server
