// URIs with variables, as the contract writes them (RFC 6570, level 1).
//
//   const UriTemplate uri("howdah://clusters/{namespace}/{name}");
//   uri.Match("howdah://clusters/default/orders")
//       // {{"namespace", "default"}, {"name", "orders"}}
//   uri.Expand({{"namespace", "default"}, {"name", "a b"}})
//       // "howdah://clusters/default/a%20b"
#ifndef HOWDAH_ADAPTER_CATALOGUE_URI_TEMPLATE_H_
#define HOWDAH_ADAPTER_CATALOGUE_URI_TEMPLATE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::catalogue {

using UriValues = std::map<std::string, std::string>;

// Threads: immutable; safe. Limits: a value fills one path segment, and is not
// empty; scheme and host are compared as they are written.
class UriTemplate {
 public:
  explicit UriTemplate(absl::string_view text);

  const std::string& text() const { return text_; }
  // In their order.
  const std::vector<std::string>& variables() const { return variables_; }

  // Nothing if the URI is not of this form or is badly escaped.
  std::optional<UriValues> Match(absl::string_view uri) const;

  // A variable without a value stays empty.
  std::string Expand(const UriValues& values) const;

 private:
  std::string text_;
  // One more than there are variables: what stands around them.
  std::vector<std::string> between_;
  std::vector<std::string> variables_;
};

}  // namespace howdah::catalogue

#endif  // HOWDAH_ADAPTER_CATALOGUE_URI_TEMPLATE_H_
