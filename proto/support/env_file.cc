#include "proto/support/env_file.h"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::support {
namespace {

constexpr std::size_t kLongestFile = 1 << 20;
constexpr absl::string_view kFlag = "--env-file";

absl::Status BadFile(absl::string_view what) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "BAD_ENV_FILE",
                      kHowdahDomain)
      .Message(what)
      .Build();
}

bool IsName(absl::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_';
         });
}

// What is wrong with a value; `value` is set if nothing is.
class ValueReader {
 public:
  explicit ValueReader(absl::string_view text) : rest_(text) {}

  // Empty if the value is good.
  absl::string_view Read(std::string& value) {
    if (absl::ConsumePrefix(&rest_, "'")) return ReadLiteral(value);
    if (absl::ConsumePrefix(&rest_, "\"")) return ReadQuoted(value);
    return ReadPlain(value);
  }

 private:
  absl::string_view ReadLiteral(std::string& value) {
    const std::size_t end = rest_.find('\'');
    if (end == absl::string_view::npos) return kUnclosed;
    value = std::string(rest_.substr(0, end));
    return AfterQuote(rest_.substr(end + 1));
  }

  absl::string_view ReadQuoted(std::string& value) {
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '"') return AfterQuote(rest_.substr(i + 1));
      if (c == '$' || c == '`') return kExpansion;
      if (c != '\\') {
        value += c;
        continue;
      }
      if (++i == rest_.size()) return kUnclosed;
      switch (rest_[i]) {
        case 'n':
          value += '\n';
          break;
        case 't':
          value += '\t';
          break;
        case '\\':
        case '"':
        case '$':
        case '`':
          value += rest_[i];
          break;
        default:
          return "has an escape other than \\n, \\t, \\\\, \\\", \\$ and \\`";
      }
    }
    return kUnclosed;
  }

  absl::string_view ReadPlain(std::string& value) {
    std::size_t end = rest_.size();
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '#' && (i == 0 || absl::ascii_isspace(rest_[i - 1]))) {
        end = i;
        break;
      }
    }
    const absl::string_view text =
        absl::StripAsciiWhitespace(rest_.substr(0, end));
    if (text.find_first_of("$`") != absl::string_view::npos) return kExpansion;
    if (text.find_first_of("'\"\\") != absl::string_view::npos) {
      return "has a quote or backslash in a value that is not quoted; put the "
             "whole value in single quotes";
    }
    value = std::string(text);
    return "";
  }

  static absl::string_view AfterQuote(absl::string_view rest) {
    rest = absl::StripLeadingAsciiWhitespace(rest);
    if (rest.empty() || rest.front() == '#') return "";
    return "has text after the closing quote";
  }

  static constexpr absl::string_view kUnclosed =
      "has a quote that is not closed on the same line";
  static constexpr absl::string_view kExpansion =
      "has a $ or backtick, and nothing is expanded here; put the value in "
      "single quotes if it is meant literally";

  absl::string_view rest_;
};

absl::Status SetFrom(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return BadFile(absl::StrCat("--env-file ", path, " cannot be read."));
  }
  std::string text;
  std::istreambuf_iterator<char> next(file), end;
  while (next != end && text.size() <= kLongestFile) text.push_back(*next++);
  if (file.bad() || text.size() > kLongestFile) {
    return BadFile(absl::StrCat("--env-file ", path,
                                " cannot be read, or is longer than 1 MiB."));
  }
  ASSIGN_OR_RETURN(const auto variables, ParseEnvFile(text, path));
  for (const auto& [name, value] : variables) {
    ::setenv(name.c_str(), value.c_str(), /*overwrite=*/0);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseEnvFile(
    absl::string_view text, absl::string_view path) {
  std::vector<std::pair<std::string, std::string>> variables;
  std::set<absl::string_view> seen;
  int number = 0;
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const auto bad = [&](absl::string_view what) {
      return BadFile(absl::StrCat("Line ", number, " of ", path, " ", what,
                                  "; write NAME=value."));
    };
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    if (absl::ConsumePrefix(&line, "export ")) {
      line = absl::StripLeadingAsciiWhitespace(line);
    }
    const std::size_t equals = line.find('=');
    if (equals == absl::string_view::npos) return bad("has no \"=\"");
    const absl::string_view name = line.substr(0, equals);
    if (!IsName(name)) {
      return bad(
          "has a name other than letters, digits and \"_\", or a space before "
          "the \"=\"");
    }
    if (!seen.insert(name).second) {
      return bad(absl::StrCat("sets ", name, " a second time"));
    }
    if (absl::StrContains(line, '\0')) return bad("has a NUL");
    std::string value;
    const absl::string_view wrong =
        ValueReader(absl::StripLeadingAsciiWhitespace(line.substr(equals + 1)))
            .Read(value);
    if (!wrong.empty()) return bad(wrong);
    variables.emplace_back(name, std::move(value));
  }
  return variables;
}

absl::Status LoadEnvFiles(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    absl::string_view argument = arguments[i];
    if (!absl::ConsumePrefix(&argument, kFlag)) continue;
    if (absl::ConsumePrefix(&argument, "=")) {
      RETURN_IF_ERROR(SetFrom(std::string(argument)));
    } else if (argument.empty() && i + 1 < arguments.size()) {
      RETURN_IF_ERROR(SetFrom(arguments[++i]));
    }
  }
  return absl::OkStatus();
}

}  // namespace howdah::support
