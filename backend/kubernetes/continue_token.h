// The `continue` tokens of the API server's lists.
//
//   list.continue_token = ContinueAfter({"production", "orders"}, "");
//
// Their format is public and cannot change, as Kubernetes' own code says of it
// (apiserver/pkg/storage/continue.go): the version of the first page, or -1 for
// the newest, and the key to begin at. With -1 the page shows what there is
// now, wherever in the list it begins, and the token never expires; a server
// gives such tokens itself for pages that have expired. A server of another
// kind refuses the token (400).
#ifndef HOWDAH_BACKEND_KUBERNETES_CONTINUE_TOKEN_H_
#define HOWDAH_BACKEND_KUBERNETES_CONTINUE_TOKEN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "backend/kubernetes/control_plane.h"

namespace howdah::kubernetes {

// Goes on behind the object, in a list of that namespace (empty: of all), with
// what there is now.
std::string ContinueAfter(const ObjectKey& key,
                          absl::string_view namespace_name);

// Whether a server's token goes on behind the object: then its lists are in the
// order of ObjectKey.
bool GoesOnAfter(absl::string_view continue_token, const ObjectKey& key,
                 absl::string_view namespace_name);

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_CONTINUE_TOKEN_H_
