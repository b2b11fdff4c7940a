#include "backend/services/database_conversion.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;

pb::Database::State StateProto(cnpg::DatabaseState state) {
  switch (state) {
    case cnpg::DatabaseState::kPending:
      return pb::Database::STATE_PENDING;
    case cnpg::DatabaseState::kApplied:
      return pb::Database::STATE_APPLIED;
    case cnpg::DatabaseState::kFailed:
      return pb::Database::STATE_FAILED;
    case cnpg::DatabaseState::kDeleting:
      return pb::Database::STATE_DELETING;
  }
  return pb::Database::STATE_UNSPECIFIED;
}

}  // namespace

pb::Database ToProto(const cnpg::Database& database) {
  pb::Database proto;
  proto.set_name(database.name);
  proto.set_owner(database.owner);
  proto.set_reclaim_policy(database.drop_on_delete ? pb::RECLAIM_POLICY_DELETE
                                                   : pb::RECLAIM_POLICY_RETAIN);
  proto.set_state(StateProto(database.state));
  proto.set_message(database.message);
  proto.set_present(!database.absent);
  proto.set_object_name(database.meta.name);
  proto.set_etag(database.meta.resource_version);
  return proto;
}

}  // namespace howdah::services
