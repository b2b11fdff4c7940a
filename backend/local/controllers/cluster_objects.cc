#include "backend/local/controllers/cluster_objects.h"

#include <sys/random.h>

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace howdah::local::controllers {
namespace {

constexpr char kHost[] = "127.0.0.1";
constexpr int kPasswordLength = 48;

Json OwnedBy(const ClusterSpec& spec) {
  return Json::array({{{"apiVersion", kCnpgApiVersion},
                       {"kind", "Cluster"},
                       {"name", spec.name},
                       {"uid", spec.uid},
                       {"controller", true},
                       {"blockOwnerDeletion", true}}});
}

Json Condition(const char* type, bool value, absl::Time since) {
  return {{"type", type},
          {"status", value ? "True" : "False"},
          {"lastTransitionTime", TimeText(since)}};
}

Json ContainerStatus(const PodState& state) {
  Json status = {{"name", "postgres"},       {"image", state.image},
                 {"imageID", state.image},   {"ready", state.ready},
                 {"started", state.running}, {"restartCount", state.restarts}};
  if (state.running) {
    status["state"] = {{"running", {{"startedAt", TimeText(state.started)}}}};
  } else {
    status["state"] = {{"waiting", {{"reason", state.waiting_reason}}}};
    if (!state.waiting_message.empty()) {
      status["state"]["waiting"]["message"] = state.waiting_message;
    }
  }
  return status;
}

// For the userinfo and path parts of a URI.
std::string Percent(absl::string_view text) {
  std::string result;
  for (unsigned char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      result.push_back(c);
    } else {
      absl::StrAppendFormat(&result, "%%%02X", c);
    }
  }
  return result;
}

// For a field of a .pgpass line.
std::string PgpassField(absl::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == ':' || c == '\\') result.push_back('\\');
    result.push_back(c);
  }
  return result;
}

}  // namespace

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string MicroTimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

Json MakePod(const ClusterSpec& spec, const PodState& state, absl::Time now) {
  const char* role = state.is_primary ? "primary" : "replica";
  Json pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata",
       {{"name", state.instance},
        {"namespace", spec.namespace_name},
        {"labels",
         {{"app.kubernetes.io/managed-by", "cloudnative-pg"},
          {"cnpg.io/cluster", spec.name},
          {"cnpg.io/instanceName", state.instance},
          {"cnpg.io/instanceRole", role},
          {"cnpg.io/podRole", "instance"},
          {"role", role}}},
        {"annotations",
         {{"cnpg.io/nodeSerial", absl::StrCat(state.serial)},
          {"howdah.local/log-file", state.log_file}}},
        {"ownerReferences", OwnedBy(spec)}}},
      {"spec",
       {{"nodeName", "localhost"},
        {"restartPolicy", "Always"},
        {"containers",
         Json::array(
             {{{"name", "postgres"},
               {"image", state.image},
               {"ports", Json::array({{{"name", "postgresql"},
                                       {"containerPort", state.port},
                                       {"protocol", "TCP"}}})},
               {"volumeMounts",
                Json::array({{{"name", "pgdata"},
                              {"mountPath", "/var/lib/postgresql/data"}}})}}})},
        {"volumes", Json::array({{{"name", "pgdata"},
                                  {"persistentVolumeClaim",
                                   {{"claimName", state.instance}}}}})}}}};
  if (state.running && !spec.restarted_at_text.empty() &&
      state.started >= spec.restarted_at) {
    pod["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] =
        spec.restarted_at_text;
  }
  absl::Time since =
      state.started == absl::InfinitePast() ? now : state.started;
  pod["status"] = {
      {"phase", state.running ? "Running" : "Pending"},
      {"hostIP", kHost},
      {"podIP", kHost},
      {"podIPs", Json::array({{{"ip", kHost}}})},
      {"conditions",
       Json::array({Condition("PodScheduled", true, since),
                    Condition("Initialized", true, since),
                    Condition("ContainersReady", state.ready, since),
                    Condition("Ready", state.ready, since)})},
      {"containerStatuses", Json::array({ContainerStatus(state)})}};
  return pod;
}

