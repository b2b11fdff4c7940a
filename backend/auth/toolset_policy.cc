#include "backend/auth/toolset_policy.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "proto/support/status_details.h"

namespace howdah::auth {
namespace {

constexpr char kAll[] = "all";

bool Has(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Allows(const std::vector<std::string>& on, absl::string_view toolset) {
  return Has(on, toolset) || Has(on, kAll);
}

}  // namespace

std::vector<std::string> SplitToolsets(absl::string_view text) {
  std::vector<std::string> names;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const absl::string_view name = absl::StripAsciiWhitespace(part);
    if (!name.empty()) names.emplace_back(name);
  }
  if (Has(names, kAll)) names = {kAll};
  return names;
}

absl::Status ToolsetPolicy::Authorise(absl::string_view method,
                                      absl::string_view toolset,
                                      absl::string_view wish) const {
  if (toolset.empty()) return absl::OkStatus();
  const std::vector<std::string> wished = SplitToolsets(wish);
  const bool allowed = Allows(on_, toolset);
  if (allowed && (wished.empty() || Allows(wished, toolset))) {
    return absl::OkStatus();
  }
  return support::ErrorBuilder(absl::StatusCode::kPermissionDenied,
                               "TOOLSET_OFF", support::kHowdahDomain)
      .Message(absl::StrCat(
          method, " is refused because the toolset \"", toolset, "\" is off ",
          allowed ? "by the caller's own wish."
                  : absl::StrCat("at this server; its operator can switch it "
                                 "on with --toolsets.")))
      .With("method", method)
      .With("toolset", toolset)
      .Build();
}

absl::Status ToolsetPolicy::CheckKnown(
    const std::vector<std::string>& known) const {
  for (const std::string& name : on_) {
    if (name == kAll || Has(known, name)) continue;
    return support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                                 "UNKNOWN_TOOLSET", support::kHowdahDomain)
        .Message(absl::StrCat("--toolsets names \"", name,
                              "\", which does not exist; there are ",
                              absl::StrJoin(known, ", "), ", and all."))
        .With("toolset", name)
        .Build();
  }
  return absl::OkStatus();
}

}  // namespace howdah::auth
