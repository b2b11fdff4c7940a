#include "adapter/catalogue/schema.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/transcoding/json_text.h"
#include "proto/support/formats.h"

namespace howdah::catalogue {
namespace {

using transcoding::AppendJsonString;
using transcoding::FieldKind;
using transcoding::FieldTable;
using transcoding::MessageTable;

// The answer and the items of its lists; what is deeper explains itself, and a
// model pays for each word.
constexpr size_t kMaxOutputDepth = 2;

void AppendText(absl::string_view key, absl::string_view text,
                std::string& out) {
  absl::StrAppend(&out, ",\"", key, "\":");
  AppendJsonString(text, out);
}

void AppendEnum(const transcoding::EnumTable& values, std::string& out) {
  out += "\"type\":\"string\",\"enum\":[";
  bool first = true;
  for (const auto& [number, name] : values.values()) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(name, out);
  }
  out += ']';
}

// Members of a scalar's schema, without the braces.
void AppendScalar(const FieldTable& field, std::string& out) {
  switch (field.kind) {
    case FieldKind::kBool:
      out += "\"type\":\"boolean\"";
      return;
    case FieldKind::kInteger:
      out += "\"type\":\"integer\"";
      return;
    case FieldKind::kLongInteger:
      out += "\"type\":\"string\",\"pattern\":\"^-?[0-9]+$\"";
      return;
    case FieldKind::kNumber:
      out += "\"type\":\"number\"";
      return;
    case FieldKind::kEnum:
      return AppendEnum(*field.enumeration, out);
    case FieldKind::kTimestamp:
      out += "\"type\":\"string\",\"format\":\"date-time\"";
      return;
    case FieldKind::kDuration:
      out += "\"type\":\"string\",\"pattern\":\"^[0-9]+([.][0-9]+)?s$\"";
      return;
    case FieldKind::kString:
    case FieldKind::kBytes:
      out += "\"type\":\"string\"";
      return;
    case FieldKind::kJson:
      return;  // No type: any JSON.
    case FieldKind::kAny:
    case FieldKind::kMap:
    case FieldKind::kMessage:
      out += "\"type\":\"object\"";
      return;
  }
}

void AppendInput(const FieldTable& field, const Comments& comments,
                 std::string& out);

void AppendInputProperties(const MessageTable& table, bool top_level,
                           bool offers_format, const Comments& comments,
                           std::string& out) {
  std::vector<std::string> required;
  out += "\"type\":\"object\",\"properties\":{";
  bool first = true;
  for (const FieldTable& field : table.fields) {
    if (top_level && field.facts->hidden()) continue;
    if (!first) out += ',';
    first = false;
    out += field.json_key;
    AppendInput(field, comments, out);
    if (field.facts->required()) {
      required.push_back(absl::StrCat("\"", field.name, "\""));
    }
  }
  if (offers_format) {
    absl::StrAppend(&out, first ? "" : ",",
                    R"("format":{"type":"string","enum":["text","json"],)"
                    R"("description":"How to show the result.",)"
                    R"("default":"text"})");
  }
  out += '}';
  if (!required.empty()) {
    absl::StrAppend(&out, ",\"required\":[", absl::StrJoin(required, ","), "]");
  }
  out += ",\"additionalProperties\":false";
}

void AppendInputType(const FieldTable& field, const Comments& comments,
                     std::string& out) {
  if (field.kind == FieldKind::kMap) {
    out += "\"type\":\"object\",\"additionalProperties\":";
    AppendInput(field.message->fields[1], comments, out);
  } else if (field.kind == FieldKind::kMessage) {
    AppendInputProperties(*field.message, false, false, comments, out);
  } else {
    AppendScalar(field, out);
  }
}

void AppendInput(const FieldTable& field, const Comments& comments,
                 std::string& out) {
  const auto& facts = *field.facts;
  out += '{';
  if (field.repeated) {
    out += "\"type\":\"array\",\"items\":{";
    AppendInputType(field, comments, out);
    out += '}';
  } else {
    AppendInputType(field, comments, out);
  }
  if (const std::string text = comments.Of(*field.descriptor); !text.empty()) {
    AppendText("description", text, out);
  }
  if (!facts.default_json().empty()) {
    absl::StrAppend(&out, ",\"default\":", facts.default_json());
  }
  if (facts.has_minimum()) {
    absl::StrAppend(&out, ",\"minimum\":", facts.minimum());
  }
  if (facts.has_maximum()) {
    absl::StrAppend(&out, ",\"maximum\":", facts.maximum());
  }
  if (facts.format() != howdah::mcp::v1::FORMAT_UNSPECIFIED) {
    AppendText("pattern", support::FormatFacts(facts.format()).schema_pattern,
               out);
  } else if (!facts.pattern().empty()) {
    AppendText("pattern", absl::StrCat("^(?:", facts.pattern(), ")$"), out);
  }
  out += '}';
}

// Nested types as far as `kMaxOutputDepth`, and no message inside itself.
void AppendOutput(const FieldTable& field,
                  std::vector<const MessageTable*>& above, std::string& out);

void AppendOutputProperties(const MessageTable& table,
                            std::vector<const MessageTable*>& above,
                            std::string& out) {
  out += "\"type\":\"object\"";
  const bool seen =
      std::find(above.begin(), above.end(), &table) != above.end();
  if (seen || above.size() >= kMaxOutputDepth) return;
  above.push_back(&table);
  out += ",\"properties\":{";
  bool first = true;
  for (const FieldTable& field : table.fields) {
    if (field.facts->secret()) continue;
    if (!first) out += ',';
    first = false;
    out += field.json_key;
    AppendOutput(field, above, out);
  }
  out += '}';
  above.pop_back();
}

void AppendOutput(const FieldTable& field,
                  std::vector<const MessageTable*>& above, std::string& out) {
  out += '{';
  if (field.repeated) out += "\"type\":\"array\",\"items\":{";
  if (field.kind == FieldKind::kMessage) {
    AppendOutputProperties(*field.message, above, out);
  } else if (field.kind == FieldKind::kLongInteger) {
    out += "\"type\":\"string\"";
  } else {
    AppendScalar(field, out);
  }
  out += field.repeated ? "}}" : "}";
}

}  // namespace

std::string InputSchema(const transcoding::ArgumentShape& shape,
                        const Comments& comments) {
  std::string out = "{";
  AppendInputProperties(*shape.table, true, shape.offers_format, comments, out);
  return out + "}";
}

std::string OutputSchema(const MessageTable& answer) {
  std::vector<const MessageTable*> above;
  std::string out = "{";
  AppendOutputProperties(answer, above, out);
  return out + "}";
}

}  // namespace howdah::catalogue
