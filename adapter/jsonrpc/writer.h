// Writes JSON text in one pass, straight into the string that will be sent.
//
//   std::string out = BeginResult("7");      //
//   {"jsonrpc":"2.0","id":7,"result": out +=
//   R"({"content":[{"type":"text","text":)"; AppendString(out, "one \"two\"");
//   out += "}]}}";                           // the last brace is the message's
#ifndef HOWDAH_ADAPTER_JSONRPC_WRITER_H_
#define HOWDAH_ADAPTER_JSONRPC_WRITER_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/errors.h"

namespace howdah::jsonrpc {

// Quoted and escaped. Bytes that are not UTF-8 become U+FFFD.
void AppendString(std::string& out, absl::string_view text);

// Shortest form; NaN and infinities, which JSON cannot say, become null.
void AppendNumber(std::string& out, double value);

// The beginning of an answer up to its result. `extra` bytes are reserved.
std::string BeginResult(absl::string_view id, std::size_t extra = 0);

// What a message without a known id says of it.
enum class UnknownId { kNull, kOmit };

std::string ErrorMessage(absl::string_view id, const Error& error,
                         UnknownId unknown = UnknownId::kNull);

// {"jsonrpc":"2.0","id":..,"method":"..","params":..}
std::string RequestMessage(absl::string_view id, absl::string_view method,
                           absl::string_view params_json);

// {"jsonrpc":"2.0","method":"..","params":..}
std::string NotificationMessage(absl::string_view method,
                                absl::string_view params_json);

}  // namespace howdah::jsonrpc

#endif  // HOWDAH_ADAPTER_JSONRPC_WRITER_H_
