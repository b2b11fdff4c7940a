#include "adapter/transcoding/value_text.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/transcoding/json_text.h"

namespace howdah::transcoding {
namespace {

// The contract's example, else its default, else `fallback`; as JSON.
std::string Example(const FieldTable& field, absl::string_view fallback) {
  const auto& facts = *field.facts;
  if (!facts.example().empty()) {
    if (field.kind != FieldKind::kString) return facts.example();
    std::string quoted;
    AppendJsonString(facts.example(), quoted);
    return quoted;
  }
  if (!facts.default_json().empty()) return facts.default_json();
  return std::string(fallback);
}

std::string Integer(const FieldTable& field) {
  const auto& facts = *field.facts;
  std::string text = "an integer";
  if (facts.has_minimum() && facts.has_maximum()) {
    absl::StrAppend(&text, " from ", facts.minimum(), " to ", facts.maximum());
  } else if (facts.has_minimum()) {
    absl::StrAppend(&text, " of at least ", facts.minimum());
  } else if (facts.has_maximum()) {
    absl::StrAppend(&text, " of at most ", facts.maximum());
  }
  const std::string fallback =
      facts.has_minimum() ? absl::StrCat(facts.minimum()) : "1";
  return absl::StrCat(text, ", for example ", Example(field, fallback));
}

std::string OneOf(const EnumTable& values) {
  std::vector<std::string> names;
  for (const auto& [number, name] : values.values()) {
    names.push_back(absl::StrCat("\"", name, "\""));
  }
  return absl::StrCat("one of ", absl::StrJoin(names, ", "));
}

std::string Single(const FieldTable& field) {
  switch (field.kind) {
    case FieldKind::kBool:
      return "true or false";
    case FieldKind::kInteger:
    case FieldKind::kLongInteger:
      return Integer(field);
    case FieldKind::kNumber:
      return absl::StrCat("a number, for example ", Example(field, "1.5"));
    case FieldKind::kString:
      return absl::StrCat("a string, for example ", Example(field, "\"text\""));
    case FieldKind::kBytes:
      return "a string in base64, for example \"aGVsbG8=\"";
    case FieldKind::kEnum:
      return OneOf(*field.enumeration);
    case FieldKind::kTimestamp:
      return "a time as in RFC 3339, for example \"2030-01-31T12:00:00Z\"";
    case FieldKind::kDuration:
      return "seconds with an \"s\", for example \"90s\"";
    case FieldKind::kJson:
      return "any JSON value";
    case FieldKind::kMap:
      return "an object, for example {\"key\":\"value\"}";
    case FieldKind::kAny:
    case FieldKind::kMessage:
      return "an object, for example {}";
  }
  return "a value";
}

}  // namespace

std::string ExpectedValue(const FieldTable& field) {
  if (!field.repeated) return Single(field);
  return absl::StrCat("a list, each item ", Single(field));
}

std::string Shortened(std::string text) {
  constexpr size_t kMost = 60;
  if (text.size() <= kMost) return text;
  size_t cut = kMost;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) {
    --cut;
  }
  text.resize(cut);
  return text + "…";
}

}  // namespace howdah::transcoding
