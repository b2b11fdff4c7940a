#include "adapter/catalogue/comments.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/coded_stream.h"

namespace howdah::catalogue {
namespace {

using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::SourceCodeInfo;

// Wire tags: FileDescriptorSet.file and FileDescriptorProto.name are both
// length-delimited fields with number 1.
constexpr uint32_t kFieldOne = (1 << 3) | 2;

template <typename Path>
std::string Place(absl::string_view file, const Path& path) {
  return absl::StrCat(file, ":", absl::StrJoin(path, "."));
}

// Field numbers of descriptor.proto lead to the place of an element.
std::vector<int> PathOf(const google::protobuf::Descriptor& message) {
  if (message.containing_type() == nullptr) {
    return {FileDescriptorProto::kMessageTypeFieldNumber, message.index()};
  }
  std::vector<int> path = PathOf(*message.containing_type());
  path.push_back(google::protobuf::DescriptorProto::kNestedTypeFieldNumber);
  path.push_back(message.index());
  return path;
}

// The name is written first by protoc, so a file can be judged by its start.
absl::string_view NameOf(absl::string_view file) {
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const uint8_t*>(file.data()),
      static_cast<int>(file.size()));
  uint32_t length = 0;
  if (in.ReadTag() != kFieldOne || !in.ReadVarint32(&length)) return "";
  return file.substr(in.CurrentPosition(), length);
}

}  // namespace

absl::StatusOr<Comments> Comments::Parse(absl::string_view descriptor_set) {
  const absl::Status broken = absl::InternalError(
      "The embedded descriptor set cannot be read; rebuild "
      "//proto/descriptors.");
  Comments comments;
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const uint8_t*>(descriptor_set.data()),
      static_cast<int>(descriptor_set.size()));
  while (in.ReadTag() == kFieldOne) {
    uint32_t length = 0;
    if (!in.ReadVarint32(&length)) return broken;
    const absl::string_view bytes =
        descriptor_set.substr(in.CurrentPosition(), length);
    if (!in.Skip(static_cast<int>(length))) return broken;
    if (absl::StartsWith(NameOf(bytes), "google/protobuf/")) continue;
    FileDescriptorProto file;
    if (!file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return broken;
    }
    for (const SourceCodeInfo::Location& at :
         file.source_code_info().location()) {
      if (at.leading_comments().empty()) continue;
      comments.by_place_[Place(file.name(), at.path())] = at.leading_comments();
    }
    comments.files_.push_back(file.name());
  }
  if (comments.files_.empty()) return broken;
  return comments;
}

std::string Comments::At(const google::protobuf::FileDescriptor& file,
                         const std::vector<int>& path) const {
  const auto it = by_place_.find(Place(file.name(), path));
  if (it == by_place_.end()) return "";
  std::string text = it->second;
  absl::RemoveExtraAsciiWhitespace(&text);
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

std::string Comments::Of(
    const google::protobuf::MethodDescriptor& method) const {
  return At(
      *method.file(),
      {FileDescriptorProto::kServiceFieldNumber, method.service()->index(),
       google::protobuf::ServiceDescriptorProto::kMethodFieldNumber,
       method.index()});
}

std::string Comments::Of(const google::protobuf::FieldDescriptor& field) const {
  std::vector<int> path = PathOf(*field.containing_type());
  path.push_back(google::protobuf::DescriptorProto::kFieldFieldNumber);
  path.push_back(field.index());
  return At(*field.file(), path);
}

}  // namespace howdah::catalogue
