#include "backend/server/reflection.h"

#include <set>
#include <utility>

#include "google/protobuf/descriptor.pb.h"
#include "proto/descriptors/descriptors.h"
#include "proto/support/status_details.h"

namespace howdah::server {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using grpc::reflection::v1::FileDescriptorResponse;

constexpr char kReflectionFile[] = "grpc/reflection/v1/reflection.proto";
constexpr char kHealthFile[] = "grpc/health/v1/health.proto";

// Appends `file` and, before it, what it imports.
void AppendWithImports(google::protobuf::SimpleDescriptorDatabase& files,
                       const FileDescriptorProto& file,
                       std::set<std::string>& seen,
                       FileDescriptorResponse& response) {
  if (!seen.insert(file.name()).second) return;
  for (const std::string& name : file.dependency()) {
    FileDescriptorProto import;
    if (files.FindFileByName(name, &import)) {
      AppendWithImports(files, import, seen, response);
    }
  }
  response.add_file_descriptor_proto(file.SerializeAsString());
}

}  // namespace

Reflection::Reflection(std::vector<std::string> services)
    : services_(std::move(services)) {}

std::vector<SideMethod> Reflection::Methods() {
  SideMethod method;
  method.then = SideMethod::Then::kReadNext;
  method.answer = [this](absl::string_view bytes) { return Answer(bytes); };
  method.path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  SideMethod older = method;
  older.path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  return {method, older};
}

void Reflection::ReadDescriptors() {
  if (files_ != nullptr) return;
  files_ = std::make_unique<google::protobuf::SimpleDescriptorDatabase>();
  FileDescriptorSet contract;
  const absl::string_view bytes = descriptors::FileDescriptorSetBytes();
  contract.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  for (const FileDescriptorProto& file : contract.file()) files_->Add(file);
  for (const char* name : {kReflectionFile, kHealthFile}) {
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) continue;
    FileDescriptorProto proto;
    file->CopyTo(&proto);
    files_->Add(proto);
  }
}

absl::StatusOr<std::string> Reflection::Answer(absl::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                                 "MALFORMED_REQUEST", support::kHowdahDomain)
        .Message("The request is not a ServerReflectionRequest.")
        .Build();
  }
  ReadDescriptors();
  Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  FileDescriptorProto file;
  switch (request.message_request_case()) {
    case Request::kListServices:
      for (const std::string& service : services_) {
        response.mutable_list_services_response()->add_service()->set_name(
            service);
      }
      break;
    case Request::kFileByFilename:
      AnswerFiles(files_->FindFileByName(request.file_by_filename(), &file),
                  file, response);
      break;
    case Request::kFileContainingSymbol:
      AnswerFiles(files_->FindFileContainingSymbol(
                      request.file_containing_symbol(), &file),
                  file, response);
      break;
    case Request::kFileContainingExtension: {
      const auto& extension = request.file_containing_extension();
      AnswerFiles(
          files_->FindFileContainingExtension(
              extension.containing_type(), extension.extension_number(), &file),
          file, response);
      break;
    }
    case Request::kAllExtensionNumbersOfType:
      AnswerExtensionNumbers(request.all_extension_numbers_of_type(), response);
      break;
    case Request::MESSAGE_REQUEST_NOT_SET:
      response.mutable_error_response()->set_error_code(
          static_cast<int>(absl::StatusCode::kInvalidArgument));
      response.mutable_error_response()->set_error_message(
          "The request asks for nothing.");
      break;
  }
  return response.SerializeAsString();
}

void Reflection::AnswerFiles(bool found, const FileDescriptorProto& file,
                             Response& response) {
  if (!found) {
    response.mutable_error_response()->set_error_code(
        static_cast<int>(absl::StatusCode::kNotFound));
    response.mutable_error_response()->set_error_message(
        "The contract does not have that.");
    return;
  }
  std::set<std::string> seen;
  AppendWithImports(*files_, file, seen,
                    *response.mutable_file_descriptor_response());
}

void Reflection::AnswerExtensionNumbers(const std::string& type,
                                        Response& response) {
  std::vector<int> numbers;
  files_->FindAllExtensionNumbers(type, &numbers);
  auto& answer = *response.mutable_all_extension_numbers_response();
  answer.set_base_type_name(type);
  for (const int number : numbers) answer.add_extension_number(number);
}

}  // namespace howdah::server
