#include "backend/local/postgres/installations.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/local/postgres/errors.h"

namespace howdah::local::postgres {

Installations FindInstallations(const std::string& root) {
  Installations found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(root, error), end;
       !error && it != end; it.increment(error)) {
    Installation candidate;
    if (!absl::SimpleAtoi(it->path().filename().string(), &candidate.major)) {
      continue;
    }
    candidate.bin_directory = (it->path() / "bin").string();
    bool complete = true;
    for (const char* program : {"postgres", "initdb", "pg_basebackup",
                                "pg_rewind", "pg_controldata"}) {
      std::string path = absl::StrCat(candidate.bin_directory, "/", program);
      complete = complete && access(path.c_str(), X_OK) == 0;
    }
    if (complete) found.push_back(std::move(candidate));
  }
  std::sort(found.begin(), found.end(),
            [](const Installation& a, const Installation& b) {
              return a.major < b.major;
            });
  return found;
}

std::optional<int> MajorOfImage(absl::string_view image) {
  image = image.substr(0, image.find('@'));
  size_t slash = image.rfind('/');
  size_t colon = image.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  if (slash != absl::string_view::npos && slash > colon) return std::nullopt;
  absl::string_view tag = image.substr(colon + 1);
  size_t digits = 0;
  while (digits < tag.size() && absl::ascii_isdigit(tag[digits])) ++digits;
  int major = 0;
  if (!absl::SimpleAtoi(tag.substr(0, digits), &major)) return std::nullopt;
  return major;
}

absl::StatusOr<Installation> Choose(const Installations& installations,
                                    absl::string_view image) {
  if (installations.empty()) return PostgresNotInstalled();
  if (image.empty()) return installations.back();
  std::optional<int> major = MajorOfImage(image);
  if (!major.has_value()) {
    return absl::NotFoundError(absl::StrCat("the tag of image \"", image,
                                            "\" names no PostgreSQL version"));
  }
  return ChooseMajor(installations, *major);
}

absl::StatusOr<Installation> ChooseMajor(const Installations& installations,
                                         int major) {
  for (const Installation& installation : installations) {
    if (installation.major == major) return installation;
  }
  if (installations.empty()) return PostgresNotInstalled();
  return VersionNotInstalled(
      major, absl::StrJoin(installations, ", ",
                           [](std::string* out, const Installation& found) {
                             absl::StrAppend(out, found.major);
                           }));
}

std::string ImageOf(const Installation& installation) {
  return absl::StrCat("ghcr.io/cloudnative-pg/postgresql:", installation.major);
}

}  // namespace howdah::local::postgres
