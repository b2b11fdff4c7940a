// cnpg::Database to the Database of the contract.
#ifndef HOWDAH_BACKEND_SERVICES_DATABASE_CONVERSION_H_
#define HOWDAH_BACKEND_SERVICES_DATABASE_CONVERSION_H_

#include "backend/cnpg/databases.h"
#include "howdah/postgres/v1/database_service.pb.h"

namespace howdah::services {

postgres::v1::Database ToProto(const cnpg::Database& database);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_DATABASE_CONVERSION_H_
