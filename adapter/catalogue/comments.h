// The comments of the contract, which protoc leaves out of compiled-in
// descriptors and which are the descriptions of tools and parameters.
//
//   auto comments = Comments::Parse(descriptors::FileDescriptorSetBytes());
//   comments->Of(*method);   // "Lists PostgreSQL clusters with ..."
#ifndef HOWDAH_ADAPTER_CATALOGUE_COMMENTS_H_
#define HOWDAH_ADAPTER_CATALOGUE_COMMENTS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace howdah::catalogue {

// Threads: safe once parsed. Owns: the text.
class Comments {
 public:
  // Reads the files of this project only; imports of others are skipped unread.
  static absl::StatusOr<Comments> Parse(absl::string_view descriptor_set);

  // One paragraph on one line; empty if there is no comment. The descriptors
  // may be of any pool.
  std::string Of(const google::protobuf::MethodDescriptor& method) const;
  std::string Of(const google::protobuf::FieldDescriptor& field) const;

  // Import paths of the files read, in the order of the set.
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::string At(const google::protobuf::FileDescriptor& file,
                 const std::vector<int>& path) const;

  std::vector<std::string> files_;
  absl::flat_hash_map<std::string, std::string> by_place_;
};

}  // namespace howdah::catalogue

#endif  // HOWDAH_ADAPTER_CATALOGUE_COMMENTS_H_
