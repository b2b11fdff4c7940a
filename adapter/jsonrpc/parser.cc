#include "adapter/jsonrpc/parser.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"

namespace howdah::jsonrpc {
namespace {

constexpr char kExample[] =
    R"(for example {"jsonrpc":"2.0","id":1,"method":"tools/list"})";

// Ids are strings or numbers; anything else cannot be echoed.
bool IsId(absl::string_view value) {
  return IsString(value) || IsNumber(value);
}

Error FaultOf(const CheckResult& check) {
  switch (check.defect) {
    case Defect::kBadUtf8:
      return ParseError("The message is not valid UTF-8; send JSON as UTF-8.");
    case Defect::kTooDeep:
      return InvalidRequest(
          absl::StrCat("The message nests arrays and objects deeper than ",
                       JsonChecker::kMaxDepth, " levels; send a flatter one."));
    case Defect::kDuplicateKey:
      return InvalidRequest(absl::StrCat(
          "The key \"", check.detail.substr(0, 100),
          "\" stands twice in one object; each key may stand once."));
    default:
      return ParseError(absl::StrCat("The message is not valid JSON (",
                                     check.detail,
                                     "); one message is one "
                                     "complete JSON object, ",
                                     kExample, "."));
  }
}

Message Invalid(absl::string_view id, Error fault) {
  Message message;
  message.id = id;
  message.fault = std::move(fault);
  return message;
}

struct Envelope {
  absl::string_view jsonrpc, id, method, params, result, error;
};

Envelope Open(absl::string_view object) {
  Envelope envelope;
  ForEachMember(object, [&](absl::string_view key, absl::string_view value) {
    if (StringEquals(key, "jsonrpc")) {
      envelope.jsonrpc = value;
    } else if (StringEquals(key, "id")) {
      envelope.id = value;
    } else if (StringEquals(key, "method")) {
      envelope.method = value;
    } else if (StringEquals(key, "params")) {
      envelope.params = value;
    } else if (StringEquals(key, "result")) {
      envelope.result = value;
    } else if (StringEquals(key, "error")) {
      envelope.error = value;
    }
    return true;
  });
  return envelope;
}

Message ReadResponse(const Envelope& envelope, absl::string_view id) {
  if (id.empty() || envelope.result.empty() == envelope.error.empty()) {
    return Invalid(id, InvalidRequest(absl::StrCat(
                           "method is missing; a request names its method, ",
                           kExample, ".")));
  }
  Message message;
  message.kind = MessageKind::kResponse;
  message.id = id;
  message.result = envelope.result;
  message.error = envelope.error;
  return message;
}

Message Read(absl::string_view value) {
  if (!IsObject(value)) {
    return Invalid({}, InvalidRequest(absl::StrCat(
                           "A message is a JSON object, ", kExample, ".")));
  }
  const Envelope envelope = Open(value);
  const absl::string_view id =
      IsId(envelope.id) ? envelope.id : absl::string_view();
  if (!StringEquals(envelope.jsonrpc, "2.0")) {
    return Invalid(
        id, InvalidRequest(absl::StrCat("jsonrpc must be the string \"2.0\", ",
                                        kExample, ".")));
  }
  if (!envelope.id.empty() && id.empty()) {
    return Invalid(
        id, InvalidRequest("id must be a string or a number, for example 1; "
                           "leave it out of a notification."));
  }
  if (envelope.method.empty()) return ReadResponse(envelope, id);
  if (!IsString(envelope.method)) {
    return Invalid(id, InvalidRequest("method must be a string, for example "
                                      "\"tools/list\"."));
  }
  if (!envelope.params.empty() && !IsObject(envelope.params) &&
      !IsArray(envelope.params)) {
    return Invalid(id, InvalidRequest("params must be an object, for example "
                                      "{}, or left out."));
  }
  Message message;
  message.kind =
      envelope.id.empty() ? MessageKind::kNotification : MessageKind::kRequest;
  message.id = id;
  message.method = DecodeString(envelope.method);
  message.params = envelope.params;
  return message;
}

// A refused message's id, if it can be known: it stands on the first level,
// which is well formed unless the text is no JSON at all.
absl::string_view IdOfRefused(const CheckResult& check,
                              absl::string_view text) {
  if (check.defect == Defect::kNotJson || check.defect == Defect::kBadUtf8 ||
      (check.defect == Defect::kDuplicateKey && check.detail == "id")) {
    return {};
  }
  absl::string_view id = Member(text, "id");
  return IsId(id) ? id : absl::string_view();
}

Parsed One(Message message) {
  Parsed parsed;
  parsed.messages.push_back(std::move(message));
  return parsed;
}

}  // namespace

Parsed Parser::Parse(absl::string_view text) {
  const CheckResult check = checker_.Check(text);
  text = absl::StripAsciiWhitespace(text);
  if (check.defect != Defect::kNone) {
    return One(Invalid(IdOfRefused(check, text), FaultOf(check)));
  }
  if (!IsArray(text)) return One(Read(text));
  Parsed parsed;
  parsed.batch = true;
  bool too_many = false;
  ForEachElement(text, [&](absl::string_view element) {
    too_many = parsed.messages.size() == kMaxBatch;
    if (!too_many) parsed.messages.push_back(Read(element));
    return !too_many;
  });
  if (too_many) {
    return One(Invalid(
        {}, InvalidRequest(absl::StrCat("A batch holds at most ", kMaxBatch,
                                        " messages; send several."))));
  }
  if (parsed.messages.empty()) {
    return One(Invalid(
        {}, InvalidRequest("A batch holds at least one message; this one is "
                           "empty.")));
  }
  return parsed;
}

}  // namespace howdah::jsonrpc
