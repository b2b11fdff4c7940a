// The rules that the definitions of the custom resources state in CEL.
//
//   CheckRules(info, object, &before, causes);
//
// They see only what has the right shape. The texts are those of the
// definitions.
#ifndef HOWDAH_BACKEND_LOCAL_API_DEFINITION_RULES_H_
#define HOWDAH_BACKEND_LOCAL_API_DEFINITION_RULES_H_

#include <vector>

#include "backend/local/api/api_error.h"
#include "backend/local/api/resource_catalogue.h"

namespace howdah::local {

// `before` is null for a new object.
void CheckRules(const ResourceInfo& info, const Json& object,
                const Json* before, std::vector<FieldCause>& causes);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_DEFINITION_RULES_H_
