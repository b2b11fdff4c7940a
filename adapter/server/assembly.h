// Puts the adapter together: the only file that names concrete classes.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<Assembly> assembly,
//                    Assembly::Make(config));
//   return assembly->Run([&] { return ParseConfig(argc, argv); });
//
// From the outside in: transport, door, MCP server, tool provider, channel to
// the backend, and perhaps the backend's process.
#ifndef HOWDAH_ADAPTER_SERVER_ASSEMBLY_H_
#define HOWDAH_ADAPTER_SERVER_ASSEMBLY_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapter/server/config.h"

namespace howdah::adapter {

// Threads: everything runs on the one that calls Run. Owns: all of it.
class Assembly {
 public:
  static absl::StatusOr<std::unique_ptr<Assembly>> Make(const Config& config);
  ~Assembly();

  // Reads the configuration anew.
  using ConfigSource = std::function<absl::StatusOr<Config>()>;

  // Serves until the end of the input (stdio), SIGTERM or SIGINT. Over HTTP,
  // SIGHUP takes access and limits from the source; a broken configuration
  // changes nothing.
  absl::Status Run(const ConfigSource& source);

 private:
  class Parts;
  explicit Assembly(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_ASSEMBLY_H_
