// Structured error details on absl::Status, as google.rpc messages.
//
//   return ErrorBuilder(absl::StatusCode::kNotFound, "CLUSTER_NOT_FOUND",
//   kPostgresDomain)
//       .Message("Cluster \"demo\" does not exist in namespace \"default\";
//       list_postgres_clusters shows those that do.") .With("cluster",
//       "demo").With("namespace", "default") .Resource("Cluster",
//       "default/demo") .Build();
//
// Every error of this project is made so, and leaves the process with exactly
// one ErrorInfo. Named constructors for each domain's errors stand in that
// domain's errors.h.
#ifndef HOWDAH_PROTO_SUPPORT_STATUS_DETAILS_H_
#define HOWDAH_PROTO_SUPPORT_STATUS_DETAILS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace howdah::support {

inline constexpr absl::string_view kPostgresDomain = "postgres.howdah";
inline constexpr absl::string_view kAwsDomain = "aws.howdah";
inline constexpr absl::string_view kMcpDomain = "mcp.howdah";
inline constexpr absl::string_view kHowdahDomain = "howdah";

// Builds one error. Threads: not safe; a builder is used once.
class ErrorBuilder {
 public:
  // `reason`: stable UPPER_SNAKE_CASE, at most 63 characters.
  ErrorBuilder(absl::StatusCode code, absl::string_view reason,
               absl::string_view domain);

  // What happened to which object and what to do next, in one sentence.
  ErrorBuilder& Message(absl::string_view message);
  // A variable of the message; keys in lowerCamelCase.
  ErrorBuilder& With(absl::string_view key, absl::string_view value);
  // A wrong field of the request, with what was expected.
  ErrorBuilder& Field(absl::string_view path, absl::string_view description);
  // What stands in the way of a FAILED_PRECONDITION.
  ErrorBuilder& Precondition(absl::string_view type, absl::string_view subject,
                             absl::string_view description);
  ErrorBuilder& Resource(absl::string_view type, absl::string_view name);
  ErrorBuilder& RetryAfter(absl::Duration delay);

  absl::Status Build() const;

 private:
  absl::StatusCode code_;
  std::string message_;
  google::rpc::ErrorInfo info_;
  google::rpc::BadRequest bad_request_;
  google::rpc::PreconditionFailure precondition_;
  google::rpc::ResourceInfo resource_;
  std::optional<absl::Duration> retry_;
};

// INVALID_ARGUMENT for one field: reason "INVALID_FIELD".
absl::Status InvalidField(absl::string_view path,
                          absl::string_view description);

// Attaches a google.rpc detail, replacing one of the same type.
void SetDetail(absl::Status& status, const google::protobuf::Message& detail);

// Reads a detail; false if there is none of that type.
bool GetDetail(const absl::Status& status, google::protobuf::Message& detail);

// The reason of the ErrorInfo; empty if there is none.
std::string ErrorReason(const absl::Status& status);

// Whole status with its details, and back.
google::rpc::Status ToProto(const absl::Status& status);
absl::Status FromProto(const google::rpc::Status& proto);
// The same from gRPC's trailers, where details are the bytes of a
// google.rpc.Status. Peers that know nothing of details send none.
absl::Status FromWire(int code, absl::string_view message,
                      absl::string_view details);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_STATUS_DETAILS_H_
