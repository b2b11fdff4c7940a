#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backend/aws/runner/jmespath_lexer.h"
#include "backend/aws/runner/jmespath_node.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::aws::runner::jmespath_internal {
namespace {

using nlohmann::json;

constexpr size_t kLongest = 4096;
constexpr int kDeepest = 64;

NodePtr Make(Node node) {
  return std::make_shared<const Node>(std::move(node));
}

NodePtr Current() { return Make({.kind = NodeKind::kCurrent}); }

// How strongly a sign binds what stands before it; 0: not at all.
int Binding(const Token& token) {
  if (token.kind != TokenKind::kOperator) return 0;
  const absl::string_view sign = token.text;
  if (sign == "|") return 1;
  if (sign == "||") return 2;
  if (sign == "&&") return 3;
  if (sign == "==" || sign == "!=" || sign == "<" || sign == "<=" ||
      sign == ">" || sign == ">=") {
    return 5;
  }
  if (sign == "[]") return 9;
  if (sign == "[?") return 21;
  if (sign == ".") return 40;
  if (sign == "[") return 55;
  if (sign == "(") return 60;
  return 0;
}
// What binds less ends the right side of a projection.
constexpr int kProjectionStop = 10;
constexpr int kStar = 20;
constexpr int kNot = 45;

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  absl::StatusOr<NodePtr> Whole() {
    ASSIGN_OR_RETURN(NodePtr node, Expression(0));
    if (Now().kind != TokenKind::kEnd) return Unexpected();
    return node;
  }

