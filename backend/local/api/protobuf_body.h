// Bodies in the binary form that kubectl and client-go send for built-in types
// ("application/vnd.kubernetes.protobuf"), as the JSON they stand for.
//
//   ASSIGN_OR_RETURN(Json object, DecodeProtobuf(body));
//
// Known are the kinds that clients create or send here: Secret, ConfigMap,
// Namespace, DeleteOptions and the self reviews. Answers are always JSON, which
// every such client accepts too.
#ifndef HOWDAH_BACKEND_LOCAL_API_PROTOBUF_BODY_H_
#define HOWDAH_BACKEND_LOCAL_API_PROTOBUF_BODY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

bool IsProtobuf(absl::string_view content_type);

// 400 if the body is malformed, 415 if its kind is not known.
absl::StatusOr<Json> DecodeProtobuf(absl::string_view body);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_PROTOBUF_BODY_H_
