// cnpg::Cluster to the Cluster of the contract.
#ifndef HOWDAH_BACKEND_SERVICES_CLUSTER_CONVERSION_H_
#define HOWDAH_BACKEND_SERVICES_CLUSTER_CONVERSION_H_

#include "backend/cnpg/cluster.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "howdah/postgres/v1/detail_level.pb.h"

namespace howdah::services {

postgres::v1::Cluster ToProto(const cnpg::Cluster& cluster,
                              postgres::v1::DetailLevel detail_level);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_CLUSTER_CONVERSION_H_
