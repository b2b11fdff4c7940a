#include "backend/local/api/pod_log.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/response_stream.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

// Logs are looked at this often: a file that is renamed and made anew tells no
// single descriptor of its changes.
constexpr absl::Duration kPeriod = absl::Milliseconds(200);

absl::StatusOr<std::optional<int64_t>> Number(const Query& query,
                                              const std::string& name) {
  if (!query.contains(name)) return std::nullopt;
  const std::string text = QueryValue(query, name);
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  return BadRequest(
      absl::StrCat("strconv.ParseInt: parsing \"", text, "\": invalid syntax"));
}

// Follows the log of a Pod as long as that runs.
// Threads: as ResponseStream says. Limits: the store must outlive it.
class FollowedLog final : public ResponseStream {
 public:
  FollowedLog(ObjectStore& store, const Json& pod, LogReader reader)
      : store_(store),
        space_(NamespaceOf(pod)),
        name_(NameOf(pod)),
        uid_(UidOf(pod)),
        reader_(std::move(reader)) {}

  bool Start(Send send) override {
    send(reader_.Read());
    return !reader_.finished();
  }
  absl::Duration Period(absl::Duration) const override { return kPeriod; }
  std::optional<std::string> Tick() override {
    // Asked first: what it wrote to its end is still read.
    const bool runs = Runs();
    if (ended_ || reader_.finished()) return std::nullopt;
    ended_ = !runs;
    return reader_.Read();
  }
  absl::Duration timeout() const override { return absl::InfiniteDuration(); }

 private:
  bool Runs() const {
    const absl::StatusOr<Json> pod = store_.Get({"", "pods"}, space_, name_);
    if (!pod.ok() || UidOf(*pod) != uid_) return false;
    const std::string phase = TextAt(*pod, "status", "phase");
    return phase != "Succeeded" && phase != "Failed";
  }

  ObjectStore& store_;
  const std::string space_;
  const std::string name_;
  const std::string uid_;
  LogReader reader_;
  bool ended_ = false;
};

bool HasContainer(const Json& pod, const std::string& name) {
  const Json all = pod.value(Json::json_pointer("/spec/containers"), Json());
  for (const Json& one : all) {
    if (one.value("name", "") == name) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<LogRequest> ParseLogRequest(const Query& query,
                                           const std::string& name,
                                           absl::Time now) {
  LogRequest wanted;
  wanted.container = QueryValue(query, "container");
  wanted.previous = QueryFlag(query, "previous");
  wanted.options.follow = QueryFlag(query, "follow");
  wanted.options.timestamps = QueryFlag(query, "timestamps");
  ASSIGN_OR_RETURN(wanted.options.tail, Number(query, "tailLines"));
  ASSIGN_OR_RETURN(wanted.options.limit, Number(query, "limitBytes"));
  ASSIGN_OR_RETURN(const std::optional<int64_t> seconds,
                   Number(query, "sinceSeconds"));
  const std::string since = QueryValue(query, "sinceTime");
  if (absl::Time time; !since.empty()) {
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, since, &time, &error)) {
      return BadRequest(absl::StrCat("parsing time \"", since, "\": ", error));
    }
    wanted.options.since = time;
  }
  std::vector<FieldCause> causes;
  if (wanted.options.tail.value_or(0) < 0) {
    causes.push_back(InvalidValue("tailLines", *wanted.options.tail,
                                  "must be greater than or equal to 0"));
  }
  if (wanted.options.limit.value_or(1) < 1) {
    causes.push_back(InvalidValue("limitBytes", *wanted.options.limit,
                                  "must be greater than 0"));
  }
  if (seconds && wanted.options.since) {
    causes.push_back(ForbiddenValue(
        "[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  } else if (seconds.value_or(1) < 1) {
    causes.push_back(
        InvalidValue("sinceSeconds", *seconds, "must be greater than 0"));
  } else if (seconds) {
    wanted.options.since = now - absl::Seconds(*seconds);
  }
  if (query.contains("stream")) {
    causes.push_back(ForbiddenValue("stream", "may not be specified"));
  }
  if (!causes.empty()) return InvalidObject("", "PodLogOptions", name, causes);
  return wanted;
}

absl::StatusOr<ApiResponse> ReadPodLog(ObjectStore& store, const Json& pod,
                                       const LogRequest& wanted) {
  const std::string name = NameOf(pod);
  if (!wanted.container.empty() && !HasContainer(pod, wanted.container)) {
    return BadRequest(absl::StrCat("container ", wanted.container,
                                   " is not valid for pod ", name));
  }
  if (wanted.previous) {
    return BadRequest(absl::StrCat("previous terminated container in pod \"",
                                   name, "\" not found"));
  }
  const std::string path = pod.value(
      Json::json_pointer("/metadata/annotations/howdah.local~1log-file"),
      std::string());
  std::error_code ignored;
  if (path.empty() || !std::filesystem::exists(path, ignored)) {
    return BadRequest(absl::StrCat("pod \"", name, "\" has no log yet"));
  }
  absl::Time begun = absl::UnixEpoch();
  std::string error;
  (void)absl::ParseTime(absl::RFC3339_full,
                        TextAt(pod, "metadata", "creationTimestamp"), &begun,
                        &error);
  LogReader reader(path, wanted.options, begun);
  ApiResponse response;
  response.content_type = "text/plain";
  if (wanted.options.follow) {
    response.stream =
        std::make_shared<FollowedLog>(store, pod, std::move(reader));
  } else {
    response.body = reader.Read();
  }
  return response;
}

}  // namespace howdah::local
