#include "adapter/server/http_config.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/program_options/value_semantic.hpp"

namespace howdah::adapter {
namespace {

namespace po = boost::program_options;

// Requests a second for each caller where others than this machine can call.
constexpr double kOpenRate = 100;

bool IsOrigin(absl::string_view text) {
  const std::size_t scheme = text.find("://");
  return (absl::StartsWith(text, "http://") ||
          absl::StartsWith(text, "https://")) &&
         text.size() > scheme + 3 &&
         text.find_first_of("/?#@ ", scheme + 3) == absl::string_view::npos;
}

}  // namespace

void DescribeHttp(po::options_description& options, HttpConfig& config) {
  auto add = options.add_options();
  add("allowed-host", po::value(&config.allowed_hosts)->value_name("NAME"),
      "another host name under which http may be reached; may be repeated");
  add("allowed-origin", po::value(&config.allowed_origins)->value_name("URL"),
      "an origin, such as https://app.example.com, whose pages may call from a "
      "browser; may be repeated");
  add("tls-cert", po::value(&config.tls.certificate_chain)->value_name("FILE"),
      "speak TLS with this certificate chain (PEM); read again when it "
      "changes");
  add("tls-key", po::value(&config.tls.key)->value_name("FILE"),
      "private key (PEM) of --tls-cert");
  add("rate-limit", po::value(&config.rate_limit)->value_name("N"),
      "requests each caller may make in a second, and failed ones each "
      "address, 0 for any number; default: 100, on loopback without tokens any "
      "number");
  add("rate-burst",
      po::value(&config.rate_burst)
          ->value_name("N")
          ->default_value(config.rate_burst),
      "requests that may come at once before the rate holds");
  add("max-connections",
      po::value(&config.max_connections)
          ->value_name("N")
          ->default_value(config.max_connections),
      "connections that may be open");
  add("max-sessions",
      po::value(&config.max_sessions)
          ->value_name("N")
          ->default_value(config.max_sessions),
      "sessions kept; the one unused for longest gives way");
}

absl::Status CheckHttp(const HttpConfig& config) {
  if (config.tls.certificate_chain.empty() != config.tls.key.empty()) {
    return absl::InvalidArgumentError(
        "--tls-cert and --tls-key belong together; give both");
  }
  for (const std::string& origin : config.allowed_origins) {
    if (IsOrigin(origin)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "--allowed-origin is \"", origin,
        "\"; give scheme and host, for example https://app.example.com"));
  }
  if (config.rate_burst < 1) {
    return absl::InvalidArgumentError("--rate-burst is at least 1");
  }
  if (config.max_connections < 1 || config.max_sessions < 1) {
    return absl::InvalidArgumentError(
        "--max-connections and --max-sessions are at least 1");
  }
  return absl::OkStatus();
}

void Apply(const HttpConfig& config, transports::HttpOptions& options) {
  options.allowed_hosts = config.allowed_hosts;
  options.allowed_origins = config.allowed_origins;
  options.tls = config.tls;
  options.max_connections = config.max_connections;
  // Streams that are only listened to leave room for requests.
  options.max_listeners = config.max_connections - config.max_connections / 2;
}

void Apply(const HttpConfig& config, bool open, mcp::DoorOptions& options) {
  options.sessions.max_sessions = config.max_sessions;
  options.rate.burst = config.rate_burst;
  options.rate.per_second = config.rate_limit >= 0 ? config.rate_limit
                            : open                 ? kOpenRate
                                                   : 0;
}

bool IsLoopback(absl::string_view host) {
  return absl::StartsWith(host, "127.") || host == "::1" || host == "localhost";
}

std::string HostOfUrl(absl::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == absl::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (absl::StartsWith(url, "[")) {
    return std::string(url.substr(0, url.find(']') + 1));
  }
  return std::string(url.substr(0, url.find(':')));
}

}  // namespace howdah::adapter
