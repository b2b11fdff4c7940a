#include "adapter/resources/change_watcher.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace howdah::resources {
namespace {

namespace pb = ::howdah::changes::v1;

constexpr char kPath[] = "/howdah.changes.v1.ChangesService/WatchChanges";
// The contract's deadline is shorter and comes from the backend.
constexpr absl::Duration kLongestStream = absl::Minutes(11);
constexpr absl::Duration kShortestPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Minutes(1);

struct Listener {
  WatchTarget target;
  std::function<void()> on_change;
  // With coming_and_going: what is there, as far as it was heard of.
  std::set<std::string> known;
};

bool ComesOrGoes(Listener& listener, const pb::Change& change) {
  const std::string name =
      absl::StrCat(change.namespace_(), "/", change.cluster_name());
  if (!change.gone()) return listener.known.insert(name).second;
  listener.known.erase(name);
  return true;
}

// Looks at all changes, for what they tell of later ones.
bool Concerns(Listener& listener, const pb::WatchChangesResponse& response) {
  const WatchTarget& target = listener.target;
  bool concerns = false;
  for (const pb::Change& change : response.changes()) {
    const bool is_target = target.kinds.count(change.kind()) > 0 &&
                           (target.cluster_name.empty() ||
                            target.cluster_name == change.cluster_name());
    if (is_target &&
        (!target.coming_and_going || ComesOrGoes(listener, change))) {
      concerns = true;
    }
  }
  return concerns;
}

// Callers share a stream only if the backend sees the same of them.
std::string KeyOf(const WatchTarget& target,
                  const mcp::RequestContext& context) {
  return absl::StrCat(target.context_name, "\n", target.namespace_name, "\n",
                      context.principal_key(), "\n",
                      absl::StrJoin(context.toolsets, ","), "\n",
                      context.bearer_token);
}

}  // namespace

// One stream and those who watch through it. Lives as long as one of them.
class ChangeWatcher::Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(upstream::UnaryCaller& caller, After after, WatchTarget target,
         const mcp::RequestContext& context)
      : caller_(caller), after_(std::move(after)) {
    if (!target.context_name.empty()) {
      request_.set_context(target.context_name);
    }
    request_.set_namespace_(target.namespace_name);
    options_.timeout = kLongestStream;
    options_.bearer_token = context.bearer_token;
    options_.read_only = true;
    options_.toolsets = absl::StrJoin(context.toolsets, ",");
  }

  int Add(WatchTarget target, std::function<void()> on_change) {
    listeners_[next_id_] = {std::move(target), std::move(on_change), {}};
    return next_id_++;
  }
  // True if that was the last.
  bool Remove(int id) {
    listeners_.erase(id);
    return listeners_.empty();
  }

  void Open() {
    call_ = caller_.Stream(
        kPath, request_, response_, options_,
        [self = shared_from_this()] { self->OnMessage(); },
        [self = shared_from_this()](const absl::Status& status) {
          self->OnEnd(status);
        });
  }

  void Close() {
    closed_ = true;
    // Let go of: its callbacks hold on to this stream.
    if (const auto call = std::exchange(call_, nullptr)) call->Cancel();
  }

 private:
  void OnMessage() {
    if (closed_) return;
    pause_ = kShortestPause;
    // What happened while there was no stream is not told.
    const bool everything =
        response_.anything() || std::exchange(missed_, false);
    std::vector<int> concerned;
    for (auto& [id, listener] : listeners_) {
      const bool concerns = Concerns(listener, response_);
      if (everything || concerns) concerned.push_back(id);
    }
    for (const int id : concerned) {
      // A listener may end itself and others.
      const auto found = listeners_.find(id);
      if (found == listeners_.end()) continue;
      const std::function<void()> on_change = found->second.on_change;
      on_change();
    }
  }

  void OnEnd(const absl::Status& status) {
    call_ = nullptr;
    if (closed_) return;
    // Who may not look into all namespaces watches that of the context.
    if (absl::IsPermissionDenied(status) && request_.namespace_() == "*") {
      request_.clear_namespace_();
      return Open();
    }
    missed_ = true;
    // The token of whoever watches has ended; with another, another stream
    // begins.
    if (absl::IsUnauthenticated(status)) return;
    if (absl::IsDeadlineExceeded(status)) return Open();
    const absl::Duration pause = pause_;
    pause_ = std::min(2 * pause_, kLongestPause);
    after_(pause, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self != nullptr && !self->closed_) self->Open();
    });
  }

  upstream::UnaryCaller& caller_;
  const After after_;
  pb::WatchChangesRequest request_;
  pb::WatchChangesResponse response_;
  upstream::CallOptions options_;
  std::shared_ptr<upstream::OutgoingCall> call_;
  std::map<int, Listener> listeners_;
  int next_id_ = 1;
  absl::Duration pause_ = kShortestPause;
  bool missed_ = false;
  bool closed_ = false;
};

class ChangeWatcher::Handle : public mcp::ResourceWatch {
 public:
  Handle(ChangeWatcher& watcher, std::string key, int id)
      : watcher_(watcher), key_(std::move(key)), id_(id) {}
  ~Handle() override {
    const auto found = watcher_.streams_.find(key_);
    if (found == watcher_.streams_.end() || !found->second->Remove(id_)) return;
    const std::shared_ptr<Stream> stream = std::move(found->second);
    watcher_.streams_.erase(found);
    stream->Close();
  }

 private:
  ChangeWatcher& watcher_;
  const std::string key_;
  const int id_;
};

ChangeWatcher::ChangeWatcher(upstream::UnaryCaller& caller, After after)
    : caller_(caller), after_(std::move(after)) {}

ChangeWatcher::~ChangeWatcher() {
  for (const auto& [key, stream] : streams_) stream->Close();
}

std::unique_ptr<mcp::ResourceWatch> ChangeWatcher::Watch(
    WatchTarget target, const mcp::RequestContext& context,
    std::function<void()> on_change) {
  std::string key = KeyOf(target, context);
  std::shared_ptr<Stream>& stream = streams_[key];
  const bool is_new = stream == nullptr;
  if (is_new) {
    stream = std::make_shared<Stream>(caller_, after_, target, context);
  }
  const int id = stream->Add(std::move(target), std::move(on_change));
  if (is_new) stream->Open();
  return std::make_unique<Handle>(*this, std::move(key), id);
}

}  // namespace howdah::resources
