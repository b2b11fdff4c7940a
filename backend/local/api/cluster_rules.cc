#include "backend/local/api/cluster_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/names.h"
#include "backend/local/api/quantity.h"
#include "backend/local/api/schema.h"
#include "backend/local/store/object_rules.h"
#include "re2/re2.h"

namespace howdah::local {
namespace {

using Causes = std::vector<FieldCause>;

// Settings that the operator keeps for itself.
const std::set<std::string>& FixedParameters() {
  static const auto& names =
      *new std::set<std::string>{"allow_alter_system",
                                 "allow_system_table_mods",
                                 "archive_cleanup_command",
                                 "archive_command",
                                 "archive_mode",
                                 "bonjour",
                                 "bonjour_name",
                                 "cluster_name",
                                 "config_file",
                                 "data_directory",
                                 "data_sync_retry",
                                 "event_source",
                                 "external_pid_file",
                                 "full_page_writes",
                                 "hba_file",
                                 "hot_standby",
                                 "ident_file",
                                 "jit_provider",
                                 "listen_addresses",
                                 "log_destination",
                                 "log_directory",
                                 "log_file_mode",
                                 "log_filename",
                                 "log_rotation_age",
                                 "log_rotation_size",
                                 "log_truncate_on_rotation",
                                 "logging_collector",
                                 "port",
                                 "primary_conninfo",
                                 "primary_slot_name",
                                 "promote_trigger_file",
                                 "recovery_end_command",
                                 "recovery_min_apply_delay",
                                 "recovery_target",
                                 "recovery_target_action",
                                 "recovery_target_inclusive",
                                 "recovery_target_lsn",
                                 "recovery_target_name",
                                 "recovery_target_time",
                                 "recovery_target_timeline",
                                 "recovery_target_xid",
                                 "restart_after_crash",
                                 "restore_command",
                                 "shared_preload_libraries",
                                 "ssl",
                                 "ssl_ca_file",
                                 "ssl_cert_file",
                                 "ssl_crl_dir",
                                 "ssl_crl_file",
                                 "ssl_key_file",
                                 "ssl_passphrase_command",
                                 "ssl_passphrase_command_supports_reload",
                                 "ssl_prefer_server_ciphers",
                                 "stats_temp_directory",
                                 "synchronized_standby_slots",
                                 "synchronous_standby_names",
                                 "syslog_facility",
                                 "syslog_ident",
                                 "syslog_sequence_numbers",
                                 "syslog_split_messages",
                                 "temp_tablespaces",
                                 "unix_socket_directories",
                                 "unix_socket_group",
                                 "unix_socket_permissions"};
  return names;
}

Json At(const Json& object, const char* pointer) {
  return object.value(Json::json_pointer(pointer), Json());
}

void CheckName(const Json& cluster, Causes& causes) {
  std::string name = NameOf(cluster);
  if (!CheckDns1035Label(name).empty()) {
    causes.push_back(InvalidValue("metadata.name", name,
                                  "cluster name must be a valid DNS label"));
  }
  if (name.size() > 50) {
    causes.push_back(
        InvalidValue("metadata.name", name,
                     "the maximum length of a cluster name is 50 characters"));
  }
}

// Whether the size of a volume is one.
bool CheckSize(const Json& storage, const std::string& path, Causes& causes) {
  const std::string size = storage.value("size", "");
  const std::string field = absl::StrCat(path, ".size");
  if (size.empty()) {
    causes.push_back(InvalidValue(
        field, "",
        "Size not configured. Please add it, or a storage request in the "
        "pvcTemplate."));
    return false;
  }
  if (ParseQuantity(size).ok()) return true;
  causes.push_back(InvalidValue(field, size, "Size value isn't valid"));
  return false;
}

void CheckStorage(const Json& cluster, const Json* before, Causes& causes) {
  const Json& spec = PartOf(cluster, "spec");
  if (spec.contains("walStorage")) {
    CheckSize(spec["walStorage"], "spec.walStorage", causes);
  }
  const Json& tablespaces = PartOf(spec, "tablespaces");
  for (size_t i = 0; i < tablespaces.size(); ++i) {
    CheckSize(tablespaces[i].at("storage"),
              absl::StrCat("spec.tablespaces[", i, "]"), causes);
  }
  if (!CheckSize(PartOf(spec, "storage"), "spec.storage", causes) ||
      before == nullptr) {
    return;
  }
  const Json& size = spec["storage"]["size"];
  const absl::StatusOr<double> bytes = ParseQuantity(size.get<std::string>());
  Json old = At(*before, "/spec/storage/size");
  absl::StatusOr<double> old_bytes =
      ParseQuantity(old.is_string() ? old.get<std::string>() : "0");
  if (old_bytes.ok() && *bytes < *old_bytes) {
    causes.push_back(InvalidValue(
        "spec.storage.size", size,
        absl::StrCat("can't shrink existing storage from ",
                     old.get<std::string>(), " to ", size.get<std::string>())));
  }
}

void CheckParameters(const Json& cluster, Causes& causes) {
  static const auto& name_form =
      *new RE2(R"([A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?)");
  Json parameters = At(cluster, "/spec/postgresql/parameters");
  if (!parameters.is_object()) return;
  for (const auto& [name, value] : parameters.items()) {
    std::string path = absl::StrCat("spec.postgresql.parameters.", name);
    if (!RE2::FullMatch(name, name_form)) {
      causes.push_back(InvalidValue(path, value, "invalid parameter name"));
    } else if (FixedParameters().contains(name)) {
      causes.push_back(
          InvalidValue(path, value, "Can't set fixed configuration parameter"));
    }
  }
}

void CheckImage(const Json& cluster, Causes& causes) {
  static const auto& version_form = *new RE2("([1-9][0-9]*)([.-].*)?");
  Json image = At(cluster, "/spec/imageName");
  if (!image.is_string()) return;
  auto text = image.get<std::string>();
  size_t slash = text.rfind('/');
  size_t colon = text.rfind(':');
  std::string tag;
  int major = 0;
  if (colon != std::string::npos &&
      (slash == std::string::npos || colon > slash)) {
    tag = text.substr(colon + 1);
  }
  if (absl::StrContains(text, "@")) {
    return;  // a digest beside a tag is allowed, alone it has no version
  }
  if (tag.empty() || tag == "latest") {
    causes.push_back(InvalidValue(
        "spec.imageName", image,
        "Can't use 'latest' as image tag as we can't detect upgrades"));
  } else if (!RE2::FullMatch(tag, version_form, &major)) {
    causes.push_back(
        InvalidValue("spec.imageName", image, "invalid version tag"));
  } else if (major < 13) {
    causes.push_back(InvalidValue("spec.imageName", image,
                                  "Unsupported PostgreSQL version. Versions 13 "
                                  "or newer are supported"));
  }
}

void CheckReplicas(const Json& cluster, Causes& causes) {
  Json spec = cluster.value("spec", Json::object());
  int64_t instances = spec.value("instances", int64_t{1});
  int64_t most = spec.value("maxSyncReplicas", int64_t{0});
  int64_t least = spec.value("minSyncReplicas", int64_t{0});
  if (most >= instances && most > 0) {
    causes.push_back(InvalidValue("spec.maxSyncReplicas", most,
                                  "maxSyncReplicas must be lower than the "
                                  "number of instances"));
  }
  if (least > most) {
    causes.push_back(InvalidValue("spec.minSyncReplicas", least,
                                  "minSyncReplicas cannot be greater than "
                                  "maxSyncReplicas"));
  }
  if (spec.value("primaryUpdateStrategy", "") == "supervised" &&
      instances == 1) {
    causes.push_back(InvalidValue(
        "spec.primaryUpdateStrategy", "supervised",
        "supervised update strategy is not allowed for clusters with a single "
        "instance"));
  }
}

void CheckRoles(const Json& cluster, Causes& causes) {
  Json roles = At(cluster, "/spec/managed/roles");
  if (!roles.is_array()) return;
  std::set<std::string> seen;
  for (size_t i = 0; i < roles.size(); ++i) {
    std::string name = roles[i].value("name", "");
    std::string path = absl::StrCat("spec.managed.roles[", i, "]");
    if (name == "postgres" || name == "streaming_replica" ||
        absl::StartsWith(name, "pg_") || absl::StartsWith(name, "cnpg_")) {
      causes.push_back(InvalidValue("spec.managed.roles", name,
                                    "This role is reserved for operator use"));
    }
    if (!seen.insert(name).second) {
      causes.push_back(InvalidValue("spec.managed.roles", name,
                                    "Role name is duplicate of another"));
    }
    if (roles[i].value("connectionLimit", int64_t{-1}) < -1) {
      causes.push_back(
          InvalidValue("spec.managed.roles", roles[i]["connectionLimit"],
                       "Connection limit should be positive, unless defaulting "
                       "to -1"));
    }
    if (roles[i].contains("passwordSecret") &&
        roles[i].value("disablePassword", false)) {
      causes.push_back(
          InvalidValue("spec.managed.roles", name,
                       "This role both sets and disables a password"));
    }
  }
}

void CheckInitdb(const Json& cluster, Causes& causes) {
  Json initdb = At(cluster, "/spec/bootstrap/initdb");
  if (!initdb.is_object()) return;
  std::string database = initdb.value("database", "");
  std::string owner = initdb.value("owner", "");
  if (database.empty() != owner.empty()) {
    const char* missing = database.empty() ? "database" : "owner";
    causes.push_back(
        InvalidValue(absl::StrCat("spec.bootstrap.initdb.", missing), "",
                     "You need to specify both a database and an owner"));
  }
  int64_t segment = initdb.value("walSegmentSize", int64_t{16});
  if ((segment & (segment - 1)) != 0) {
    causes.push_back(InvalidValue("spec.bootstrap.initdb.walSegmentSize",
                                  segment,
                                  "WAL segment size must be a power "
                                  "of 2"));
  }
}

void CheckManaged(const Json& cluster, Causes& causes) {
  if (At(cluster, "/spec/superuserSecret/name") == "") {
    causes.push_back(InvalidValue("spec.superusersecret.name", "",
                                  "Super user secret name can't be empty"));
  }
  const Json off =
      At(cluster, "/spec/managed/services/disabledDefaultServices");
  if (std::find(off.begin(), off.end(), "rw") != off.end()) {
    causes.push_back(
        InvalidValue("spec.managed.services.disabledDefaultServices", "rw",
                     "service of type RW cannot be disabled."));
  }
}

void CheckAnnotations(const Json& cluster, Causes& causes) {
  Json annotations = At(cluster, "/metadata/annotations");
  if (!annotations.is_object()) return;
  auto value = annotations.value("cnpg.io/hibernation", Json());
  if (!value.is_null() && value != "on" && value != "off") {
    causes.push_back(InvalidValue(
        "metadata.annotations.cnpg.io/hibernation", value,
        "Annotation value for hibernation should be \"on\" or \"off\""));
  }
}

}  // namespace

absl::Status CheckCluster(const Json& cluster, const Json* before) {
  Json annotations = At(cluster, "/metadata/annotations");
  if (annotations.is_object() &&
      annotations.value("cnpg.io/validation", Json()) == "disabled") {
    return absl::OkStatus();
  }
  Causes causes;
  CheckName(cluster, causes);
  CheckStorage(cluster, before, causes);
  CheckImage(cluster, causes);
  CheckReplicas(cluster, causes);
  CheckInitdb(cluster, causes);
  CheckParameters(cluster, causes);
  CheckRoles(cluster, causes);
  CheckManaged(cluster, causes);
  CheckAnnotations(cluster, causes);
  if (causes.empty()) return absl::OkStatus();
  return InvalidObject(
      "cluster.cnpg.io", "Cluster", NameOf(cluster), causes,
      "admission webhook \"vcluster.cnpg.io\" denied the request: ");
}

}  // namespace howdah::local
