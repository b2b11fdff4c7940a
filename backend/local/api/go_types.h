// What a real API server reads requests into: Go types, as schemas (schema.h).
//
//   std::string misfit = Decode(DeleteOptionsType(), options);
//   if (!misfit.empty()) return BadRequest(misfit);
//
// What fits into none of their fields is refused before anything looks at it:
// an option that cannot be read must not be taken for one that was not given.
#ifndef HOWDAH_BACKEND_LOCAL_API_GO_TYPES_H_
#define HOWDAH_BACKEND_LOCAL_API_GO_TYPES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// metav1.ObjectMeta, metav1.DeleteOptions, autoscaling/v1 Scale,
// authorization/v1 SelfSubjectAccessReview and SelfSubjectRulesReview.
const Json& ObjectMetaType();
const Json& DeleteOptionsType();
const Json& ScaleType();
const Json& AccessReviewType();
const Json& RulesReviewType();

// What of `value` Go cannot read into the type, in a sentence; empty if it can.
// Fields that the type does not have are left alone.
std::string Misfit(const Json& type, const Json& value);

// The same, and makes of `value` what Go would have read: nulls become nothing.
std::string Decode(const Json& type, Json& value);

// Makes of `value`, which fits, what Go writes when it has read it: with all
// fields that are x-written (by default those that are required), as x-zero (by
// default the nothing of their type) if they are not there, and quantities and
// times in the one form that Go has for them.
void Rewrite(const Json& type, Json& value);

// What Decode has returned, as an error: 400 of what a client has sent, and of
// a patch, whose result it is that does not fit, 422.
absl::Status Fits(absl::string_view misfit, absl::string_view method,
                  absl::string_view kind, absl::string_view version);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_GO_TYPES_H_
