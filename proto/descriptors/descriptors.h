// The contract as data: a serialized FileDescriptorSet of every .proto file of
// this project with its imports and, unlike the descriptors that protoc
// compiles in, with source info, that is with the comments.
//
//   google::protobuf::FileDescriptorSet set;
//   set.ParseFromArray(descriptors::FileDescriptorSetBytes().data(), ...);
#ifndef HOWDAH_PROTO_DESCRIPTORS_DESCRIPTORS_H_
#define HOWDAH_PROTO_DESCRIPTORS_DESCRIPTORS_H_

#include "absl/strings/string_view.h"

namespace howdah::descriptors {

// Lives as long as the program. Threads: safe.
absl::string_view FileDescriptorSetBytes();

}  // namespace howdah::descriptors

#endif  // HOWDAH_PROTO_DESCRIPTORS_DESCRIPTORS_H_
