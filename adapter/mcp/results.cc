#include "adapter/mcp/results.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp {
namespace {

using jsonrpc::AppendString;

// Whether clients of this revision know such a block.
bool Knows(ProtocolVersion version, absl::string_view block) {
  const absl::string_view type = jsonrpc::Member(block, "type");
  if (jsonrpc::StringEquals(type, "audio")) return HasAnnotations(version);
  if (jsonrpc::StringEquals(type, "resource_link")) {
    return HasStructuredContent(version);
  }
  return true;
}

void AppendContent(std::string& out, const ToolResult& result,
                   ProtocolVersion version) {
  out += R"("content":[)";
  if (!result.text.empty() || result.blocks_json.empty()) {
    out += R"({"type":"text","text":)";
    AppendString(out, result.text);
    out += '}';
  }
  for (const std::string& block : result.blocks_json) {
    if (!Knows(version, block)) continue;
    absl::StrAppend(&out, out.back() == '[' ? "" : ",", block);
  }
  out += "],";
}

absl::string_view StatusText(TaskStatus status) {
  switch (status) {
    case TaskStatus::kWorking:
      return "working";
    case TaskStatus::kInputRequired:
      return "input_required";
    case TaskStatus::kCompleted:
      return "completed";
    case TaskStatus::kFailed:
      return "failed";
    case TaskStatus::kCancelled:
      return "cancelled";
  }
  return "failed";
}

void AppendTime(std::string& out, absl::string_view name, absl::Time time) {
  absl::StrAppend(
      &out, "\"", name, "\":\"",
      absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", time, absl::UTCTimeZone()),
      "\",");
}

// Replaces the comma of the last member.
void Close(std::string& out, absl::string_view with) {
  if (out.back() == ',') out.pop_back();
  absl::StrAppend(&out, with);
}

}  // namespace

Results::Results(const ServerInfo& info) {
  meta_ = R"("_meta":{"io.modelcontextprotocol/serverInfo":{)";
  AppendText(meta_, "name", info.name);
  AppendText(meta_, "title", info.title);
  AppendText(meta_, "version", info.version);
  Close(meta_, "}");
}

std::string Results::Begin(absl::string_view id, ProtocolVersion version,
                           std::size_t extra, absl::string_view type) const {
  std::string out = jsonrpc::BeginResult(
      id, extra + (IsModern(version) ? 48 + meta_.size() : 8));
  BeginObject(out, version, type);
  return out;
}

void Results::BeginObject(std::string& out, ProtocolVersion version,
                          absl::string_view type,
                          absl::string_view meta) const {
  out += '{';
  if (!IsModern(version)) return;
  absl::StrAppend(&out, R"("resultType":")", type, R"(",)", meta_,
                  meta.empty() ? "" : ",", meta, "},");
}

std::string Results::Empty(absl::string_view id,
                           ProtocolVersion version) const {
  std::string out = Begin(id, version);
  EndResult(out);
  return out;
}

void EndResult(std::string& out) { Close(out, "}}"); }
void EndObject(std::string& out) { Close(out, "}"); }

void AppendCacheHint(std::string& out, const CacheHint& hint,
                     ProtocolVersion version) {
  if (!IsModern(version)) return;
  absl::StrAppend(&out, R"("ttlMs":)", absl::ToInt64Milliseconds(hint.ttl),
                  R"(,"cacheScope":")", hint.shared ? "public" : "private",
                  R"(",)");
}

void AppendText(std::string& out, absl::string_view name,
                absl::string_view value) {
  if (value.empty()) return;
  absl::StrAppend(&out, "\"", name, "\":");
  AppendString(out, value);
  out += ',';
}

void AppendJson(std::string& out, absl::string_view name,
                absl::string_view json) {
  if (!json.empty()) absl::StrAppend(&out, "\"", name, "\":", json, ",");
}

void AppendToolResult(std::string& out, const ToolResult& result,
                      ProtocolVersion version) {
  AppendContent(out, result, version);
  if (HasStructuredContent(version)) {
    AppendJson(out, "structuredContent", result.structured_json);
  }
  if (result.is_error) out += R"("isError":true,)";
}

void AppendInputRequests(std::string& out,
                         const std::vector<InputRequest>& requests) {
  if (requests.empty()) return;
  out += R"("inputRequests":{)";
  for (const InputRequest& request : requests) {
    AppendString(out, request.key);
    absl::StrAppend(&out, R"(:{"method":")", request.method, R"(","params":)",
                    request.params_json.empty() ? "{}" : request.params_json,
                    "},");
  }
  Close(out, "},");
}

void AppendTask(std::string& out, absl::string_view task_id,
                const TaskState& task) {
  AppendText(out, "taskId", task_id);
  AppendText(out, "status", StatusText(task.status));
  AppendText(out, "statusMessage", task.message);
  AppendTime(out, "createdAt", task.created);
  AppendTime(out, "lastUpdatedAt", task.updated);
  const std::string ttl =
      task.ttl ? absl::StrCat(absl::ToInt64Milliseconds(*task.ttl)) : "null";
  AppendJson(out, "ttlMs", ttl);
  if (task.poll_interval) {
    AppendJson(out, "pollIntervalMs",
               absl::StrCat(absl::ToInt64Milliseconds(*task.poll_interval)));
  }
}

void AppendTaskDetail(std::string& out, const TaskState& task) {
  if (task.status == TaskStatus::kInputRequired) {
    AppendInputRequests(out, task.input_requests);
  }
  if (task.status == TaskStatus::kCompleted && task.result != nullptr) {
    // What the call itself would have been answered with.
    absl::StrAppend(&out, R"("result":{"resultType":")", kComplete, "\",");
    AppendToolResult(out, *task.result, kModernVersion);
    Close(out, "},");
  }
  if (task.status == TaskStatus::kFailed && task.error) {
    absl::StrAppend(&out, R"("error":{"code":)", task.error->code, ",");
    AppendText(out, "message", task.error->message);
    AppendJson(out, "data", task.error->data_json);
    Close(out, "},");
  }
}

}  // namespace howdah::mcp
