#include "adapter/mcp/listening.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp {
namespace {

using jsonrpc::DecodeString;
using jsonrpc::Member;

// The parameter in which all that is told names its subscription.
std::string SubscriptionMeta(absl::string_view id) {
  return absl::StrCat(R"("io.modelcontextprotocol/subscriptionId":)", id);
}

bool Asks(absl::string_view filter, absl::string_view name) {
  return Member(filter, name) == "true";
}

}  // namespace

absl::string_view ChangeNotification(ListKind kind) {
  switch (kind) {
    case ListKind::kTools:
      return "notifications/tools/list_changed";
    case ListKind::kPrompts:
      return "notifications/prompts/list_changed";
  }
  return {};
}

// One open stream. It is what its call has running.
class Listening::Listener : public RunningCall {
 public:
  Listener(Listening& all, Call& call, bool on_stdio, std::string principal_key)
      : all_(all),
        call_(call),
        on_stdio_(on_stdio),
        principal_key_(std::move(principal_key)) {
    ++all_.of_principal_[principal_key_];
    all_.listeners_.push_front(this);
    self_ = all_.listeners_.begin();
    listed_ = true;
  }
  ~Listener() override { Leave(); }

  // Takes on as much of the filter as can be had, and gives that back.
  std::string Accept(absl::string_view filter, const RequestContext& context) {
    std::string accepted = "{";
    if (all_.providers_.changes != nullptr) {
      AcceptList(filter, "toolsListChanged", ListKind::kTools, accepted);
      if (all_.providers_.prompts != nullptr) {
        AcceptList(filter, "promptsListChanged", ListKind::kPrompts, accepted);
      }
    }
    if (Asks(filter, "resourcesListChanged") && WatchResources(context)) {
      AppendJson(accepted, "resourcesListChanged", "true");
    }
    AppendJson(
        accepted, "resourceSubscriptions",
        WatchEach(filter, "resourceSubscriptions", [&](const std::string& uri) {
          return WatchResource(uri, context);
        }));
    AppendJson(accepted, "taskIds",
               WatchEach(filter, "taskIds", [&](const std::string& id) {
                 return WatchTask(id, context);
               }));
    EndObject(accepted);
    return accepted;
  }

  bool Hears(ListKind kind) const {
    return hears_[static_cast<std::size_t>(kind)];
  }

  // `params` are members, each with its comma.
  void Tell(absl::string_view method, absl::string_view params) {
    std::string all =
        absl::StrCat(R"({"_meta":{)", SubscriptionMeta(call_.id), "},", params);
    EndObject(all);
    all_.calls_.Send(call_, jsonrpc::NotificationMessage(method, all));
  }

  void End() {
    Leave();
    if (on_stdio_) {
      // Both ways in which the standard lets a client hear of it.
      all_.calls_.Send(call_, jsonrpc::NotificationMessage(
                                  "notifications/cancelled",
                                  absl::StrCat(R"({"requestId":)", call_.id,
                                               R"(,"reason":"The server )"
                                               R"(stops."})")));
    }
    std::string out = jsonrpc::BeginResult(call_.id, 512);
    all_.results_.BeginObject(out, call_.version, kComplete,
                              SubscriptionMeta(call_.id));
    EndResult(out);
    all_.calls_.Answer(call_, std::move(out));
  }

  void Cancel() override { Leave(); }

 private:
  void AcceptList(absl::string_view filter, absl::string_view name,
                  ListKind kind, std::string& accepted) {
    if (!Asks(filter, name)) return;
    hears_[static_cast<std::size_t>(kind)] = true;
    AppendJson(accepted, name, "true");
  }

  // The array of those that could be watched; empty if none were asked for.
  std::string WatchEach(absl::string_view filter, absl::string_view name,
                        absl::FunctionRef<bool(const std::string&)> watch) {
    const absl::string_view asked = Member(filter, name);
    if (!jsonrpc::IsArray(asked)) return {};
    std::string watched = "[";
    jsonrpc::ForEachElement(asked, [&](absl::string_view element) {
      if (resources_.size() + tasks_.size() >= kMaxWatched) return false;
      if (watch(DecodeString(element))) {
        absl::StrAppend(&watched, watched.size() > 1 ? "," : "", element);
      }
      return true;
    });
    watched += ']';
    return watched;
  }

