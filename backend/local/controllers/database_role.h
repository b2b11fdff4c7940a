// DatabaseRole objects: one role of one cluster each.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_ROLE_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_ROLE_H_

#include "backend/local/controllers/applied_object.h"
#include "backend/local/controllers/environment.h"

namespace howdah::local::controllers {

// The environment must outlive the result.
AppliedKind DatabaseRoleKind(Environment& environment);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_ROLE_H_
