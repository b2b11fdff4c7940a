// Reads metadata of Kubernetes objects.
#ifndef HOWDAH_BACKEND_CNPG_META_READER_H_
#define HOWDAH_BACKEND_CNPG_META_READER_H_

#include "absl/status/statusor.h"
#include "backend/cnpg/object_meta.h"
#include "backend/json/json_reader.h"

namespace howdah::cnpg {

// metadata, with the annotations of this project. INVALID_ARGUMENT without a
// name.
absl::StatusOr<ObjectMeta> ReadMeta(json::Element root);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_META_READER_H_
