#include "adapter/mcp/session.h"

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

}  // namespace howdah::mcp
