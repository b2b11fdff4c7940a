#include "backend/local/controllers/cluster_logins.h"

#include "absl/strings/str_cat.h"
#include "backend/local/controllers/cluster_objects.h"
#include "backend/local/controllers/cluster_spec.h"
#include "backend/local/controllers/primary_connection.h"
#include "backend/local/controllers/role_plan.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

// The fields of status.secretsResourceVersion.
constexpr char kApplication[] = "applicationSecretVersion";
constexpr char kSuperuser[] = "superuserSecretVersion";

absl::Status SetPassword(postgres::Connection& connection,
                         const std::string& role, const Json& secret) {
  const std::string password = SecretValue(secret, "password");
  std::string verifier = password;
  if (!IsEncrypted(password)) {
    ASSIGN_OR_RETURN(verifier, connection.EncryptPassword(role, password));
  }
  return connection.Execute(
      absl::StrCat("ALTER ROLE ", connection.Identifier(role), " PASSWORD ",
                   connection.Literal(verifier)));
}

}  // namespace

absl::StatusOr<Again> ClusterLogins::Reconcile(
    const std::string& namespace_name, const std::string& cluster) {
  absl::StatusOr<Primary> primary =
      FindPrimary(environment_, namespace_name, cluster);
  if (!primary.ok()) return Again();  // queued again when it has a primary
  const ClusterSpec spec = ParseCluster(primary->cluster);
  Json versions =
      Child(Child(primary->cluster, "status"), "secretsResourceVersion");
  const Json before = versions;
  ASSIGN_OR_RETURN(postgres::Connection connection,
                   primary->Connect("postgres"));
  auto follow = [&](const char* field, const std::string& secret_name,
                    const std::string& role) -> absl::Status {
    absl::StatusOr<Json> secret =
        environment_.store.Get(kSecrets, namespace_name, secret_name);
    // A missing Secret changes nothing; ours is made anew.
    if (absl::IsNotFound(secret.status())) return absl::OkStatus();
    RETURN_IF_ERROR(secret.status());
    const std::string version = Text(Metadata(*secret), "resourceVersion");
    if (Text(versions, field) == version) return absl::OkStatus();
    RETURN_IF_ERROR(SetPassword(connection, role, *secret));
    versions[field] = version;
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(follow(kApplication, spec.app_secret, spec.app_owner));
  if (spec.superuser_access) {
    RETURN_IF_ERROR(follow(kSuperuser, spec.superuser_secret, "postgres"));
  } else if (versions.contains(kSuperuser)) {
    RETURN_IF_ERROR(connection.Execute("ALTER ROLE postgres PASSWORD NULL"));
    versions.erase(kSuperuser);
  }
  if (versions == before) return Again();
  RETURN_IF_ERROR(environment_.store
                      .Update(kClusters, namespace_name, cluster,
                              [&](Json& object) {
                                object["status"]["secretsResourceVersion"] =
                                    versions;
                                return absl::OkStatus();
                              })
                      .status());
  return Again();
}

}  // namespace howdah::local::controllers
