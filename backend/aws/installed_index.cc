#include "backend/aws/installed_index.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "backend/aws/errors.h"
#include "backend/aws/index_plugin_text.h"
#include "openssl/sha.h"
#include "proto/support/status_macros.h"
#include "re2/re2.h"
#include "simdjson.h"

namespace howdah::aws {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kPluginModule = "howdah_aws_index";
constexpr absl::string_view kHeadFile = "head.json";

// Files below a folder that nobody else may enter.
class PrivateFolder {
 public:
  // Removed with its content by the destructor.
  static absl::StatusOr<PrivateFolder> MakeTemporary(
      const std::string& directory) {
    std::string name = absl::StrCat(directory, "/asking-XXXXXX");
    if (mkdtemp(name.data()) == nullptr) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", name));
    }
    return PrivateFolder(name);
  }
  PrivateFolder(PrivateFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})) {}
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

  absl::Status Write(absl::string_view name, absl::string_view text) const {
    const std::string file = absl::StrCat(path_, "/", name);
    const int descriptor =
        open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", file));
    }
    const bool written = write(descriptor, text.data(), text.size()) ==
                         static_cast<ssize_t>(text.size());
    const int problem = errno;
    close(descriptor);
    return written ? absl::OkStatus()
                   : absl::ErrnoToStatus(problem,
                                         absl::StrCat("cannot write ", file));
  }

 private:
  explicit PrivateFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(path);
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

std::string Digest(absl::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), 16));
}

// Whether the files that a head names as witnesses are as they were.
bool WitnessesHold(absl::string_view head) {
  simdjson::dom::parser parser;
  simdjson::dom::array witnesses;
  if (parser.parse(head.data(), head.size())["witnesses"].get(witnesses) !=
      simdjson::SUCCESS) {
    return false;
  }
  for (const simdjson::dom::element witness : witnesses) {
    std::string_view path;
    std::int64_t changed = 0;
    std::int64_t size = 0;
    if (witness.at(0).get(path) != simdjson::SUCCESS ||
        witness.at(1).get(changed) != simdjson::SUCCESS ||
        witness.at(2).get(size) != simdjson::SUCCESS) {
      return false;
    }
    struct stat facts;
    if (stat(std::string(path).c_str(), &facts) != 0) return false;
    const std::int64_t now =
        facts.st_mtim.tv_sec * std::int64_t{1000000000} + facts.st_mtim.tv_nsec;
    if (now != changed || facts.st_size != size) return false;
  }
  return witnesses.size() > 0;
}

absl::string_view FirstLine(absl::string_view text) {
  return text.substr(0, text.find('\n'));
}

// Of a name that the CLI gave, so that it can be a file's.
bool IsServiceName(absl::string_view name) {
  static const RE2* const kPattern = new RE2("[a-z0-9][a-z0-9._-]{0,62}");
  return RE2::FullMatch(re2::StringPiece(name.data(), name.size()), *kPattern);
}

std::string Excerpt(absl::string_view text) {
  std::string line;
  for (absl::string_view one : absl::StrSplit(text, '\n')) {
    // A Python program's last line says what went wrong.
    if (!absl::StripAsciiWhitespace(one).empty()) line = std::string(one);
  }
  if (line.size() > 200) line.resize(200);
  return absl::CHexEscape(line);
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code problem;
  fs::create_directories(fs::path(path).parent_path(), problem);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  }
  struct stat facts;
  if (lstat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is not a folder"));
  }
  // What is in it decides what runs: nobody else may have written it.
  if (facts.st_uid != geteuid() || (facts.st_mode & 0022) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " belongs to somebody else or others may write into it"));
  }
  return absl::OkStatus();
}

// Configuration with which the CLI loads our plug-in. Version 2 loads none
// without the path, version 1 takes the path for a plug-in.
std::string PluginConfiguration(bool is_version_2, absl::string_view folder) {
  return absl::StrCat(
      "[plugins]\n",
      is_version_2 ? absl::StrCat("cli_legacy_plugin_path = ", folder, "\n")
                   : "",
      "howdah = ", kPluginModule, "\n");
}

}  // namespace

absl::StatusOr<std::string> FindAwsCli(absl::string_view name,
                                       absl::string_view path) {
  const auto is_program = [](const std::string& file) {
    struct stat facts;
    return stat(file.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
           access(file.c_str(), X_OK) == 0;
  };
  if (absl::StrContains(name, "/")) {
    const std::string file = fs::absolute(std::string(name)).string();
    if (is_program(file)) return file;
    return CliMissing(name);
  }
  for (absl::string_view folder : absl::StrSplit(path, ':')) {
    // Relative folders would mean another program in each directory.
    if (!absl::StartsWith(folder, "/")) continue;
    const std::string file = absl::StrCat(folder, "/", name);
    if (is_program(file)) return file;
  }
  return CliMissing(name);
}

absl::StatusOr<std::unique_ptr<InstalledIndex>> InstalledIndex::Open(
    InstalledIndexOptions options) {
  RETURN_IF_ERROR(MakeFolder(options.cache_directory));
  // A changed plug-in writes other facts: its text is a part of the name.
  const std::string folder = absl::StrCat(
      options.cache_directory, "/",
      Digest(absl::StrCat(options.program, "\n", IndexPluginText()[0])));
  RETURN_IF_ERROR(MakeFolder(folder));
  std::unique_ptr<InstalledIndex> index(
      new InstalledIndex(std::move(options), folder));
  RETURN_IF_ERROR(index->Read());
  return index;
}

absl::Status InstalledIndex::Read() {
  const std::string file = absl::StrCat(folder_, "/", kHeadFile);
  absl::StatusOr<std::string> head = ReadFile(file);
  if (!head.ok() || !WitnessesHold(*head)) {
    // What was read of another CLI is of no use.
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
      if (entry.path().extension() == ".jsonl") {
        fs::remove(entry.path(), ignored);
      }
    }
    RETURN_IF_ERROR(Ask(""));
    head = ReadFile(file);
    RETURN_IF_ERROR(head.status());
  }
  const absl::StatusOr<IndexHead> parsed = ParseIndexHead(FirstLine(*head));
  if (!parsed.ok()) {
    return CliUnusable(options_.program, parsed.status().message());
  }
  head_ = *parsed;
  head_text_ = *std::move(head);
  return absl::OkStatus();
}

