#include "adapter/transcoding/status_to_result.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "adapter/transcoding/json_text.h"
#include "google/rpc/error_details.pb.h"
#include "proto/support/status_details.h"

namespace howdah::transcoding {
namespace {

constexpr int kMostViolations = 50;
constexpr size_t kLongestMessage = 4000;

struct Details {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::PreconditionFailure precondition;
  google::rpc::RetryInfo retry;
  bool has_retry = false;
};

Details Read(const absl::Status& status) {
  Details details;
  support::GetDetail(status, details.info);
  support::GetDetail(status, details.bad_request);
  support::GetDetail(status, details.precondition);
  details.has_retry = support::GetDetail(status, details.retry);
  return details;
}

int64_t RetrySeconds(const Details& details) {
  const auto& delay = details.retry.retry_delay();
  return std::max<int64_t>(1, delay.seconds() + (delay.nanos() > 0 ? 1 : 0));
}

std::string Message(const absl::Status& status) {
  if (status.message().empty()) {
    return absl::StrCat("The call failed with ",
                        absl::StatusCodeToString(status.code()), ".");
  }
  std::string clean;
  absl::string_view rest = status.message().substr(0, kLongestMessage);
  while (!rest.empty()) {
    const CodePoint next = NextCodePoint(rest);
    const bool control = next.value < 0x20 && next.value != '\n';
    if (!control && !IsInvisible(next.value)) {
      absl::StrAppend(&clean, rest.substr(0, next.bytes));
    }
    rest.remove_prefix(next.bytes);
  }
  if (status.message().size() > kLongestMessage) clean += "…";
  return clean;
}

absl::string_view Advice(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kAborted:
      return "Read the object again, then decide whether to repeat the call.";
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return "Trying again in a moment may help.";
    case absl::StatusCode::kDeadlineExceeded:
      return "The call took too long; it may still have had its effect, so "
             "look before repeating it.";
    default:
      return "";
  }
}

std::string Text(const absl::Status& status, const Details& details) {
  std::string text = Message(status);
  int shown = 0;
  for (const auto& violation : details.bad_request.field_violations()) {
    // A sentence that already names its one field is not said twice.
    if (details.bad_request.field_violations_size() == 1 &&
        text.find(violation.description()) != std::string::npos &&
        text.find(violation.field()) != std::string::npos) {
      break;
    }
    if (++shown > kMostViolations) break;
    absl::StrAppend(&text, "\n- ", violation.field(), ": ",
                    violation.description());
  }
  for (const auto& violation : details.precondition.violations()) {
    // As a rule the sentence tells it already, in its own words.
    if (text.find(violation.description()) != std::string::npos) continue;
    if (++shown > kMostViolations) break;
    absl::StrAppend(&text, "\n- ", violation.subject(), ": ",
                    violation.description());
  }
  absl::StrAppend(&text, "\nCode: ", absl::StatusCodeToString(status.code()));
  if (!details.info.reason().empty()) {
    absl::StrAppend(&text, ", reason: ", details.info.reason());
  }
  absl::StrAppend(&text, ".");
  if (details.has_retry) {
    absl::StrAppend(&text, " Try again in ", RetrySeconds(details), " s.");
  } else if (const absl::string_view advice = Advice(status); !advice.empty()) {
    absl::StrAppend(&text, " ", advice);
  }
  return text;
}

void AppendMember(absl::string_view name, absl::string_view value,
                  std::string& out) {
  absl::StrAppend(&out, ",\"", name, "\":");
  AppendJsonString(value, out);
}

void AppendViolations(const Details& details, std::string& out) {
  const auto& fields = details.bad_request.field_violations();
  const auto& states = details.precondition.violations();
  if (fields.empty() && states.empty()) return;
  out += ",\"violations\":[";
  bool first = true;
  const auto append = [&](absl::string_view field,
                          absl::string_view description) {
    absl::StrAppend(&out, first ? "" : ",", "{\"field\":");
    AppendJsonString(field, out);
    AppendMember("description", description, out);
    out += '}';
    first = false;
  };
  for (const auto& violation : fields) {
    append(violation.field(), violation.description());
  }
  for (const auto& violation : states) {
    append(violation.subject(), violation.description());
  }
  out += ']';
}

std::string Json(const absl::Status& status, const Details& details) {
  std::string out = "{\"error\":{\"code\":";
  AppendJsonString(absl::StatusCodeToString(status.code()), out);
  if (!details.info.reason().empty()) {
    AppendMember("reason", details.info.reason(), out);
  }
  AppendMember("message", Message(status), out);
  AppendViolations(details, out);
  if (!details.info.metadata().empty()) {
    // Sorted, so that the same error always reads the same.
    const std::map<std::string, std::string> sorted(
        details.info.metadata().begin(), details.info.metadata().end());
    out += ",\"metadata\":{";
    bool first = true;
    for (const auto& [key, value] : sorted) {
      if (!first) out += ',';
      first = false;
      AppendJsonString(key, out);
      out += ':';
      AppendJsonString(value, out);
    }
    out += '}';
  }
  if (details.has_retry) {
    absl::StrAppend(&out, ",\"retry_after_seconds\":", RetrySeconds(details));
  }
  return out + "}}";
}

}  // namespace

mcp::ToolResult ErrorResult(const absl::Status& status) {
  const Details details = Read(status);
  mcp::ToolResult result;
  result.is_error = true;
  // Messages quote what upstream says.
  result.text = VisibleText(Text(status, details));
  result.structured_json = Json(status, details);
  return result;
}

}  // namespace howdah::transcoding
