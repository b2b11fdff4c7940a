// For tests: the index of Debian's AWS CLI, the same on every machine.
//
//   Classification what = ClassifyText("ec2 terminate-instances …");
#ifndef HOWDAH_BACKEND_AWS_DEBIAN_INDEX_H_
#define HOWDAH_BACKEND_AWS_DEBIAN_INDEX_H_

#include "backend/aws/command_index.h"

namespace howdah::aws {

// Read once. Needs //backend/aws:debian_index.jsonl among the test's data.
const CommandIndex& DebianIndex();

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_DEBIAN_INDEX_H_
