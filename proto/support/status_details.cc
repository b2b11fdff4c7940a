#include "proto/support/status_details.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace howdah::support {
namespace {

// Payload keys of absl::Status are the type URLs of the details.
std::string TypeUrl(const google::protobuf::Message& message) {
  return absl::StrCat("type.googleapis.com/",
                      message.GetDescriptor()->full_name());
}

}  // namespace

ErrorBuilder::ErrorBuilder(absl::StatusCode code, absl::string_view reason,
                           absl::string_view domain)
    : code_(code) {
  info_.set_reason(std::string(reason));
  info_.set_domain(std::string(domain));
}

ErrorBuilder& ErrorBuilder::Message(absl::string_view message) {
  message_ = std::string(message);
  return *this;
}

ErrorBuilder& ErrorBuilder::With(absl::string_view key,
                                 absl::string_view value) {
  (*info_.mutable_metadata())[std::string(key)] = std::string(value);
  return *this;
}

ErrorBuilder& ErrorBuilder::Field(absl::string_view path,
                                  absl::string_view description) {
  auto* violation = bad_request_.add_field_violations();
  violation->set_field(std::string(path));
  violation->set_description(std::string(description));
  return *this;
}

ErrorBuilder& ErrorBuilder::Precondition(absl::string_view type,
                                         absl::string_view subject,
                                         absl::string_view description) {
  auto* violation = precondition_.add_violations();
  violation->set_type(std::string(type));
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  return *this;
}

ErrorBuilder& ErrorBuilder::Resource(absl::string_view type,
                                     absl::string_view name) {
  resource_.set_resource_type(std::string(type));
  resource_.set_resource_name(std::string(name));
  return *this;
}

ErrorBuilder& ErrorBuilder::RetryAfter(absl::Duration delay) {
  retry_ = delay;
  return *this;
}

absl::Status ErrorBuilder::Build() const {
  absl::Status status(code_, message_);
  SetDetail(status, info_);
  if (bad_request_.field_violations_size() > 0) SetDetail(status, bad_request_);
  if (precondition_.violations_size() > 0) SetDetail(status, precondition_);
  if (!resource_.resource_name().empty()) SetDetail(status, resource_);
  if (retry_.has_value()) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(*retry_));
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(*retry_) % 1'000'000'000));
    SetDetail(status, retry);
  }
  return status;
}

absl::Status InvalidField(absl::string_view path,
                          absl::string_view description) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "INVALID_FIELD",
                      kHowdahDomain)
      .Message(absl::StrCat(path, ": ", description))
      .With("field", path)
      .Field(path, description)
      .Build();
}

void SetDetail(absl::Status& status, const google::protobuf::Message& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
}

bool GetDetail(const absl::Status& status, google::protobuf::Message& detail) {
  const auto payload = status.GetPayload(TypeUrl(detail));
  return payload.has_value() && detail.ParseFromString(std::string(*payload));
}

std::string ErrorReason(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  return GetDetail(status, info) ? info.reason() : std::string();
}

google::rpc::Status ToProto(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    auto* detail = proto.add_details();
    detail->set_type_url(std::string(type));
    detail->set_value(std::string(payload));
  });
  return proto;
}

absl::Status FromProto(const google::rpc::Status& proto) {
  absl::Status status(static_cast<absl::StatusCode>(proto.code()),
                      proto.message());
  for (const auto& detail : proto.details()) {
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return status;
}

absl::Status FromWire(int code, absl::string_view message,
                      absl::string_view details) {
  google::rpc::Status proto;
  if (!details.empty() &&
      proto.ParseFromArray(details.data(), static_cast<int>(details.size())) &&
      proto.code() == code) {
    return FromProto(proto);
  }
  return absl::Status(static_cast<absl::StatusCode>(code), message);
}

}  // namespace howdah::support
