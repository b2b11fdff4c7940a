// Names a change, so that sending it a second time does it once.
//
//   "0f8fad5b-d9cb-469f-a165-70867728950e"  (a random UUID)
#ifndef HOWDAH_ADAPTER_TOOLS_REQUEST_ID_H_
#define HOWDAH_ADAPTER_TOOLS_REQUEST_ID_H_

#include <string>

namespace howdah::tools {

std::string NewRequestId();

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_REQUEST_ID_H_
