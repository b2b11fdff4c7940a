#include "adapter/mcp/session.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp {
namespace {

// The same id may be escaped in one message and not in the next.
std::string Canonical(absl::string_view id) {
  if (id.find('\\') == absl::string_view::npos) return std::string(id);
  std::string out;
  jsonrpc::AppendString(out, jsonrpc::DecodeString(id));
  return out;
}

absl::Status ClientUnreachable() {
  return absl::UnavailableError(
      "The client keeps no stream open on which it could be asked.");
}

absl::Status TooManyQuestions() {
  return absl::ResourceExhaustedError(
      absl::StrCat("The client has left ", Session::kMaxQuestions,
                   " questions unanswered and is asked no more."));
}

absl::Status SessionEnded() {
  return absl::CancelledError("The client's session has ended.");
}

// What the client says was wrong is quoted, but not at any length.
absl::Status ClientRefused(absl::string_view error) {
  constexpr std::size_t kQuoted = 512;
  const std::string message =
      jsonrpc::DecodeString(jsonrpc::Member(error, "message"));
  return absl::AbortedError(
      message.empty() ? "The client answered with an error."
                      : absl::StrCat("The client answered with an error: ",
                                     message.substr(0, kQuoted)));
}

}  // namespace

bool Session::Add(absl::string_view id, Call* call) {
  return !remembers_ids_ || calls_.emplace(Canonical(id), call).second;
}

void Session::Remove(absl::string_view id) {
  if (remembers_ids_) calls_.erase(Canonical(id));
}

Call* Session::Find(absl::string_view id) const {
  auto found = calls_.find(Canonical(id));
  return found == calls_.end() ? nullptr : found->second;
}

AskId Session::Ask(absl::string_view method, absl::string_view params_json,
                   transports::Exchange* related, AskDone done) {
  if (questions_.size() >= kMaxQuestions) {
    done(TooManyQuestions());
    return 0;
  }
  const AskId id = last_question_ + 1;
  if (!remembers_ids_ || link_ == nullptr ||
      !link_->Send(
          jsonrpc::RequestMessage(absl::StrCat(id), method, params_json),
          related)) {
    done(ClientUnreachable());
    return 0;
  }
  last_question_ = id;
  questions_.emplace(id, std::move(done));
  return id;
}

void Session::Forget(AskId id, transports::Exchange* related) {
  if (questions_.erase(id) == 0) return;
  Notify("notifications/cancelled", absl::StrCat(R"({"requestId":)", id, "}"),
         related);
}

void Session::OnResponse(const jsonrpc::Message& response) {
  AskId id = 0;
  if (!absl::SimpleAtoi(response.id, &id)) return;
  auto found = questions_.find(id);
  if (found == questions_.end()) return;
  AskDone done = std::move(found->second);
  questions_.erase(found);
  if (response.error.empty()) {
    done(std::string(response.result));
  } else {
    done(ClientRefused(response.error));
  }
}

bool Session::Notify(absl::string_view method, absl::string_view params_json,
                     transports::Exchange* related) {
  return link_ != nullptr &&
         link_->Send(jsonrpc::NotificationMessage(method, params_json),
                     related);
}

void Session::Close() {
  link_ = nullptr;
  for (auto& [id, done] : std::exchange(questions_, {})) done(SessionEnded());
}

}  // namespace howdah::mcp