Json MakeVolumeClaim(const ClusterSpec& spec, const std::string& instance,
                     int serial, bool ready) {
  Json claim = {
      {"apiVersion", "v1"},
      {"kind", "PersistentVolumeClaim"},
      {"metadata",
       {{"name", instance},
        {"namespace", spec.namespace_name},
        {"labels",
         {{"app.kubernetes.io/managed-by", "cloudnative-pg"},
          {"cnpg.io/cluster", spec.name},
          {"cnpg.io/instanceName", instance},
          {"cnpg.io/pvcRole", "PG_DATA"}}},
        {"annotations",
         {{"cnpg.io/nodeSerial", absl::StrCat(serial)},
          {"cnpg.io/pvcStatus", ready ? "ready" : "initializing"}}},
        {"ownerReferences", OwnedBy(spec)}}},
      {"spec",
       {{"accessModes", Json::array({"ReadWriteOnce"})},
        {"resources", {{"requests", {{"storage", spec.storage_size}}}}},
        {"volumeMode", "Filesystem"},
        {"volumeName", absl::StrCat("local-", instance)}}},
      {"status",
       {{"phase", "Bound"},
        {"accessModes", Json::array({"ReadWriteOnce"})},
        {"capacity", {{"storage", spec.storage_size}}}}}};
  if (!spec.storage_class.empty()) {
    claim["spec"]["storageClassName"] = spec.storage_class;
  }
  return claim;
}

Json MakeService(const ClusterSpec& spec, const std::string& kind, int port) {
  Json selector = {{"cnpg.io/cluster", spec.name}};
  if (kind == "rw") {
    selector["cnpg.io/instanceRole"] = "primary";
  } else if (kind == "ro") {
    selector["cnpg.io/instanceRole"] = "replica";
  } else {
    selector["cnpg.io/podRole"] = "instance";
  }
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata",
           {{"name", absl::StrCat(spec.name, "-", kind)},
            {"namespace", spec.namespace_name},
            {"labels",
             {{"app.kubernetes.io/managed-by", "cloudnative-pg"},
              {"cnpg.io/cluster", spec.name}}},
            {"ownerReferences", OwnedBy(spec)}}},
          {"spec",
           {{"type", "ClusterIP"},
            {"clusterIP", kHost},
            {"clusterIPs", Json::array({kHost})},
            {"selector", selector},
            {"ports", Json::array({{{"name", "postgres"},
                                    {"protocol", "TCP"},
                                    {"port", port},
                                    {"targetPort", port}}})}}}};
}

Json MakeLoginSecret(const ClusterSpec& spec, const std::string& name,
                     const std::string& user_type, const Login& login) {
  const std::string port = absl::StrCat(login.port);
  const std::string place =
      absl::StrCat(kHost, ":", port, "/", Percent(login.database));
  const std::string uri =
      absl::StrCat("postgresql://", Percent(login.user), ":",
                   Percent(login.password), "@", place);
  const std::string jdbc = absl::StrCat("jdbc:postgresql://", place,
                                        "?password=", Percent(login.password),
                                        "&user=", Percent(login.user));
  Json data = Json::object();
  auto put = [&data](const char* key, absl::string_view value) {
    data[key] = absl::Base64Escape(value);
  };
  put("username", login.user);
  put("user", login.user);
  put("password", login.password);
  put("dbname", login.database);
  put("host", kHost);
  put("port", port);
  put("pgpass", absl::StrCat(kHost, ":", port, ":", PgpassField(login.database),
                             ":", PgpassField(login.user), ":",
                             PgpassField(login.password), "\n"));
  put("uri", uri);
  put("jdbc-uri", jdbc);
  put("fqdn-uri", uri);
  put("fqdn-jdbc-uri", jdbc);
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", "kubernetes.io/basic-auth"},
          {"metadata",
           {{"name", name},
            {"namespace", spec.namespace_name},
            {"labels",
             {{"app.kubernetes.io/managed-by", "cloudnative-pg"},
              {"cnpg.io/cluster", spec.name},
              {"cnpg.io/reload", "true"},
              {"cnpg.io/userType", user_type}}},
            {"ownerReferences", OwnedBy(spec)}}},
          {"data", data}};
}

std::string SecretValue(const Json& secret, const std::string& key) {
  std::string value;
  if (!absl::Base64Unescape(Text(Child(secret, "data"), key), &value)) {
    return "";
  }
  return value;
}

std::string NewPassword() {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr int kLetters = sizeof(kAlphabet) - 1;
  std::string password;
  while (password.size() < kPasswordLength) {
    uint8_t byte = 0;
    if (getrandom(&byte, 1, 0) != 1) continue;
    // Every letter equally likely.
    if (byte < 256 / kLetters * kLetters) {
      password.push_back(kAlphabet[byte % kLetters]);
    }
  }
  return password;
}

}  // namespace howdah::local::controllers
