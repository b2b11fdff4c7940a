#include "adapter/rendering/cell_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "adapter/rendering/clean_text.h"
#include "adapter/transcoding/message_to_json.h"

namespace howdah::rendering {
namespace {

using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using transcoding::FieldKind;
using transcoding::FieldTable;

// The raw text of one value, of an item where `index` is not -1. It lies in the
// message or in `scratch`.
absl::string_view ValueText(const Message& message, const FieldTable& field,
                            int index, std::string& scratch) {
  const Reflection& reflection = *field.reflection;
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
                 ? reflection.GetStringReference(message, descriptor, &scratch)
                 : reflection.GetRepeatedStringReference(message, descriptor,
                                                         index, &scratch);
    default: {
      scratch.clear();
      transcoding::AppendFieldValueJson(message, field, index, scratch);
      // Times, enums and long integers have quotes in JSON only.
      absl::string_view bare = scratch;
      if (absl::ConsumePrefix(&bare, "\"")) absl::ConsumeSuffix(&bare, "\"");
      return bare;
    }
  }
}

}  // namespace

bool HasText(const Message& message, const FieldTable& field) {
  if (field.facts->secret()) return false;
  const Reflection& reflection = *field.reflection;
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
  return HasText(message, field) ? AppendValue(message, field, limit, out) : 0;
}

size_t AppendValue(const Message& message, const FieldTable& field,
                   size_t limit, std::string& out) {
  std::string scratch;
  if (!field.repeated) {
    return AppendOneLine(ValueText(message, field, -1, scratch), limit, out);
  }
  const int size = field.reflection->FieldSize(message, field.descriptor);
  std::string joined;
  for (int i = 0; i < size && joined.size() <= 4 * limit; ++i) {
    absl::StrAppend(&joined, i > 0 ? ", " : "",
                    ValueText(message, field, i, scratch));
  }
  return AppendOneLine(joined, limit, out);
}

}  // namespace howdah::rendering
