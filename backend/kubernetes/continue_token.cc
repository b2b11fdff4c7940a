#include "backend/kubernetes/continue_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "backend/kubernetes/json_text.h"
#include "nlohmann/json.hpp"

namespace howdah::kubernetes {
namespace {

constexpr absl::string_view kFormat = "meta.k8s.io/v1";
constexpr int kNewest = -1;

// The least key behind that of the object, as a list of that namespace counts.
// Servers take it with and without the slash that newer ones begin it with.
std::string StartBehind(const ObjectKey& key,
                        absl::string_view namespace_name) {
  const std::string space =
      namespace_name.empty() ? absl::StrCat(key.namespace_name, "/") : "";
  return absl::StrCat("/", space, key.name, absl::string_view("\0", 1));
}

}  // namespace

std::string ContinueAfter(const ObjectKey& key,
                          absl::string_view namespace_name) {
  return absl::WebSafeBase64Escape(
      DumpJson({{"v", kFormat},
                {"rv", kNewest},
                {"start", StartBehind(key, namespace_name)}}));
}

bool GoesOnAfter(absl::string_view continue_token, const ObjectKey& key,
                 absl::string_view namespace_name) {
  std::string text;
  nlohmann::json fields;
  return absl::WebSafeBase64Unescape(continue_token, &text) &&
         ParseJson(text, fields) && TextAt(fields, "v") == kFormat &&
         absl::StripPrefix(TextAt(fields, "start"), "/") ==
             absl::StripPrefix(StartBehind(key, namespace_name), "/");
}

}  // namespace howdah::kubernetes
