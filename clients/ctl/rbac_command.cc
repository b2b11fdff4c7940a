#include "clients/ctl/rbac_command.h"

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "clients/ctl/app.h"
#include "clients/ctl/style.h"
#include "clients/ctl/table.h"
#include "proto/support/formats.h"
#include "proto/support/nearest_name.h"
#include "proto/support/status_macros.h"

namespace howdah::ctl {
namespace {

constexpr char kHelp[] =
    R"(Usage: howdahctl rbac [--role edit|view] [FLAGS]

Makes a ServiceAccount with the rights that the backend needs and no more, then
asks Kubernetes right by right whether it has them. It goes through kubectl, which
has to be on PATH, and so to the cluster that kubectl is set to. Whoever runs it
must be allowed to give such rights.

  --role edit|view        edit: what all tools need; view: only what reads
                          (default: edit)
  --namespace NAME        where the ServiceAccount is (default: howdah)
  --service-account NAME  (default: cnpg-mcp-server)
  --only-namespace NAME   rights in this namespace alone; start the backend with
                          --watch-namespaces NAME then (default: in all)
  --print                 only show the manifests
  --dry-run               let Kubernetes check them, change nothing
  --verify                only ask what the ServiceAccount may do
  --kubeconfig FILE, --context NAME
                          for kubectl

Exit codes: 0 it has all rights, 1 it lacks some or kubectl failed, 2 wrong words.
)";

// What the manifests are made for.
constexpr char kAccount[] = "cnpg-mcp-server";
constexpr char kNamespace[] = "namespace: howdah\n";
constexpr char kOnlyNamespace[] = "namespace: default\n";

// One verb on one resource; `writes` if only the role "edit" has it.
struct Right {
  const char* verb;
  const char* resource;
  bool writes;
};

// What the backend asks of Kubernetes (tests/integration/test_permissions.py).
constexpr std::array<Right, 22> kRights = {{
    {"get", "clusters.postgresql.cnpg.io", false},
    {"list", "clusters.postgresql.cnpg.io", false},
    {"watch", "clusters.postgresql.cnpg.io", false},
    {"create", "clusters.postgresql.cnpg.io", true},
    {"patch", "clusters.postgresql.cnpg.io", true},
    {"delete", "clusters.postgresql.cnpg.io", true},
    {"get", "databases.postgresql.cnpg.io", false},
    {"list", "databases.postgresql.cnpg.io", false},
    {"watch", "databases.postgresql.cnpg.io", false},
    {"create", "databases.postgresql.cnpg.io", true},
    {"delete", "databases.postgresql.cnpg.io", true},
    {"get", "databaseroles.postgresql.cnpg.io", false},
    {"list", "databaseroles.postgresql.cnpg.io", false},
    {"watch", "databaseroles.postgresql.cnpg.io", false},
    {"create", "databaseroles.postgresql.cnpg.io", true},
    {"patch", "databaseroles.postgresql.cnpg.io", true},
    {"delete", "databaseroles.postgresql.cnpg.io", true},
    {"get", "secrets", true},
    {"list", "secrets", true},
    {"create", "secrets", true},
    {"patch", "secrets", true},
    {"delete", "secrets", true},
}};

absl::Status Wrong(absl::string_view sentence) {
  return absl::InvalidArgumentError(sentence);
}

absl::Status CheckName(absl::string_view flag, const std::string& name) {
  const auto& facts = support::FormatFacts(mcp::v1::FORMAT_NAMESPACE);
  if (facts.matches(name)) return absl::OkStatus();
  return Wrong(
      absl::StrCat(flag, " is ", facts.expected, ", got \"", name, "\"."));
}

std::vector<std::string> ForKubectl(const std::string& kubeconfig,
                                    const std::string& context) {
  std::vector<std::string> arguments;
  if (!kubeconfig.empty()) {
    arguments.push_back(absl::StrCat("--kubeconfig=", kubeconfig));
  }
  if (!context.empty()) {
    arguments.push_back(absl::StrCat("--context=", context));
  }
  return arguments;
}

}  // namespace

absl::StatusOr<RbacCommand::Flags> RbacCommand::Parse(
    const std::vector<std::string>& words) {
  Flags flags;
  const std::vector<std::pair<std::string, std::string*>> texts = {
      {"--role", &flags.role},
      {"--namespace", &flags.namespace_name},
      {"--service-account", &flags.account},
      {"--only-namespace", &flags.only_namespace},
      {"--kubeconfig", &flags.kubeconfig},
      {"--context", &flags.context}};
  const std::vector<std::pair<std::string, bool*>> switches = {
      {"--print", &flags.print},
      {"--dry-run", &flags.dry_run},
      {"--verify", &flags.verify},
      {"--help", &flags.help}};
  for (size_t i = 0; i < words.size(); ++i) {
    std::pair<std::string, std::string> given =
        absl::StrSplit(words[i], absl::MaxSplits('=', 1));
    if (given.first == "-n") given.first = "--namespace";
    if (given.first == "-h") given.first = "--help";
    std::vector<std::string> known;
    bool found = false;
    for (const auto& [name, value] : switches) {
      known.push_back(name);
      if (words[i] == name || given.first == name) *value = found = true;
    }
    for (const auto& [name, value] : texts) {
      known.push_back(name);
      if (given.first != name) continue;
      found = true;
      const bool apart = !absl::StrContains(words[i], '=');
      if (apart && ++i == words.size()) {
        return Wrong(absl::StrCat(name, " needs a value."));
      }
      *value = apart ? words[i] : given.second;
    }
    if (found) continue;
    const std::string nearest = support::NearestName(given.first, known);
    return Wrong(absl::StrCat(
        "There is no \"", words[i], "\" here.",
        nearest.empty() ? "" : absl::StrCat(" Did you mean ", nearest, "?")));
  }
  if (flags.role != "edit" && flags.role != "view") {
    return Wrong(
        absl::StrCat("--role is edit or view, got \"", flags.role, "\"."));
  }
  if (flags.print + flags.dry_run + flags.verify > 1) {
    return Wrong("Give one of --print, --dry-run and --verify.");
  }
  RETURN_IF_ERROR(CheckName("--namespace", flags.namespace_name));
  RETURN_IF_ERROR(CheckName("--service-account", flags.account));
  if (!flags.only_namespace.empty()) {
    RETURN_IF_ERROR(CheckName("--only-namespace", flags.only_namespace));
  }
  return flags;
}

