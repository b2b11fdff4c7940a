#include "backend/aws/runner/jmespath_lexer.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backend/aws/json_value.h"
#include "backend/aws/runner/jmespath_node.h"
#include "proto/support/status_macros.h"

namespace howdah::aws::runner::jmespath_internal {
namespace {

using nlohmann::json;

class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> All() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
      ASSIGN_OR_RETURN(Token token, Next());
      const bool end = token.kind == TokenKind::kEnd;
      tokens.push_back(std::move(token));
      if (end) return tokens;
    }
  }

 private:
  absl::StatusOr<Token> Next();
  absl::StatusOr<Token> Number();
  // What stands between two of the same sign, the sign itself escaped by `\`.
  absl::StatusOr<absl::string_view> Delimited(char sign);
  absl::StatusOr<Token> Literal();
  absl::StatusOr<Token> Quoted();
  absl::Status Wrong(absl::string_view problem) const {
    return QueryInvalid(
        absl::StrCat(problem, " at character ", at_ + 1, " of the query"));
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

absl::StatusOr<Token> Lexer::Next() {
  Token token{.place = at_};
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (absl::ascii_isalpha(c) || c == '_') {
    const size_t begin = at_;
    while (at_ < text_.size() &&
           (absl::ascii_isalnum(text_[at_]) || text_[at_] == '_')) {
      ++at_;
    }
    token.kind = TokenKind::kIdentifier;
    token.text = std::string(text_.substr(begin, at_ - begin));
    return token;
  }
  if (absl::ascii_isdigit(c) || c == '-') return Number();
  if (c == '"') return Quoted();
  if (c == '`' || c == '\'') return Literal();
  token.kind = TokenKind::kOperator;
  const absl::string_view rest = text_.substr(at_);
  for (const absl::string_view sign :
       {"[?", "[]", "||", "&&", "==", "!=", "<=", ">=", ".", "*", "[", "]",
        "{",  "}",  "(",  ")",  ",",  ":",  "@",  "&",  "|", "!", "<", ">"}) {
    if (!absl::StartsWith(rest, sign)) continue;
    token.text = std::string(sign);
    at_ += sign.size();
    return token;
  }
  if (c == '=') return Wrong("\"=\" is no comparison (\"==\" is)");
  return Wrong("a character that JMESPath does not know");
}

absl::StatusOr<Token> Lexer::Number() {
  Token token{.kind = TokenKind::kNumber, .place = at_};
  const size_t begin = at_++;
  while (at_ < text_.size() && absl::ascii_isdigit(text_[at_])) ++at_;
  if (!absl::SimpleAtoi(text_.substr(begin, at_ - begin), &token.number)) {
    return Wrong("a number that is none");
  }
  return token;
}

absl::StatusOr<absl::string_view> Lexer::Delimited(char sign) {
  const size_t begin = ++at_;
  while (at_ < text_.size() && text_[at_] != sign) {
    at_ += text_[at_] == '\\' ? 2 : 1;
  }
  if (at_ >= text_.size()) {
    return Wrong(absl::StrCat("no closing ", absl::string_view(&sign, 1)));
  }
  return text_.substr(begin, at_++ - begin);
}

absl::StatusOr<Token> Lexer::Quoted() {
  Token token{.kind = TokenKind::kIdentifier, .quoted = true, .place = at_};
  ASSIGN_OR_RETURN(const absl::string_view inside, Delimited('"'));
  const std::optional<json> value =
      ParseJsonValue(absl::StrCat("\"", inside, "\""));
  if (!value || !value->is_string()) {
    return Wrong("a quoted name that is no JSON string");
  }
  token.text = value->get<std::string>();
  return token;
}

absl::StatusOr<Token> Lexer::Literal() {
  Token token{.kind = TokenKind::kLiteral, .place = at_};
  const char sign = text_[at_];
  ASSIGN_OR_RETURN(const absl::string_view inside, Delimited(sign));
  if (sign == '\'') {
    token.literal = absl::StrReplaceAll(inside, {{"\\'", "'"}});
    return token;
  }
  const std::string text(absl::StripLeadingAsciiWhitespace(
      absl::StrReplaceAll(inside, {{"\\`", "`"}})));
  // Version 1 of the CLI takes `name` for `"name"`.
  std::optional<json> value = ParseJsonValue(text);
  if (!value) value = ParseJsonValue(absl::StrCat("\"", text, "\""));
  if (!value) return Wrong("a literal that is no JSON");
  token.literal = *std::move(value);
  return token;
}

}  // namespace

absl::StatusOr<std::vector<Token>> Tokens(absl::string_view expression) {
  return Lexer(expression).All();
}

}  // namespace howdah::aws::runner::jmespath_internal
