#include "adapter/mcp/sse_pairs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/mcp/http_sessions.h"

namespace howdah::mcp {
namespace {

constexpr absl::string_view kIdParameter = "sessionId=";

absl::string_view QueryOf(absl::string_view target) {
  const std::size_t question = target.find('?');
  return question == absl::string_view::npos ? absl::string_view()
                                             : target.substr(question + 1);
}

absl::string_view IdIn(absl::string_view target) {
  for (absl::string_view pair : absl::StrSplit(QueryOf(target), '&')) {
    if (absl::StartsWith(pair, kIdParameter)) {
      return pair.substr(kIdParameter.size());
    }
  }
  return {};
}

}  // namespace

SsePair::SsePair(transports::Exchange& carrier, absl::string_view caller)
    : carrier_(carrier), caller_(caller) {
  session_.set_version(ProtocolVersion::k20241105);
  session_.set_link(this);
}

void SsePair::Send(std::string message) { carrier_.Send(std::move(message)); }

void SsePair::Finish(transports::Reply reply) {
  if (!reply.body.empty()) carrier_.Send(std::move(reply.body));
}

Session& SsePair::OnInitialized(ProtocolVersion version, const RequestContext&,
                                transports::Exchange&) {
  session_.set_version(version);
  return session_;
}

bool SsePair::Send(std::string message, transports::Exchange*) {
  carrier_.Send(std::move(message));
  return true;
}

void SsePairs::EndAll() {
  while (!ids_.empty()) {
    transports::Exchange& carrier = *ids_.begin()->first;
    OnGone(carrier);
    carrier.Finish({200, {}});
  }
}

bool SsePairs::HasRoom(absl::string_view caller) const {
  if (by_id_.size() >= most_) return false;
  // Nobody in particular may be anybody.
  if (caller.empty()) return true;
  const auto of_caller = std::count_if(
      by_id_.begin(), by_id_.end(),
      [&](const auto& entry) { return entry.second->caller() == caller; });
  return static_cast<std::size_t>(of_caller) < most_of_caller_;
}

bool SsePairs::Open(transports::Exchange& carrier, absl::string_view caller) {
  if (!HasRoom(caller)) return false;
  const std::string id = NewSessionId();
  // What narrows the stream narrows the messages too.
  const absl::string_view query = QueryOf(carrier.Target());
  const std::string endpoint = absl::StrCat(
      kSseMessagesPath, "?", kIdParameter, id, query.empty() ? "" : "&", query);
  by_id_[id] = std::make_unique<SsePair>(carrier, caller);
  ids_[&carrier] = id;
  // Clients do not read it; load balancers can, to keep the pair together.
  carrier.SetHeader("Mcp-Session-Id", id);
  carrier.SendEvent({.name = "endpoint", .data = endpoint});
  return true;
}

SsePair* SsePairs::Find(absl::string_view target, absl::string_view caller) {
  auto found = by_id_.find(IdIn(target));
  if (found == by_id_.end() || found->second->caller() != caller) {
    return nullptr;
  }
  return found->second.get();
}

bool SsePairs::OnGone(transports::Exchange& carrier) {
  auto found = ids_.find(&carrier);
  if (found == ids_.end()) return false;
  auto pair = by_id_.extract(found->second);
  ids_.erase(found);
  server_.End(pair.mapped()->session());
  server_.Abandon(*pair.mapped(), /*cancel=*/true);
  return true;
}

}  // namespace howdah::mcp