bool InstalledIndex::IsCurrent() const { return WitnessesHold(head_text_); }

absl::Status InstalledIndex::Ask(absl::string_view service) const {
  ASSIGN_OR_RETURN(const PrivateFolder folder,
                   PrivateFolder::MakeTemporary(folder_));
  RETURN_IF_ERROR(
      folder.Write(absl::StrCat(kPluginModule, ".py"), IndexPluginText()[0]));
  const auto run = [&](std::vector<std::string> more,
                       std::vector<std::string> environment)
      -> absl::StatusOr<ProgramResult> {
    more.insert(more.begin(), options_.program);
    for (const auto& [name, value] :
         std::initializer_list<std::pair<absl::string_view, std::string>>{
             {"PATH", "/usr/local/bin:/usr/bin:/bin"},
             {"HOME", folder.path()},
             {"LC_ALL", "C.UTF-8"},
             {"PYTHONDONTWRITEBYTECODE", "1"},
             {"AWS_PAGER", ""},
             {"AWS_EC2_METADATA_DISABLED", "true"},
             {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"}}) {
      environment.push_back(absl::StrCat(name, "=", value));
    }
    absl::StatusOr<ProgramResult> result =
        options_.run({.argv = std::move(more),
                      .environment = std::move(environment),
                      .directory = folder.path(),
                      .limit = options_.limit});
    if (!result.ok()) {
      return CliUnusable(options_.program, result.status().message());
    }
    if (result->exit_code != 0) {
      return CliUnusable(options_.program,
                         absl::StrCat("exit code ", result->exit_code, ", ",
                                      Excerpt(result->errors)));
    }
    return result;
  };

  std::string version = head_.cli_version;
  if (version.empty()) {
    ASSIGN_OR_RETURN(const ProgramResult said,
                     run({"--version"}, {"AWS_CONFIG_FILE=/dev/null"}));
    // Early versions 1 wrote it to the other stream.
    version = absl::StrCat(said.output, said.errors);
    if (!absl::StartsWith(version, "aws-cli/")) {
      return CliUnusable(options_.program,
                         absl::StrCat("its version is ", Excerpt(version)));
    }
  }
  RETURN_IF_ERROR(folder.Write(
      "config", PluginConfiguration(absl::StartsWith(version, "aws-cli/2."),
                                    folder.path())));
  const std::string out = absl::StrCat(folder.path(), "/index");
  // The word is never looked at: the plug-in ends the CLI before.
  RETURN_IF_ERROR(
      run({"s3"}, {absl::StrCat("AWS_CONFIG_FILE=", folder.path(), "/config"),
                   absl::StrCat("PYTHONPATH=", folder.path()),
                   absl::StrCat("HOWDAH_AWS_INDEX_OUT=", out),
                   absl::StrCat("HOWDAH_AWS_INDEX_SERVICE=", service)})
          .status());
  const std::string target =
      absl::StrCat(folder_, "/",
                   service.empty() ? std::string(kHeadFile)
                                   : absl::StrCat(service, ".jsonl"));
  if (chmod(out.c_str(), 0600) != 0 ||
      rename(out.c_str(), target.c_str()) != 0) {
    return CliUnusable(options_.program,
                       "it did not load the plug-in that asks it");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ServiceCommands>> InstalledIndex::Service(
    absl::string_view name) const {
  if (!std::binary_search(head_.services.begin(), head_.services.end(), name) ||
      !IsServiceName(name)) {
    return absl::NotFoundError(absl::StrCat("no service ", name));
  }
  Entry* entry;
  {
    absl::MutexLock lock(&mutex_);
    std::unique_ptr<Entry>& slot = entries_[name];
    if (slot == nullptr) slot = std::make_unique<Entry>();
    entry = slot.get();
  }
  absl::MutexLock lock(&entry->mutex);
  if (entry->commands != nullptr) return entry->commands;
  const std::string file = absl::StrCat(folder_, "/", name, ".jsonl");
  absl::StatusOr<std::string> text = ReadFile(file);
  // A file of a CLI that was replaced since has another head.
  if (!text.ok() || FirstLine(*text) != FirstLine(head_text_)) {
    RETURN_IF_ERROR(Ask(name));
    text = ReadFile(file);
    RETURN_IF_ERROR(text.status());
    if (FirstLine(*text) != FirstLine(head_text_)) {
      return CliUnusable(options_.program, "it was replaced; call again");
    }
  }
  const absl::string_view lines = *text;
  ASSIGN_OR_RETURN(entry->commands, ServiceCommands::Parse(
                                        lines.substr(FirstLine(lines).size())));
  return entry->commands;
}

}  // namespace howdah::aws