 private:
  const Token& Now() const { return tokens_[at_]; }
  const Token& Peek(size_t more) const {
    return tokens_[std::min(at_ + more, tokens_.size() - 1)];
  }
  Token Take() {
    Token token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  absl::Status Expect(absl::string_view sign) {
    if (!Now().Is(sign)) return Unexpected();
    Take();
    return absl::OkStatus();
  }
  absl::Status Unexpected() const {
    const Token& token = Now();
    if (token.kind == TokenKind::kEnd) {
      return QueryInvalid("the query ends too early");
    }
    return QueryInvalid(
        absl::StrCat("nothing like that can stand at character ",
                     token.place + 1, " of the query"));
  }

  absl::StatusOr<NodePtr> Expression(int binding);
  absl::StatusOr<NodePtr> Prefix();
  absl::StatusOr<NodePtr> PrefixOperator(const Token& token);
  absl::StatusOr<NodePtr> Infix(NodePtr left);
  absl::StatusOr<NodePtr> Bracket(NodePtr left);
  absl::StatusOr<NodePtr> IndexOrSlice(NodePtr left);
  absl::StatusOr<NodePtr> Filter(NodePtr left);
  absl::StatusOr<NodePtr> Flatten(NodePtr left);
  absl::StatusOr<NodePtr> Star(NodePtr left);
  absl::StatusOr<NodePtr> AfterDot(int binding);
  absl::StatusOr<NodePtr> ProjectionRight(int binding);
  absl::StatusOr<NodePtr> MultiList();
  absl::StatusOr<NodePtr> MultiHash();
  absl::StatusOr<NodePtr> Call(std::string name);

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

absl::StatusOr<NodePtr> Parser::Expression(int binding) {
  if (++depth_ > kDeepest) {
    return QueryInvalid(
        absl::StrCat("the query is nested deeper than ", kDeepest));
  }
  ASSIGN_OR_RETURN(NodePtr left, Prefix());
  while (binding < Binding(Now())) {
    ASSIGN_OR_RETURN(left, Infix(std::move(left)));
  }
  --depth_;
  return left;
}

absl::StatusOr<NodePtr> Parser::Prefix() {
  const Token token = Take();
  switch (token.kind) {
    case TokenKind::kLiteral:
      return Make({.kind = NodeKind::kLiteral, .literal = token.literal});
    case TokenKind::kIdentifier:
      if (!token.quoted && Now().Is("(")) return Call(token.text);
      return Make({.kind = NodeKind::kField, .text = token.text});
    case TokenKind::kOperator:
      return PrefixOperator(token);
    default:
      if (at_ > 0 && token.kind != TokenKind::kEnd) --at_;
      return Unexpected();
  }
}

absl::StatusOr<NodePtr> Parser::PrefixOperator(const Token& token) {
  if (token.Is("@")) return Current();
  if (token.Is("*")) return Star(Current());
  if (token.Is("[]")) return Flatten(Current());
  if (token.Is("[?")) return Filter(Current());
  if (token.Is("{")) return MultiHash();
  if (token.Is("!")) {
    ASSIGN_OR_RETURN(NodePtr inner, Expression(kNot));
    return Make({.kind = NodeKind::kNot, .children = {inner}});
  }
  if (token.Is("&")) {
    ASSIGN_OR_RETURN(NodePtr inner, Expression(0));
    return Make({.kind = NodeKind::kReference, .children = {inner}});
  }
  if (token.Is("(")) {
    ASSIGN_OR_RETURN(NodePtr inner, Expression(0));
    RETURN_IF_ERROR(Expect(")"));
    return inner;
  }
  if (token.Is("[")) {
    const bool bracket = Now().kind == TokenKind::kNumber || Now().Is(":") ||
                         (Now().Is("*") && Peek(1).Is("]"));
    return bracket ? Bracket(Current()) : MultiList();
  }
  --at_;
  return Unexpected();
}

absl::StatusOr<NodePtr> Parser::Infix(NodePtr left) {
  const Token token = Take();
  const int binding = Binding(token);
  if (token.Is(".")) {
    if (Now().Is("*")) {
      Take();
      return Star(std::move(left));
    }
    ASSIGN_OR_RETURN(NodePtr right, AfterDot(binding));
    return Make({.kind = NodeKind::kSub, .children = {left, right}});
  }
  if (token.Is("[")) return Bracket(std::move(left));
  if (token.Is("[]")) return Flatten(std::move(left));
  if (token.Is("[?")) return Filter(std::move(left));
  if (token.Is("(")) {
    --at_;
    return Unexpected();
  }
  ASSIGN_OR_RETURN(NodePtr right, Expression(binding));
  NodeKind kind = NodeKind::kCompare;
  if (token.Is("|")) kind = NodeKind::kSub;
  if (token.Is("||")) kind = NodeKind::kOr;
  if (token.Is("&&")) kind = NodeKind::kAnd;
  return Make({.kind = kind, .text = token.text, .children = {left, right}});
}

// Behind "[".
absl::StatusOr<NodePtr> Parser::Bracket(NodePtr left) {
  if (Now().Is("*")) {
    Take();
    RETURN_IF_ERROR(Expect("]"));
    ASSIGN_OR_RETURN(NodePtr right, ProjectionRight(kStar));
    return Make({.kind = NodeKind::kProjection, .children = {left, right}});
  }
  return IndexOrSlice(std::move(left));
}

absl::StatusOr<NodePtr> Parser::IndexOrSlice(NodePtr left) {
  std::optional<int64_t> parts[3];
  size_t part = 0;
  while (!Now().Is("]")) {
    if (Now().Is(":") && part < 2) {
      Take();
      ++part;
    } else if (Now().kind == TokenKind::kNumber && !parts[part]) {
      parts[part] = Take().number;
    } else {
      return Unexpected();
    }
  }
  if (part == 0 && !parts[0]) return Unexpected();
  Take();
  if (part == 0) {
    NodePtr index = Make({.kind = NodeKind::kIndex, .number = *parts[0]});
    return Make({.kind = NodeKind::kSub, .children = {left, index}});
  }
  if (parts[2] == 0) return QueryInvalid("the step of a slice cannot be 0");
  NodePtr slice = Make({.kind = NodeKind::kSlice,
                        .start = parts[0],
                        .stop = parts[1],
                        .step = parts[2]});
  NodePtr sliced = Make({.kind = NodeKind::kSub, .children = {left, slice}});
  ASSIGN_OR_RETURN(NodePtr right, ProjectionRight(kStar));
  return Make({.kind = NodeKind::kProjection, .children = {sliced, right}});
}

absl::StatusOr<NodePtr> Parser::Filter(NodePtr left) {
  ASSIGN_OR_RETURN(NodePtr condition, Expression(0));
  RETURN_IF_ERROR(Expect("]"));
  NodePtr right = Current();
  if (!Now().Is("[]")) {
    ASSIGN_OR_RETURN(right, ProjectionRight(21));
  }
  return Make({.kind = NodeKind::kFilterProjection,
               .children = {left, right, condition}});
}

absl::StatusOr<NodePtr> Parser::Flatten(NodePtr left) {
  NodePtr flat = Make({.kind = NodeKind::kFlatten, .children = {left}});
  ASSIGN_OR_RETURN(NodePtr right, ProjectionRight(9));
  return Make({.kind = NodeKind::kProjection, .children = {flat, right}});
}

absl::StatusOr<NodePtr> Parser::Star(NodePtr left) {
  ASSIGN_OR_RETURN(NodePtr right, ProjectionRight(kStar));
  return Make({.kind = NodeKind::kValueProjection, .children = {left, right}});
}

absl::StatusOr<NodePtr> Parser::AfterDot(int binding) {
  const Token& token = Now();
  if (token.kind == TokenKind::kIdentifier || token.Is("*")) {
    return Expression(binding);
  }
  if (token.Is("[")) {
    Take();
    return MultiList();
  }
  if (token.Is("{")) {
    Take();
    return MultiHash();
  }
  return Unexpected();
}

absl::StatusOr<NodePtr> Parser::ProjectionRight(int binding) {
  const Token& token = Now();
  if (token.Is("[") || token.Is("[?")) return Expression(binding);
  if (token.Is(".")) {
    Take();
    return AfterDot(binding);
  }
  if (Binding(token) < kProjectionStop) return Current();
  return Unexpected();
}

// Behind "[".
absl::StatusOr<NodePtr> Parser::MultiList() {
  Node list{.kind = NodeKind::kMultiList};
  while (true) {
    ASSIGN_OR_RETURN(NodePtr item, Expression(0));
    list.children.push_back(std::move(item));
    if (Now().Is("]")) break;
    RETURN_IF_ERROR(Expect(","));
  }
  Take();
  return Make(std::move(list));
}

// Behind "{".
absl::StatusOr<NodePtr> Parser::MultiHash() {
  Node hash{.kind = NodeKind::kMultiHash};
  while (true) {
    if (Now().kind != TokenKind::kIdentifier) return Unexpected();
    hash.names.push_back(Take().text);
    RETURN_IF_ERROR(Expect(":"));
    ASSIGN_OR_RETURN(NodePtr value, Expression(0));
    hash.children.push_back(std::move(value));
    if (Now().Is("}")) break;
    RETURN_IF_ERROR(Expect(","));
  }
  Take();
  return Make(std::move(hash));
}

// Before "(".
absl::StatusOr<NodePtr> Parser::Call(std::string name) {
  Take();
  Node call{.kind = NodeKind::kFunction, .text = std::move(name)};
  while (!Now().Is(")")) {
    ASSIGN_OR_RETURN(NodePtr argument, Expression(0));
    call.children.push_back(std::move(argument));
    if (Now().Is(")")) break;
    RETURN_IF_ERROR(Expect(","));
    if (Now().Is(")")) return Unexpected();
  }
  Take();
  return Make(std::move(call));
}

}  // namespace

absl::StatusOr<NodePtr> ParseExpression(absl::string_view expression) {
  if (expression.size() > kLongest) {
    return QueryInvalid(
        absl::StrCat("the query is longer than ", kLongest, " bytes"));
  }
  if (absl::StripAsciiWhitespace(expression).empty()) {
    return QueryInvalid("the query is empty");
  }
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokens(expression));
  return Parser(std::move(tokens)).Whole();
}

absl::Status QueryInvalid(absl::string_view problem) {
  const std::string message = absl::StrCat(
      "The JMESPath expression of --query cannot be used: ", problem, ".");
  return support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                               "QUERY_INVALID", support::kAwsDomain)
      .Message(message)
      .Field("command", message)
      .Build();
}

}  // namespace howdah::aws::runner::jmespath_internal
