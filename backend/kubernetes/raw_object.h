// Finds objects in the JSON text of lists, and what identifies each, without
// building a document.
//
//   RawObjectReader reader;
//   ASSIGN_OR_RETURN(const RawPage page, reader.ReadPage(text));
//   for (const RawObject& object : page.objects) {
//     ... object.key, object.resource_version, object.json ...
//   }
#ifndef HOWDAH_BACKEND_KUBERNETES_RAW_OBJECT_H_
#define HOWDAH_BACKEND_KUBERNETES_RAW_OBJECT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/kubernetes/control_plane.h"

namespace howdah::kubernetes {

struct RawObject {
  ObjectKey key = {};
  std::string resource_version = {};
  // The object's own text.
  absl::string_view json = {};
};

struct RawPage {
  std::string resource_version = {};
  std::string continue_token = {};
  // In the page's text.
  std::vector<RawObject> objects = {};
};

// Threads: not safe. Owns: the parsers' memory, as long as ReleaseMemory is not
// called. Limits: values that nobody looks at are not validated.
class RawObjectReader {
 public:
  RawObjectReader();
  ~RawObjectReader();

  // `text` gets the room behind it that the parser needs, and must outlive the
  // result. INTERNAL if it is not a list of Kubernetes objects.
  absl::StatusOr<RawPage> ReadPage(std::string& text);

  // An object that stands alone. `json` must outlive the result. A bookmark has
  // a version, but no name.
  absl::StatusOr<RawObject> ReadObject(absl::string_view json);

  void ReleaseMemory();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_RAW_OBJECT_H_
