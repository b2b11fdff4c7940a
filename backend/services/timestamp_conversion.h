// absl::Time to google.protobuf.Timestamp.
#ifndef HOWDAH_BACKEND_SERVICES_TIMESTAMP_CONVERSION_H_
#define HOWDAH_BACKEND_SERVICES_TIMESTAMP_CONVERSION_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace howdah::services {

inline void SetTimestamp(absl::Time time, google::protobuf::Timestamp* proto) {
  int64_t seconds = absl::ToUnixSeconds(time);
  proto->set_seconds(seconds);
  proto->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_TIMESTAMP_CONVERSION_H_
