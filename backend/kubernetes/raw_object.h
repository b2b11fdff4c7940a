// Finds objects in the JSON text of lists, and what identifies each, without
// building a document.
//
//   RawObjectReader reader;
//   ASSIGN_OR_RETURN(RawPage page, reader.ReadPage(text, [&](const RawObject&
//   o)
//                                  { ... o.key, o.resource_version, o.json;
//                                  }));
#ifndef HOWDAH_BACKEND_KUBERNETES_RAW_OBJECT_H_
#define HOWDAH_BACKEND_KUBERNETES_RAW_OBJECT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/kubernetes/control_plane.h"

namespace howdah::kubernetes {

struct RawObject {
  ObjectKey key = {};
  std::string resource_version = {};
  // The object's own text; valid during the callback.
  absl::string_view json;
};

struct RawPage {
  std::string resource_version = {};
  std::string continue_token = {};
};

// Threads: not safe. Owns: buffers, as long as ReleaseMemory is not called.
// Limits: values that nobody looks at are not validated.
class RawObjectReader {
 public:
  RawObjectReader();
  ~RawObjectReader();

  // INTERNAL if the text is not a list of objects.
  absl::StatusOr<RawPage> ReadPage(
      absl::string_view text,
      const std::function<void(const RawObject&)>& on_object);

  // `json` must outlive the result. A bookmark has a version, but no name.
  absl::StatusOr<RawObject> ReadObject(absl::string_view json);

  void ReleaseMemory();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_RAW_OBJECT_H_
