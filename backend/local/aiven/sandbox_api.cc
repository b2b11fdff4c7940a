#include "backend/local/aiven/sandbox_api.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/local/aiven/api_error.h"
#include "backend/local/aiven/representation.h"
#include "backend/local/aiven/seeded_fleet.h"
#include "proto/support/status_macros.h"

namespace howdah::local::aiven {
namespace {

constexpr absl::string_view kAdminPath = "/_sandbox/";
constexpr size_t kMaxJournal = 5000;
// Of a body in the journal.
constexpr size_t kMaxJournalBody = 16 * 1024;

std::vector<Route> AllRoutes() {
  std::vector<Route> all;
  for (std::vector<Route> some : {ProjectRoutes(), ServiceRoutes(),
                                  TelemetryRoutes(), DatabaseRoutes()}) {
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

// The arguments in the path; nullopt if it is another path. An empty argument
// is none.
std::optional<std::map<std::string, std::string>> Match(
    const std::string& pattern, const std::vector<std::string>& path) {
  std::vector<absl::string_view> parts =
      absl::StrSplit(absl::string_view(pattern).substr(1), '/');
  if (parts.size() != path.size()) return std::nullopt;
  std::map<std::string, std::string> arguments;
  for (size_t i = 0; i < parts.size(); ++i) {
    absl::string_view name = parts[i];
    if (absl::ConsumePrefix(&name, "{") && absl::ConsumeSuffix(&name, "}")) {
      if (path[i].empty()) return std::nullopt;
      arguments[std::string(name)] = path[i];
    } else if (path[i] != parts[i]) {
      return std::nullopt;
    }
  }
  return arguments;
}

absl::StatusOr<const Route*> FindRoute(const std::vector<Route>& routes,
                                       const Request& request, Call& call) {
  std::vector<std::string> path = SplitPath(request.target);
  bool known = false;
  for (const Route& route : routes) {
    auto arguments = Match(route.path, path);
    if (!arguments.has_value()) continue;
    known = true;
    if (route.method != request.method) continue;
    call.path = *std::move(arguments);
    return &route;
  }
  return known ? MethodNotAllowed() : PathNotFound();
}

std::string SchemeOf(const std::string& authorization) {
  return std::string(
      absl::string_view(authorization).substr(0, authorization.find(' ')));
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What the fault makes of an answer that was right.
void Spoil(const Fault& fault, Answer& answer) {
  answer.delay = fault.delay;
  switch (fault.kind) {
    case FaultKind::kStatus:
      answer.status = fault.status;
      answer.body = fault.body.has_value()
                        ? *fault.body
                        : Dump(ErrorBody(ApiError(fault.status, "Failed")));
      if (!fault.content_type.empty()) {
        answer.content_type = fault.content_type;
      }
      if (fault.retry_after_seconds.has_value()) {
        answer.headers.push_back(
            {"Retry-After", absl::StrCat(*fault.retry_after_seconds)});
      }
      break;
    case FaultKind::kReset:
      answer.ending = Ending::kReset;
      break;
    case FaultKind::kHalf:
      answer.ending = Ending::kHalf;
      break;
    case FaultKind::kHang:
      answer.ending = Ending::kHang;
      break;
    case FaultKind::kSlow:
      break;
    case FaultKind::kNotJson:
      answer.body = "<html><body>502 Bad Gateway</body></html>";
      answer.content_type = "text/html";
      break;
    case FaultKind::kSurprise:
      answer.body = Dump(Surprising(Json::parse(answer.body, nullptr, false)));
      break;
    case FaultKind::kNoContent:
      answer.status = 204;
      answer.body.clear();
      break;
  }
}

// Faults that stand in for the answer: the call has no effect.
bool Replaces(const Fault& fault) {
  return fault.kind == FaultKind::kStatus && fault.status >= 400;
}

}  // namespace

SandboxApi::SandboxApi(SandboxOptions options, DatabaseServers& servers)
    : options_(std::move(options)),
      routes_(AllRoutes()),
      accounts_(options_.calls_per_minute) {
  {
    absl::MutexLock lock(&mutex_);
    accounts_.Add(options_.token, Account{});
  }
  world_.secret = options_.token;
  world_.ca_pem = options_.ca_pem;
  world_.databases = &servers;
  absl::MutexLock lock(&world_.mutex);
  world_.fleet = SeedFleet({options_.clock(), world_.secret});
  for (auto& [key, service] : world_.fleet.services) {
    service.port = servers.PortFor(service);
  }
}

absl::Time SandboxApi::Now() {
  absl::MutexLock lock(&mutex_);
  return options_.clock() + advanced_;
}

Answer SandboxApi::Handle(const Request& request) {
  if (absl::StartsWith(request.target, kAdminPath)) return Administer(request);
  Answer answer;
  answer.headers.push_back({kSandboxHeader, "true"});
  std::optional<Fault> fault;
  Json entry = {{"time", TimeText(Now())},
                {"method", request.method},
                {"target", request.target},
                {"scheme", SchemeOf(request.authorization)},
                {"content_type", request.content_type},
                {"body", request.body.substr(0, kMaxJournalBody)}};
  absl::StatusOr<Json> body = Serve(request, entry, fault);
  if (body.ok()) {
    answer.body = Dump(*body);
  } else {
    answer.status = HttpStatus(body.status());
    answer.body = Dump(ErrorBody(body.status()));
  }
  if (fault.has_value()) Spoil(*fault, answer);
  entry["status"] = answer.status;
  absl::MutexLock lock(&mutex_);
  journal_.push_back(std::move(entry));
  if (journal_.size() > kMaxJournal) journal_.pop_front();
  return answer;
}

absl::Status SandboxApi::Admit(const Request& request, Call& call, Json& entry,
                               std::optional<Fault>& fault) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const Account* caller,
                   accounts_.Admit(request.authorization, call.now));
  call.caller = *caller;
  entry["token"] = caller->label;
  absl::string_view target = request.target;
  fault = faults_.Take(request.method, target.substr(0, target.find('?')),
                       caller->label);
  return absl::OkStatus();
}

absl::StatusOr<Json> SandboxApi::Serve(const Request& request, Json& entry,
                                       std::optional<Fault>& fault) {
  Call call;
  call.now = Now();
  ASSIGN_OR_RETURN(const Route* route, FindRoute(routes_, request, call));
  if (!route->is_public) {
    RETURN_IF_ERROR(Admit(request, call, entry, fault));
    if (fault.has_value() && Replaces(*fault)) return Json::object();
  }
  if (auto project = call.path.find("project"); project != call.path.end()) {
    absl::MutexLock lock(&world_.mutex);
    if (world_.fleet.projects.count(project->second) == 0) {
      return ProjectNotFound(project->second);
    }
    if (!call.caller.IsMemberOf(project->second)) return NotAProjectMember();
  }
  RETURN_IF_ERROR(call.caller.Require(route->permission));
  call.query = ParseQuery(request.target);
  if (request.method != "GET" && request.method != "DELETE") {
    ASSIGN_OR_RETURN(call.body, ParseBody(request.body));
  }
  return route->handle(world_, call);
}

// --- administration ---

Answer SandboxApi::Administer(const Request& request) {
  Answer answer;
  answer.headers.push_back({kSandboxHeader, "true"});
  std::string expected = absl::StrCat("Bearer ", options_.admin_token);
  absl::StatusOr<Json> body = NoToken();
  if (request.authorization.size() == expected.size() &&
      CRYPTO_memcmp(request.authorization.data(), expected.data(),
                    expected.size()) == 0) {
    body = Steer(request, request.target.substr(kAdminPath.size()));
  }
  if (!body.ok()) answer.status = HttpStatus(body.status());
  answer.body = Dump(body.ok() ? *body : ErrorBody(body.status()));
  return answer;
}

absl::StatusOr<Json> SandboxApi::Steer(const Request& request,
                                       const std::string& what) {
  ASSIGN_OR_RETURN(Json body, ParseBody(request.body));
  const std::string action = absl::StrCat(request.method, " ", what);
  if (action == "POST tokens") return AddToken(body);
  if (action == "POST settings") return ChangeSettings(body);
  absl::MutexLock lock(&mutex_);
  if (action == "POST clock") {
    RETURN_IF_ERROR(
        CheckFields(body, {{"advance_seconds", FieldType::kInteger, true}}));
    int64_t seconds = body["advance_seconds"];
    if (seconds < 0) return InvalidInput("the clock does not go back");
    advanced_ += absl::Seconds(seconds);
    return Json{{"now", TimeText(options_.clock() + advanced_)}};
  }
  if (action == "POST faults") {
    ASSIGN_OR_RETURN(Fault fault, ParseFault(body));
    faults_.Add(std::move(fault));
    return Json::object();
  }
  if (action == "DELETE faults") {
    faults_.Clear();
    return Json::object();
  }
  if (action == "GET journal") {
    Json entries = Json::array();
    for (const Json& entry : journal_) entries.push_back(entry);
    return Json{{"entries", std::move(entries)}};
  }
  if (action == "DELETE journal") {
    journal_.clear();
    return Json::object();
  }
  return PathNotFound();
}

absl::StatusOr<Json> SandboxApi::AddToken(const Json& body) {
  RETURN_IF_ERROR(CheckFields(body, {{"token", FieldType::kText, true},
                                     {"access"},
                                     {"label"},
                                     {"projects", FieldType::kArray}}));
  std::string token = body["token"];
  std::string name = body.value("access", "admin");
  std::optional<Access> access = ParseAccess(name);
  if (!access.has_value()) {
    return InvalidInput(absl::StrCat("there is no access '", name, "'"));
  }
  if (token.size() < 8) return InvalidInput("a token has 8 characters or more");
  Account account;
  account.access = *access;
  account.label = body.value("label", name);
  if (body.contains("projects")) {
    account.projects.emplace();
    for (const Json& project : body["projects"]) {
      if (!project.is_string()) return InvalidInput("projects are texts");
      account.projects->insert(project.get<std::string>());
    }
  }
  absl::MutexLock lock(&mutex_);
  accounts_.Add(token, std::move(account));
  return Json::object();
}

absl::StatusOr<Json> SandboxApi::ChangeSettings(const Json& body) {
  RETURN_IF_ERROR(CheckFields(body, {{"calls_per_minute", FieldType::kInteger},
                                     {"build_seconds", FieldType::kInteger}}));
  {
    absl::MutexLock lock(&mutex_);
    if (body.contains("calls_per_minute")) {
      accounts_.set_calls_per_minute(body["calls_per_minute"].get<int>());
    }
  }
  absl::MutexLock lock(&world_.mutex);
  if (body.contains("build_seconds")) {
    world_.build_time = absl::Seconds(body["build_seconds"].get<int>());
  }
  return Json::object();
}

}  // namespace howdah::local::aiven
