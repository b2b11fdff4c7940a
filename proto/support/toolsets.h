// Whether a toolset is on where nobody says so.
//
//   IsOnUnasked(*service, environment)
//
// One that the contract marks `only_on_request` is off, unless one of the
// environment variables that switch it on is set.
#ifndef HOWDAH_PROTO_SUPPORT_TOOLSETS_H_
#define HOWDAH_PROTO_SUPPORT_TOOLSETS_H_

#include "google/protobuf/descriptor.h"
#include "proto/support/environment.h"

namespace howdah::support {

bool IsOnUnasked(const google::protobuf::ServiceDescriptor& service,
                 const EnvironmentOf& environment);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_TOOLSETS_H_
