#include "backend/local/controllers/service_ports.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "backend/local/controllers/cluster_objects.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

constexpr const char* kKinds[] = {"rw", "ro", "r"};

std::string EntranceName(const std::string& ns, const std::string& cluster,
                         const std::string& kind) {
  return absl::StrCat(ns, "/", cluster, "-", kind);
}

int PortOf(const Json& service) {
  auto ports = Child(service, "spec").find("ports");
  if (ports == Child(service, "spec").end() || !ports->is_array() ||
      ports->empty()) {
    return 0;
  }
  return Number((*ports)[0], "port", 0);
}

// Only objects that belong to this very cluster are ours to change.
bool IsOwnedBy(const Json& object, const std::string& uid) {
  auto owners = Metadata(object).find("ownerReferences");
  if (owners == Metadata(object).end() || !owners->is_array()) return false;
  for (const Json& owner : *owners) {
    if (Text(owner, "uid") == uid) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<int> ServicePorts::EnsureService(Environment& environment,
                                                const ClusterSpec& spec,
                                                const std::string& kind) {
  const std::string name = absl::StrCat(spec.name, "-", kind);
  const std::string entrance =
      EntranceName(spec.namespace_name, spec.name, kind);
  absl::StatusOr<Json> service =
      environment.store.Get(kServices, spec.namespace_name, name);
  if (service.ok() && !IsOwnedBy(*service, spec.uid)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "Service ", name, " exists and belongs to something else"));
  }
  int port = service.ok() ? PortOf(*service) : 0;
  if (port != 0) {
    environment.ports.Reserve(port);
    absl::Status listening = environment.forwarder.Listen(entrance, port);
    if (listening.ok()) return port;
    environment.log("warning", "the port of a Service is taken, it moves",
                    {{"service", name}, {"port", port}});
  }
  ASSIGN_OR_RETURN(port, environment.ports.Allocate());
  RETURN_IF_ERROR(environment.forwarder.Listen(entrance, port));
  Json wanted = MakeService(spec, kind, port);
  if (service.ok()) {
    RETURN_IF_ERROR(environment.store
                        .Update(kServices, spec.namespace_name, name,
                                [&](Json& object) {
                                  object["spec"] = wanted["spec"];
                                  return absl::OkStatus();
                                })
                        .status());
  } else {
    RETURN_IF_ERROR(
        environment.store
            .Create(kServices, spec.namespace_name, std::move(wanted))
            .status());
  }
  return port;
}

absl::Status ServicePorts::EnsureSecret(Environment& environment,
                                        const ClusterSpec& spec,
                                        const std::string& name,
                                        const std::string& user_type,
                                        const std::string& user,
                                        const std::string& database, int port) {
  absl::StatusOr<Json> old =
      environment.store.Get(kSecrets, spec.namespace_name, name);
  if (old.ok() && !IsOwnedBy(*old, spec.uid)) return absl::OkStatus();
  std::string password = old.ok() ? SecretValue(*old, "password") : "";
  if (password.empty()) password = NewPassword();
  Json wanted =
      MakeLoginSecret(spec, name, user_type, {user, password, database, port});
  if (!old.ok()) {
    return environment.store
        .Create(kSecrets, spec.namespace_name, std::move(wanted))
        .status();
  }
  if (Child(*old, "data") == wanted["data"]) return absl::OkStatus();
  return environment.store
      .Update(kSecrets, spec.namespace_name, name,
              [&](Json& object) {
                object["data"] = wanted["data"];
                return absl::OkStatus();
              })
      .status();
}

absl::Status ServicePorts::Ensure(Environment& environment,
                                  const ClusterSpec& spec) {
  int write_port = 0;
  for (const char* kind : kKinds) {
    if (spec.disabled_services.count(kind) > 0) {
      environment.forwarder.Remove(
          EntranceName(spec.namespace_name, spec.name, kind));
      continue;
    }
    ASSIGN_OR_RETURN(int port, EnsureService(environment, spec, kind));
    if (std::string(kind) == "rw") write_port = port;
  }
  if (spec.app_secret_is_ours) {
    RETURN_IF_ERROR(EnsureSecret(environment, spec, spec.app_secret, "app",
                                 spec.app_owner, spec.app_database,
                                 write_port));
  }
  if (spec.superuser_access && spec.superuser_secret_is_ours) {
    RETURN_IF_ERROR(EnsureSecret(environment, spec, spec.superuser_secret,
                                 "superuser", "postgres", "*", write_port));
  }
  return absl::OkStatus();
}

void ServicePorts::Route(Environment& environment, const ClusterSpec& spec,
                         const ClusterView& view, const std::string& primary) {
  std::set<int> write, read_only, read;
  for (const InstanceView& instance : view.instances) {
    if (!IsReady(instance, primary)) continue;
    (instance.name == primary ? write : read_only).insert(instance.port);
    read.insert(instance.port);
  }
  auto route = [&](const char* kind, std::set<int> ports) {
    environment.forwarder.SetTargets(
        EntranceName(spec.namespace_name, spec.name, kind), std::move(ports));
  };
  route("rw", std::move(write));
  route("ro", std::move(read_only));
  route("r", std::move(read));
}

void ServicePorts::Close(Environment& environment,
                         const std::string& namespace_name,
                         const std::string& cluster) {
  for (const char* kind : kKinds) {
    environment.forwarder.Remove(EntranceName(namespace_name, cluster, kind));
  }
}

}  // namespace howdah::local::controllers
