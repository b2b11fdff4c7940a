// The version of all programs.
//
//   absl::StrCat("howdah-mcp ", kVersion)
#ifndef HOWDAH_PROTO_SUPPORT_VERSION_H_
#define HOWDAH_PROTO_SUPPORT_VERSION_H_

namespace howdah::support {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_VERSION_H_
