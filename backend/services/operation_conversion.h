// Conditions and their evaluation to the Operation of the contract.
#ifndef HOWDAH_BACKEND_SERVICES_OPERATION_CONVERSION_H_
#define HOWDAH_BACKEND_SERVICES_OPERATION_CONVERSION_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "backend/cnpg/cluster.h"
#include "backend/operations/condition.h"
#include "howdah/operations/v1/operations_service.pb.h"

namespace howdah::services {

// What a call awaits of the cluster as it is now, in the plane of `context`.
// `instances`, `detail`: as Condition says for the kind.
operations::Condition ConditionFor(operations::Condition::Kind kind,
                                   absl::string_view context,
                                   const cnpg::Cluster& cluster,
                                   int32_t instances, int32_t detail = 0);

// `cluster`: the newest state, for `result`; null if it is gone or unknown.
howdah::operations::v1::Operation ToProto(
    const operations::Condition& condition,
    const operations::Evaluation& evaluation, const cnpg::Cluster* cluster);

// The operation for a cluster as it is now.
howdah::operations::v1::Operation OperationNow(
    const operations::Condition& condition, const cnpg::Cluster* cluster);

// Summaries of calls that have come to their end, also used in the answers of
// the calls themselves.
std::string ReadySummary(const cnpg::Cluster& cluster);
std::string ScaledSummary(const cnpg::Cluster& cluster, int32_t before);
std::string DeletedSummary(const operations::Condition& condition);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_OPERATION_CONVERSION_H_
