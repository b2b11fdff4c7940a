#include "backend/aws/shell_words.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "backend/aws/errors.h"
#include "proto/support/formats.h"
#include "proto/support/status_macros.h"

namespace howdah::aws {
namespace {

constexpr absl::string_view kBlanks = " \t";
// What a shell ends a word at and gives a meaning of its own.
constexpr absl::string_view kOperators = "|&;<>()";

bool IsIn(char c, absl::string_view set) {
  return set.find(c) != absl::string_view::npos;
}

// Splits one command. Threads: not safe; used once.
class Splitter {
 public:
  explicit Splitter(absl::string_view text) : rest_(text) {}

  absl::StatusOr<std::vector<std::string>> Run() {
    while (!rest_.empty()) {
      const char c = Take();
      if (IsIn(c, kBlanks)) {
        RETURN_IF_ERROR(EndWord());
      } else {
        RETURN_IF_ERROR(Unquoted(c));
      }
    }
    RETURN_IF_ERROR(EndWord());
    return std::move(words_);
  }

 private:
  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void Add(char c) {
    word_.push_back(c);
    in_word_ = true;
  }

  absl::Status EndWord() {
    if (!in_word_) return absl::OkStatus();
    if (words_.size() >= kMaxWords) {
      return CommandTooLong(absl::StrCat("more than ", kMaxWords, " words"));
    }
    words_.push_back(std::exchange(word_, {}));
    in_word_ = false;
    return absl::OkStatus();
  }

  absl::Status Unquoted(char c) {
    switch (c) {
      case '\'':
        return SingleQuoted();
      case '"':
        return DoubleQuoted();
      case '\\':
        return Escaped();
      case '\n':
      case '\r':
        return ShellSyntax("a line break",
                           "would end the command; give one command per call "
                           "(a backslash at the end of a line continues it)");
      case '`':
      case '$':
        return MaybeExpansion(c);
      default:
        break;
    }
    if (IsIn(c, kOperators)) {
      return ShellSyntax(
          std::string(1, c),
          "would be a pipe, redirection or several commands; filter the result "
          "with --query and give one command per call, or quote the character");
    }
    if (!in_word_ && c == '#') {
      return ShellSyntax("#", "would begin a comment; quote the word");
    }
    if (!in_word_ && c == '~') {
      return ShellSyntax("~", "would become a home directory; quote the word");
    }
    Add(c);
    return absl::OkStatus();
  }

  absl::Status SingleQuoted() {
    in_word_ = true;
    const size_t end = rest_.find('\'');
    if (end == absl::string_view::npos) return Unfinished("'");
    word_.append(rest_.data(), end);
    rest_.remove_prefix(end + 1);
    return absl::OkStatus();
  }

  absl::Status DoubleQuoted() {
    in_word_ = true;
    while (!rest_.empty()) {
      const char c = Take();
      if (c == '"') return absl::OkStatus();
      if (c == '`' || c == '$') {
        RETURN_IF_ERROR(MaybeExpansion(c));
      } else if (c == '\\' && !rest_.empty() && rest_.front() == '\n') {
        Take();
      } else if (c == '\\' && !rest_.empty() && IsIn(rest_.front(), "$`\"\\")) {
        Add(Take());
      } else {
        Add(c);
      }
    }
    return Unfinished("\"");
  }

  absl::Status Escaped() {
    if (rest_.empty()) return Unfinished("\\");
    const char c = Take();
    if (c != '\n') Add(c);
    return absl::OkStatus();
  }

  // A `$` that a shell would leave alone is a plain character.
  absl::Status MaybeExpansion(char c) {
    if (c == '`') {
      return ShellSyntax("`",
                         "would run a command; write the word in single quotes "
                         "(JMESPath: --query '[?State==`running`]')");
    }
    const bool expands =
        !rest_.empty() && (absl::ascii_isalnum(rest_.front()) ||
                           IsIn(rest_.front(), "_({@*#?-$!"));
    if (expands) {
      return ShellSyntax("$",
                         "would be replaced by a variable or a command's "
                         "output, which is not done here; put the value "
                         "itself, or the word in single quotes to mean the "
                         "character");
    }
    Add(c);
    return absl::OkStatus();
  }

  static absl::Status Unfinished(absl::string_view quote) {
    return ShellSyntax(quote, "has no end");
  }

  absl::string_view rest_;
  std::vector<std::string> words_;
  std::string word_;
  bool in_word_ = false;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> SplitWords(absl::string_view command) {
  if (command.size() > kMaxCommandBytes) {
    return CommandTooLong(
        absl::StrCat("more than ", kMaxCommandBytes, " bytes"));
  }
  if (!support::IsUtf8(command)) {
    return ShellSyntax("what is not UTF-8", "cannot be in a command");
  }
  if (command.find('\0') != absl::string_view::npos) {
    return ShellSyntax("a NUL character", "cannot be in a command");
  }
  return Splitter(absl::StripAsciiWhitespace(command)).Run();
}

std::string QuoteWord(absl::string_view word) {
  constexpr absl::string_view kPlain = "-_./:=@%+,";
  bool plain = !word.empty();
  for (const char c : word) {
    plain = plain && (absl::ascii_isalnum(c) || IsIn(c, kPlain));
  }
  if (plain) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "'";
}

}  // namespace howdah::aws
