#include "proto/support/toolsets.h"

#include <algorithm>
#include <string>

#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::support {

bool IsOnUnasked(const google::protobuf::ServiceDescriptor& service,
                 const EnvironmentOf& environment) {
  const auto& facts = service.options().GetExtension(mcp::v1::service);
  return !facts.only_on_request() ||
         std::any_of(facts.switched_on_by().begin(),
                     facts.switched_on_by().end(),
                     [&](const std::string& variable) {
                       return !environment(variable.c_str()).empty();
                     });
}

}  // namespace howdah::support
