// The words of a JMESPath expression: between its text and the parser.
//
//   Tokens("Items[?size > `3`]")
//   => "Items", "[?", "size", ">", literal 3, "]", end
#ifndef HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_LEXER_H_
#define HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::aws::runner::jmespath_internal {

enum class TokenKind {
  kEnd,
  kIdentifier,  // text; quoted ones too
  kNumber,
  kLiteral,   // `…` and '…'
  kOperator,  // text: one of the signs
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text = {};
  bool quoted = false;
  nlohmann::json literal = {};
  int64_t number = 0;
  size_t place = 0;

  bool Is(absl::string_view sign) const {
    return kind == TokenKind::kOperator && text == sign;
  }
};

// The last one is kEnd.
absl::StatusOr<std::vector<Token>> Tokens(absl::string_view expression);

}  // namespace howdah::aws::runner::jmespath_internal

#endif  // HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_LEXER_H_