int RbacCommand::Run(const std::vector<std::string>& words) {
  const absl::StatusOr<Flags> flags = Parse(words);
  if (!flags.ok()) return Fail(flags.status(), kWrongUsage);
  if (flags->help) {
    terminal_.Out(kHelp);
    return kDone;
  }
  if (flags->print) {
    terminal_.Out(Manifests(*flags));
    return kDone;
  }
  if (flags->verify) return Verify(*flags);
  const int applied = Apply(*flags);
  if (applied != kDone || flags->dry_run) return applied;
  terminal_.Out("\n");
  return Verify(*flags);
}

std::string RbacCommand::Manifests(const Flags& flags) const {
  // rbac-edit-namespace.yaml, rbac-edit.yaml, rbac-view-namespace.yaml, …
  const size_t index =
      (flags.role == "view" ? 2 : 0) + (flags.only_namespace.empty() ? 1 : 0);
  return absl::StrReplaceAll(
      RbacManifests()[index],
      {{kAccount, flags.account},
       {kNamespace, absl::StrCat("namespace: ", flags.namespace_name, "\n")},
       {kOnlyNamespace,
        absl::StrCat("namespace: ", flags.only_namespace, "\n")}});
}

int RbacCommand::Apply(const Flags& flags) {
  std::vector<std::string> arguments =
      ForKubectl(flags.kubeconfig, flags.context);
  arguments.insert(arguments.end(), {"apply", "--filename=-"});
  if (flags.dry_run) arguments.emplace_back("--dry-run=server");
  const absl::StatusOr<Kubectl::Result> done =
      kubectl_.Run(arguments, Manifests(flags));
  if (!done.ok()) return Fail(done.status(), kFailed);
  terminal_.Out(done->output);
  if (done->exit_code == 0) return kDone;
  return Fail(
      absl::UnknownError(absl::StrCat("kubectl ended with ", done->exit_code,
                                      "; what it said is above. The namespace ",
                                      flags.namespace_name, " has to exist.")),
      kFailed);
}

int RbacCommand::Verify(const Flags& flags) {
  const Style style = Style::For(terminal_.colours());
  const std::string user = absl::StrCat(
      "system:serviceaccount:", flags.namespace_name, ":", flags.account);
  Table table({"VERB", "RESOURCE", "WHERE", "CAN"});
  int missing = 0;
  for (const Right& right : kRights) {
    if (right.writes && flags.role == "view") continue;
    std::vector<std::string> arguments =
        ForKubectl(flags.kubeconfig, flags.context);
    arguments.insert(
        arguments.end(),
        {"auth", "can-i", right.verb, right.resource,
         absl::StrCat("--as=", user),
         flags.only_namespace.empty()
             ? std::string("--all-namespaces")
             : absl::StrCat("--namespace=", flags.only_namespace)});
    const absl::StatusOr<Kubectl::Result> said = kubectl_.Run(arguments, "");
    if (!said.ok()) return Fail(said.status(), kFailed);
    const bool yes = absl::StartsWith(said->output, "yes");
    // A "no" is an answer; anything else kubectl has explained.
    if (!yes && !absl::StartsWith(said->output, "no")) {
      return Fail(
          absl::UnknownError("kubectl could not ask; what it said is above."),
          kFailed);
    }
    missing += yes ? 0 : 1;
    table.Add(
        {right.verb, right.resource,
         flags.only_namespace.empty() ? "everywhere" : flags.only_namespace,
         yes ? "yes" : "no"});
  }
  terminal_.Out(table.ToText(style));
  if (missing == 0) return kDone;
  return Fail(
      absl::PermissionDeniedError(absl::StrCat(
          user, " lacks ", missing,
          " of these. Rights on clusters and databases come from the roles "
          "cnpg-cloudnative-pg-view and cnpg-cloudnative-pg-edit of the "
          "operator's Helm chart; an operator that was installed otherwise has "
          "none, see deploy/kubernetes/README.md.")),
      kFailed);
}

int RbacCommand::Fail(const absl::Status& why, int exit_code) {
  const Style style = Style::For(terminal_.colours());
  terminal_.Err(
      absl::StrCat(style.red, "error:", style.reset, " ", why.message(), "\n"));
  if (exit_code == kWrongUsage) {
    terminal_.Err("\"howdahctl rbac --help\" tells more.\n");
  }
  return exit_code;
}

}  // namespace howdah::ctl
