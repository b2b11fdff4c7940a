// Words for values in error messages.
//
//   ExpectedValue(instances);   // "an integer from 1 to 10, for example 3"
#ifndef HOWDAH_ADAPTER_TRANSCODING_VALUE_TEXT_H_
#define HOWDAH_ADAPTER_TRANSCODING_VALUE_TEXT_H_

#include <string>

#include "adapter/transcoding/message_table.h"

namespace howdah::transcoding {

// What a field takes, with an example.
std::string ExpectedValue(const FieldTable& field);

// At most 60 bytes, cut between characters and marked with "…".
std::string Shortened(std::string text);

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_VALUE_TEXT_H_
