// The flags of howdah-mcp that only HTTP has: who may call from where, TLS, and
// limits. All can be changed while it serves (SIGHUP).
//
//   HttpConfig http;
//   DescribeHttp(options, http);
//   ...
//   transport.Reconfigure(TransportOptions(config));
#ifndef HOWDAH_ADAPTER_SERVER_HTTP_CONFIG_H_
#define HOWDAH_ADAPTER_SERVER_HTTP_CONFIG_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "adapter/mcp/doors.h"
#include "adapter/transports/http_server.h"
#include "adapter/transports/tls_files.h"
#include "boost/program_options/options_description.hpp"

namespace howdah::adapter {

// Threads: a value.
struct HttpConfig {
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  transports::TlsFiles tls;
  double rate_limit = -1;  // -1: by who may call
  double rate_burst = 200;
  std::size_t max_connections = 1024;
  std::size_t max_sessions = 1024;
};

void DescribeHttp(boost::program_options::options_description& options,
                  HttpConfig& config);

// INVALID_ARGUMENT, in a sentence about the flag that is wrong.
absl::Status CheckHttp(const HttpConfig& config);

// Sets what these flags decide; `open` where others than this machine may call.
void Apply(const HttpConfig& config, transports::HttpOptions& options);
void Apply(const HttpConfig& config, bool open, mcp::DoorOptions& options);

bool IsLoopback(absl::string_view host);

// The host of "https://db.example.com:8443/mcp"; empty if there is none.
std::string HostOfUrl(absl::string_view url);

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_HTTP_CONFIG_H_
