#include "backend/server/outgoing_status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "backend/observability/log.h"
#include "google/rpc/error_details.pb.h"
#include "proto/support/status_details.h"

namespace howdah::server {
namespace {

using support::ErrorBuilder;

// gRPC peers take 8 KiB of headers. The message is there twice: percent-encoded
// in grpc-message and, with the details and base64, in grpc-status-details-bin.
constexpr size_t kLongestMessage = 1200;
constexpr size_t kLargestDetails = 3600;
constexpr int kMostViolations = 10;
constexpr size_t kLongestLogged = 1000;

// The longest prefix of at most `size` bytes that ends between characters.
absl::string_view Prefix(absl::string_view text, size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    --size;
  }
  return text.substr(0, size);
}

std::string Bounded(absl::string_view message) {
  if (message.size() <= kLongestMessage) return std::string(message);
  return absl::StrCat(Prefix(message, kLongestMessage), "…");
}

absl::Status Unexplained(const absl::Status& status,
                         absl::string_view trace_id) {
  const bool unknown = status.code() == absl::StatusCode::kInternal ||
                       status.code() == absl::StatusCode::kUnknown ||
                       status.code() == absl::StatusCode::kDataLoss;
  if (!unknown) {
    return ErrorBuilder(status.code(), absl::StatusCodeToString(status.code()),
                        support::kHowdahDomain)
        .Message(status.message())
        .Build();
  }
  // Its text was written for whoever looks into the server.
  observability::Log(
      observability::LogLevel::kError, "unexplained error",
      {{"code", absl::StatusCodeToString(status.code())},
       {"error", std::string(Prefix(status.message(), kLongestLogged))},
       {"trace_id", std::string(trace_id)}});
  return ErrorBuilder(absl::StatusCode::kInternal, "INTERNAL",
                      support::kHowdahDomain)
      .Message(
          absl::StrCat("The server failed; its log tells more under trace id ",
                       trace_id, "."))
      .With("traceId", trace_id)
      .Build();
}

// Keeps what programs need most of details that are too large.
absl::Status Shrunk(const absl::Status& status) {
  absl::Status small(status.code(), status.message());
  google::rpc::ErrorInfo info;
  if (support::GetDetail(status, info)) {
    info.clear_metadata();
    support::SetDetail(small, info);
  }
  if (google::rpc::RetryInfo retry; support::GetDetail(status, retry)) {
    support::SetDetail(small, retry);
  }
  if (google::rpc::BadRequest bad; support::GetDetail(status, bad)) {
    google::rpc::BadRequest few;
    for (const auto& violation : bad.field_violations()) {
      if (few.field_violations_size() == kMostViolations) break;
      auto* kept = few.add_field_violations();
      kept->set_field(std::string(Prefix(violation.field(), 64)));
      kept->set_description(std::string(Prefix(violation.description(), 160)));
    }
    support::SetDetail(small, few);
  }
  return small;
}

}  // namespace

absl::Status OutgoingStatus(const absl::Status& status,
                            absl::string_view trace_id) {
  if (status.ok()) return status;
  absl::Status out = support::ErrorReason(status).empty()
                         ? Unexplained(status, trace_id)
                         : status;
  if (out.message().size() > kLongestMessage) {
    absl::Status bounded(out.code(), Bounded(out.message()));
    out.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
      bounded.SetPayload(url, payload);
    });
    out = std::move(bounded);
  }
  if (support::ToProto(out).ByteSizeLong() > kLargestDetails) {
    out = Shrunk(out);
  }
  return out;
}

}  // namespace howdah::server
