// Messages to and from the byte buffers of gRPC.
#ifndef HOWDAH_BACKEND_SERVER_MESSAGE_BYTES_H_
#define HOWDAH_BACKEND_SERVER_MESSAGE_BYTES_H_

#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

namespace howdah::server {

// All bytes in one piece; an empty one if there is no memory for it.
inline grpc::Slice InOnePiece(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  // Most requests lie in one piece, but not all: gRPC splits at frames.
  if (!bytes.TrySingleSlice(&slice).ok()) (void)bytes.DumpToSingleSlice(&slice);
  return slice;
}

inline grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_MESSAGE_BYTES_H_
