#include "adapter/rendering/cell_text.h"

#include "absl/strings/strip.h"
#include "adapter/rendering/clean_text.h"
#include "adapter/transcoding/message_to_json.h"

namespace howdah::rendering {
namespace {

using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using transcoding::FieldKind;
using transcoding::FieldTable;

// The raw text of one value, of an item where `index` is not -1.
std::string ValueText(const Message& message, const FieldTable& field,
                      int index) {
  const Reflection& reflection = *message.GetReflection();
  const auto* descriptor = field.descriptor;
  switch (field.kind) {
    case FieldKind::kBool: {
      const bool value =
          index < 0 ? reflection.GetBool(message, descriptor)
                    : reflection.GetRepeatedBool(message, descriptor, index);
      return value ? "yes" : "no";
    }
    case FieldKind::kString:
      return index < 0
                 ? reflection.GetString(message, descriptor)
                 : reflection.GetRepeatedString(message, descriptor, index);
    case FieldKind::kTimestamp:
    case FieldKind::kDuration: {
      const Message& child =
          index < 0 ? reflection.GetMessage(message, descriptor)
                    : reflection.GetRepeatedMessage(message, descriptor, index);
      return field.kind == FieldKind::kTimestamp
                 ? transcoding::TimestampText(child)
                 : transcoding::DurationText(child);
    }
    default: {
      std::string json;
      transcoding::AppendFieldValueJson(message, field, index, json);
      // Enums and long integers have quotes in JSON only.
      absl::string_view bare = json;
      if (absl::ConsumePrefix(&bare, "\"")) absl::ConsumeSuffix(&bare, "\"");
      return std::string(bare);
    }
  }
}

}  // namespace

bool HasText(const Message& message, const FieldTable& field) {
  if (field.facts->secret()) return false;
  const Reflection& reflection = *message.GetReflection();
  if (field.descriptor->is_repeated()) {
    return reflection.FieldSize(message, field.descriptor) > 0;
  }
  if (reflection.HasField(message, field.descriptor)) return true;
  // HasField is false for a zero of a field without presence.
  return !field.facts->column().empty() && !field.has_presence &&
         (field.kind == FieldKind::kBool || field.kind == FieldKind::kInteger ||
          field.kind == FieldKind::kLongInteger ||
          field.kind == FieldKind::kNumber);
}

size_t AppendCell(const Message& message, const FieldTable& field, size_t limit,
                  std::string& out) {
  if (!HasText(message, field)) return 0;
  if (!field.repeated) {
    return AppendOneLine(ValueText(message, field, -1), limit, out);
  }
  const int size =
      message.GetReflection()->FieldSize(message, field.descriptor);
  std::string joined;
  for (int i = 0; i < size && joined.size() <= 4 * limit; ++i) {
    if (i > 0) joined += ", ";
    joined += ValueText(message, field, i);
  }
  return AppendOneLine(joined, limit, out);
}

}  // namespace howdah::rendering
