#include "backend/local/postgres/server_config.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace howdah::local::postgres {
namespace {

// Modest, so that many clusters fit on a laptop. The user may change them.
std::map<std::string, std::string> Defaults() {
  return {
      {"autovacuum_naptime", "1min"},  {"dynamic_shared_memory_type", "posix"},
      {"log_checkpoints", "off"},      {"log_min_messages", "warning"},
      {"max_connections", "100"},      {"max_parallel_workers", "8"},
      {"max_replication_slots", "32"}, {"max_wal_senders", "32"},
      {"max_worker_processes", "8"},   {"password_encryption", "scram-sha-256"},
      {"shared_buffers", "16MB"},      {"shared_memory_type", "mmap"},
      {"wal_keep_size", "512MB"},      {"wal_log_hints", "on"},
      {"wal_receiver_timeout", "5s"},  {"wal_retrieve_retry_interval", "1s"},
      {"wal_sender_timeout", "5s"},
  };
}

std::string Quoted(absl::string_view value) {
  return absl::StrCat(
      "'", absl::StrReplaceAll(value, {{"'", "''"}, {"\\", "\\\\"}}), "'");
}

}  // namespace

std::string RenderCustomConf(const ServerSettings& settings) {
  std::map<std::string, std::string> all = Defaults();
  for (const auto& [name, value] : settings.parameters) all[name] = value;
  // The plane depends on these.
  all["cluster_name"] = settings.cluster_name;
  all["hot_standby"] = "on";
  all["listen_addresses"] = "127.0.0.1";
  all["log_destination"] = "stderr";
  all["log_line_prefix"] = "%m [%p] %q%u@%d ";
  all["logging_collector"] = "off";
  all["port"] = absl::StrCat(settings.endpoint.port);
  all["restart_after_crash"] = "on";
  all["unix_socket_directories"] = settings.endpoint.socket_directory;
  all["wal_level"] = "logical";
  if (!settings.shared_preload_libraries.empty()) {
    all["shared_preload_libraries"] =
        absl::StrJoin(settings.shared_preload_libraries, ",");
  }
  std::string text = "# Written by howdah-local; edit the Cluster instead.\n";
  for (const auto& [name, value] : all) {
    absl::StrAppend(&text, name, " = ", Quoted(value), "\n");
  }
  return text;
}

std::string RenderHba(const ServerSettings& settings) {
  std::string text =
      "# Written by howdah-local; edit the Cluster instead.\n"
      "local all all peer map=local\n"
      "local replication all peer map=local\n";
  for (const std::string& line : settings.hba_lines) {
    absl::StrAppend(&text, line, "\n");
  }
  absl::StrAppend(&text, "host all all 127.0.0.1/32 scram-sha-256\n",
                  "host replication all 127.0.0.1/32 scram-sha-256\n");
  return text;
}

std::string RenderIdent(const ServerSettings& settings) {
  std::string text = "# Written by howdah-local.\n";
  for (const std::string& user : settings.local_users) {
    absl::StrAppend(&text, "local ", user, " postgres\n", "local ", user, " ",
                    kReplicationRole, "\n");
  }
  return text;
}

std::string RenderOverrideConf(absl::string_view own_name,
                               const Upstream& upstream) {
  if (upstream.instance.empty()) return "# A primary follows nobody.\n";
  std::string conninfo =
      absl::StrCat("host=", upstream.endpoint.socket_directory,
                   " port=", upstream.endpoint.port, " user=", kReplicationRole,
                   " application_name=", own_name, " connect_timeout=5");
  return absl::StrCat("# Follows ", upstream.instance, ".\n",
                      "primary_conninfo = ", Quoted(conninfo), "\n",
                      "primary_slot_name = ", Quoted(SlotName(own_name)), "\n",
                      "recovery_target_timeline = 'latest'\n");
}

std::string SlotName(absl::string_view instance) {
  std::string name = "_cnpg_";
  for (char c : absl::AsciiStrToLower(instance)) {
    bool kept = absl::ascii_isalnum(c) || c == '_';
    if (kept) {
      name.push_back(c);
    } else if (name.back() != '_') {
      name.push_back('_');
    }
  }
  return name;
}

}  // namespace howdah::local::postgres
