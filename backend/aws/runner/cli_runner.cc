#include "backend/aws/runner/cli_runner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backend/aws/errors.h"
#include "backend/aws/runner/cli_errors.h"
#include "proto/support/status_macros.h"

namespace howdah::aws::runner {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostMemory = uint64_t{1} << 30;
constexpr uint64_t kLongestFile = uint64_t{256} << 20;
constexpr char kInputFile[] = ".input.json";
constexpr char kFolderPrefix[] = "howdah-aws";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A file that only we can read.
absl::Status WriteFile(const std::string& path, absl::string_view text) {
  const process::Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return FolderFailed(path, strerror(errno));
  while (!text.empty()) {
    const ssize_t written = write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return FolderFailed(path, strerror(errno));
    text.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

// What a command wrote, at most `most` bytes of it.
std::string ReadBounded(const std::string& path, size_t most, bool& cut) {
  // No link that the command may have made is followed.
  const process::Descriptor file(
      open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat facts {};
  if (file.get() < 0 || fstat(file.get(), &facts) != 0 ||
      !S_ISREG(facts.st_mode)) {
    return "";
  }
  std::string text(std::min<size_t>(most, facts.st_size), '\0');
  cut |= static_cast<size_t>(facts.st_size) > most;
  const ssize_t got = read(file.get(), text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return text;
}

std::string UsersFile(const Environment& server, const char* variable,
                      const char* name) {
  const auto given = server.find(variable);
  if (given != server.end() && !given->second.empty()) return given->second;
  const auto home = server.find("HOME");
  return home == server.end() ? "" : absl::StrCat(home->second, "/.aws/", name);
}

constexpr const char* kPassedOn[] = {
    // Who acts.
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_V1_DISABLED", "AWS_METADATA_SERVICE_TIMEOUT",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
    // Where.
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
    // How.
    "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_DEFAULTS_MODE", "AWS_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY",
    "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "PATH",
    "TZ"};

// Signing in by single sign-on is the operator's, and its caches are in the
// operator's home.
absl::Status LinkSignIns(const Environment& server, const std::string& home) {
  const auto users = server.find("HOME");
  std::error_code error;
  fs::create_directories(home + "/.aws", error);
  if (error) return FolderFailed(home, error.message());
  if (users == server.end()) return absl::OkStatus();
  for (const char* cache : {"sso", "login"}) {
    const std::string real = absl::StrCat(users->second, "/.aws/", cache);
    if (!fs::is_directory(real, error)) continue;
    fs::create_directory_symlink(real, absl::StrCat(home, "/.aws/", cache),
                                 error);
    if (error) return FolderFailed(home, error.message());
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> KnownVariables() {
  std::vector<std::string> names = {"HOME", "AWS_CONFIG_FILE",
                                    "AWS_SHARED_CREDENTIALS_FILE"};
  for (const char* name : kPassedOn) names.emplace_back(name);
  return names;
}

CliRunner::CliRunner(CliRunnerOptions options, process::ProgramPool& pool)
    : options_(std::move(options)), pool_(pool) {
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  if (!error) RemoveAbandonedFolders(temporary.string(), kFolderPrefix);
}

absl::StatusOr<std::string> CliRunner::OwnFolder() {
  const std::lock_guard lock(mutex_);
  if (folder_ != nullptr) return folder_->path();
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  if (error) return FolderFailed("for temporary files", error.message());
  ASSIGN_OR_RETURN(auto folder,
                   PrivateFolder::Make(temporary.string(), kFolderPrefix));
  RETURN_IF_ERROR(LinkSignIns(options_.environment, folder->path() + "/home"));
  folder_ = std::move(folder);
  return folder_->path();
}

std::string CliRunner::Variable(const char* name) const {
  const auto found = options_.environment.find(name);
  return found == options_.environment.end() ? "" : found->second;
}

CliConfig CliRunner::ReadConfig() const {
  return CliConfig::Parse(
      ReadFile(UsersFile(options_.environment, "AWS_CONFIG_FILE", "config")),
      ReadFile(UsersFile(options_.environment, "AWS_SHARED_CREDENTIALS_FILE",
                         "credentials")));
}

std::string CliRunner::DefaultProfile() const {
  const std::string profile = Variable("AWS_PROFILE");
  return profile.empty() ? Variable("AWS_DEFAULT_PROFILE") : profile;
}

std::string CliRunner::RegionOf(const std::string& profile) const {
  // In the order in which the CLI looks.
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string region = Variable(name); !region.empty()) {
      return region;
    }
  }
  const CliConfig config = ReadConfig();
  const CliProfile* found = config.Find(profile.empty() ? "default" : profile);
  return found == nullptr ? "" : found->region;
}

bool CliRunner::HasEnvironmentCredentials() const {
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE",
                           "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"}) {
    if (!Variable(name).empty()) return true;
  }
  return false;
}

std::vector<std::string> CliRunner::ChildEnvironment(
    const std::string& folder) const {
  Environment variables;
  for (const char* name : kPassedOn) {
    const auto found = options_.environment.find(name);
    if (found != options_.environment.end()) variables.insert(*found);
  }
  variables.try_emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
  variables.try_emplace("AWS_RETRY_MODE", "standard");
  variables.try_emplace("AWS_MAX_ATTEMPTS", "3");
  variables["HOME"] = folder + "/home";
  variables["LC_ALL"] = "C.UTF-8";
  variables["AWS_CLI_AUTO_PROMPT"] = "off";
  // The option says it for the command; roles are assumed by the way.
  if (options_.endpoint_url.empty()) {
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  } else {
    variables["AWS_ENDPOINT_URL"] = options_.endpoint_url;
  }
  variables["AWS_PAGER"] = "";
  variables["PYTHONDONTWRITEBYTECODE"] = "1";
  // Else glibc keeps memory for each thread of a transfer.
  variables["MALLOC_ARENA_MAX"] = "2";
  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) {
    environment.push_back(absl::StrCat(name, "=", value));
  }
  return environment;
}

std::vector<std::string> CliRunner::ArgumentsForPeople(const CliCall& call) {
  std::vector<std::string> arguments = call.arguments;
  if (!call.profile.empty()) {
    arguments.insert(arguments.end(), {"--profile", call.profile});
  }
  if (!call.region.empty()) {
    arguments.insert(arguments.end(), {"--region", call.region});
  }
  return arguments;
}

absl::Status CliRunner::Run(CliCall call, Done done) {
  ASSIGN_OR_RETURN(const std::string own, OwnFolder());
  ASSIGN_OR_RETURN(std::shared_ptr<PrivateFolder> folder,
                   PrivateFolder::Make(own, "call"));
  // Written anew for each call: they change, and they go with the call.
  const CliConfig config = ReadConfig();
  RETURN_IF_ERROR(WriteFile(folder->path() + "/.config", config.safe_config()));
  // Copied only if need be: a copy is one more place where they are.
  std::string credentials = UsersFile(
      options_.environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  if (!config.credentials_may_pass()) {
    credentials = folder->path() + "/.credentials";
    RETURN_IF_ERROR(WriteFile(credentials, config.safe_credentials()));
  }

  process::Program program;
  process::Command& command = program.command;
  command.argv = ArgumentsForPeople(call);
  command.argv.insert(command.argv.begin(), call.program);
  if (!call.input_json.empty()) {
    const std::string input = absl::StrCat(folder->path(), "/", kInputFile);
    RETURN_IF_ERROR(WriteFile(input, call.input_json));
    command.argv.insert(command.argv.end(),
                        {"--cli-input-json", absl::StrCat("file://", input)});
  }
  command.argv.insert(command.argv.end(), {"--output", "json", "--color", "off",
                                           "--cli-connect-timeout", "10",
                                           "--cli-read-timeout", "60"});
  if (!options_.endpoint_url.empty()) {
    command.argv.insert(command.argv.end(),
                        {"--endpoint-url", options_.endpoint_url});
  }
  command.environment = ChildEnvironment(own);
  command.environment.push_back(
      absl::StrCat("AWS_CONFIG_FILE=", folder->path(), "/.config"));
  command.environment.push_back(
      absl::StrCat("AWS_SHARED_CREDENTIALS_FILE=", credentials));
  if (!call.trace_id.empty()) {
    command.environment.push_back(
        absl::StrCat("AWS_EXECUTION_ENV=howdah-trace-", call.trace_id));
  }
  command.directory = folder->path();
  command.most_memory = kMostMemory;
  command.longest_file = kLongestFile;
  program.until = call.until;
  program.cancelled = call.cancelled;
  program.ending = call.ending;
  program.grace = call.grace;
  program.most_output = options_.most_output;

  const absl::Status taken = pool_.Run(
      std::move(program),
      [folder = std::move(folder), done = std::move(done),
       files = std::move(call.output_files), most = options_.most_output,
       name = call.program](absl::StatusOr<process::ProgramEnd> end) mutable {
        if (!end.ok()) {
          folder.reset();
          return done(CliUnusable(name, end.status().message()));
        }
        CliOutput output;
        output.end = *std::move(end);
        for (const std::string& file : files) {
          output.files[file] = ReadBounded(
              absl::StrCat(folder->path(), "/", file), most, output.file_cut);
        }
        // Whoever hears of the end finds nothing left of the call.
        folder.reset();
        done(std::move(output));
      });
  return taken.ok() ? taken : TooManyCommands();
}

}  // namespace howdah::aws::runner