  bool WatchResources(const RequestContext& context) {
    if (all_.providers_.resources == nullptr) return false;
    auto watch = all_.providers_.resources->WatchList(
        context, [this] { Tell(kResourcesChanged, ""); });
    if (!watch.ok()) return false;
    resources_.push_back(*std::move(watch));
    return true;
  }

  bool WatchResource(const std::string& uri, const RequestContext& context) {
    if (all_.providers_.resources == nullptr) return false;
    std::string params;
    AppendText(params, "uri", uri);
    auto watch = all_.providers_.resources->Watch(
        uri, context, [this, params = std::move(params)] {
          Tell("notifications/resources/updated", params);
        });
    if (!watch.ok()) return false;
    resources_.push_back(*std::move(watch));
    return true;
  }

  bool WatchTask(const std::string& id, const RequestContext& context) {
    if (all_.providers_.tasks == nullptr || !context.client.tasks) return false;
    const absl::StatusOr<std::string> own =
        all_.task_ids_.Open(id, context.principal_key());
    if (!own.ok()) return false;
    auto watch = all_.providers_.tasks->Watch(
        *own, context, [this, id](const TaskState& task) {
          std::string params;
          AppendTask(params, id, task);
          AppendTaskDetail(params, task);
          Tell("notifications/tasks", params);
        });
    if (!watch.ok()) return false;
    tasks_.push_back(*std::move(watch));
    return true;
  }

  void Leave() {
    if (!std::exchange(listed_, false)) return;
    all_.listeners_.erase(self_);
    const auto others = all_.of_principal_.find(principal_key_);
    if (--others->second == 0) all_.of_principal_.erase(others);
    resources_.clear();
    tasks_.clear();
  }

  Listening& all_;
  Call& call_;
  const bool on_stdio_;
  const std::string principal_key_;
  std::list<Listener*>::iterator self_;
  bool listed_ = false;
  std::array<bool, 2> hears_ = {};
  std::vector<std::unique_ptr<ResourceWatch>> resources_;
  std::vector<std::unique_ptr<TaskWatch>> tasks_;
};

void Listening::Listen(Request& request) {
  const absl::string_view filter = Member(request.params(), "notifications");
  if (!jsonrpc::IsObject(filter)) {
    return Refuse(request,
                  jsonrpc::InvalidParams(
                      "params.notifications must say what to listen to, for "
                      "example {\"toolsListChanged\":true}."));
  }
  if (request.slot.exchange == nullptr || !request.slot.exchange->Streams()) {
    return Refuse(request,
                  jsonrpc::InvalidRequest("Listening needs a stream; send "
                                          "Accept: application/json, "
                                          "text/event-stream."),
                  kHttpNotAcceptable);
  }
  if (!HasRoom(request.context.principal_key()) ||
      !request.slot.exchange->BeginListening()) {
    request.slot.exchange->SetHeader("Retry-After", "10");
    return Refuse(request,
                  jsonrpc::InternalError(
                      "Too many clients are listening; try again later."),
                  kHttpUnavailable);
  }
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  auto owned =
      std::make_unique<Listener>(*this, *call, !request.arrival.has_headers,
                                 std::string(request.context.principal_key()));
  Listener& listener = *owned;
  calls_.Wait(*call, std::move(owned));
  std::string params;
  AppendJson(params, "notifications", listener.Accept(filter, request.context));
  listener.Tell("notifications/subscriptions/acknowledged", params);
}

bool Listening::HasRoom(absl::string_view principal_key) const {
  if (listeners_.size() >= kMaxListeners) return false;
  // Nobody in particular may be anybody.
  if (principal_key.empty()) return true;
  const auto of_one = of_principal_.find(principal_key);
  return of_one == of_principal_.end() || of_one->second < kMaxOfOne;
}

void Listening::Tell(ListKind kind) {
  for (Listener* listener : listeners_) {
    if (listener->Hears(kind)) listener->Tell(ChangeNotification(kind), "");
  }
}

void Listening::EndAll() {
  while (!listeners_.empty()) listeners_.front()->End();
}

}  // namespace howdah::mcp
