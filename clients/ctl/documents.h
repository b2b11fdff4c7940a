// Messages as JSON and YAML documents, for programs.
//
//   ToJsonText(cluster) => {"name": "demo", "health": "healthy", …}
//
// Names are those of the contract; enum values are in the short form; absent
// fields and empty texts and lists are left out, numbers and switches are not.
// 64-bit numbers are JSON numbers. An Any shows what it holds.
#ifndef HOWDAH_CLIENTS_CTL_DOCUMENTS_H_
#define HOWDAH_CLIENTS_CTL_DOCUMENTS_H_

#include <string>

#include "clients/ctl/command.h"
#include "google/protobuf/message.h"

namespace howdah::ctl {

// Both end with a new line.
std::string ToJsonText(const google::protobuf::Message& message,
                       const CommandList& commands);
std::string ToYamlText(const google::protobuf::Message& message,
                       const CommandList& commands);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_DOCUMENTS_H_
