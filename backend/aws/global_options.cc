#include "backend/aws/global_options.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"

namespace howdah::aws {
namespace {

constexpr absl::string_view kServerConnects =
    "where and how requests are sent is set by the operator.";
constexpr GlobalOption kGlobalOptions[] = {
    {"--profile", true, ""},
    {"--region", true, ""},
    {"--query", true, ""},
    {"--output", true, ""},
    {"--no-paginate", false, ""},
    {"--cli-binary-format", true, ""},
    {"--color", true, ""},
    {"--no-cli-pager", false, ""},
    {"--no-cli-auto-prompt", false, ""},
    {"--cli-auto-prompt", false, "nobody is there to be asked."},
    {"--debug", false, "its output holds credentials and signed headers."},
    {"--v2-debug", false, "it prints what is not the result."},
    {"--version", false, "explain_aws_command tells the version of the CLI."},
    {"--endpoint-url", true, kServerConnects},
    {"--no-verify-ssl", false, kServerConnects},
    {"--no-sign-request", false, kServerConnects},
    {"--ca-bundle", true, kServerConnects},
    {"--cli-read-timeout", true, kServerConnects},
    {"--cli-connect-timeout", true, kServerConnects},
};

}  // namespace

const GlobalOption* FindGlobalOption(absl::string_view name) {
  for (const GlobalOption& option : kGlobalOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

bool HidesBehindGlobalOption(absl::string_view name) {
  return std::any_of(std::begin(kGlobalOptions), std::end(kGlobalOptions),
                     [&](const GlobalOption& option) {
                       return absl::StartsWith(option.name, name);
                     });
}

}  // namespace howdah::aws
