// Database objects: one database of one cluster each, with its schemas and
// extensions.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_H_

#include "backend/local/controllers/applied_object.h"

namespace howdah::local::controllers {

AppliedKind DatabaseKind();

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_H_
