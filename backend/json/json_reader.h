// Lenient reading of objects from upstreams with simdjson: what is missing or
// has another type than expected reads as empty, since other releases of the
// upstream must not break the reader.
//
//   ASSIGN_OR_RETURN(json::Element root, json::Parse(text));
//   std::string phase = json::Text(json::Path(root, "status", "phase"));
#ifndef HOWDAH_BACKEND_JSON_JSON_READER_H_
#define HOWDAH_BACKEND_JSON_JSON_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "simdjson.h"

namespace howdah::json {

using Element = simdjson::dom::element;

// Parses into a buffer of the calling thread: the element is valid until the
// next Parse on this thread. INVALID_ARGUMENT if the text is no JSON object.
absl::StatusOr<Element> Parse(absl::string_view text);

// The member, or an element for which all readers below give "empty".
std::optional<Element> Member(std::optional<Element> object,
                              absl::string_view key);

template <typename... Keys>
std::optional<Element> Path(Element root, Keys... keys) {
  std::optional<Element> at = root;
  ((at = Member(at, keys)), ...);
  return at;
}

std::string Text(std::optional<Element> element);
int64_t Integer(std::optional<Element> element, int64_t otherwise = 0);
// Of whole numbers too.
double Number(std::optional<Element> element, double otherwise = 0);
bool Boolean(std::optional<Element> element, bool otherwise = false);
absl::Time Timestamp(std::optional<Element> element);
std::vector<std::string> Texts(std::optional<Element> element);

template <typename Visit>
void ForEach(std::optional<Element> array, Visit visit) {
  simdjson::dom::array items;
  if (!array || array->get(items) != simdjson::SUCCESS) return;
  for (Element item : items) visit(item);
}

template <typename Visit>
void ForEachMember(std::optional<Element> object, Visit visit) {
  simdjson::dom::object members;
  if (!object || object->get(members) != simdjson::SUCCESS) return;
  for (simdjson::dom::key_value_pair member : members) {
    visit(absl::string_view(member.key.data(), member.key.size()),
          member.value);
  }
}

}  // namespace howdah::json

#endif  // HOWDAH_BACKEND_JSON_JSON_READER_H_
