#include "backend/json/json_reader.h"

#include "absl/status/status.h"
#include "simdjson.h"

namespace howdah::json {

absl::StatusOr<Element> Parse(absl::string_view text) {
  thread_local simdjson::dom::parser parser;
  Element root;
  if (auto error = parser.parse(text.data(), text.size()).get(root)) {
    return absl::InvalidArgumentError(simdjson::error_message(error));
  }
  if (!root.is_object()) {
    return absl::InvalidArgumentError("the text is no JSON object");
  }
  return root;
}

std::optional<Element> Member(std::optional<Element> object,
                              absl::string_view key) {
  simdjson::dom::object members;
  if (!object || object->get(members) != simdjson::SUCCESS) return std::nullopt;
  Element value;
  if (members.at_key(std::string_view(key.data(), key.size())).get(value) !=
      simdjson::SUCCESS) {
    return std::nullopt;
  }
  return value;
}

std::string Text(std::optional<Element> element) {
  std::string_view text;
  if (!element || element->get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

int64_t Integer(std::optional<Element> element, int64_t otherwise) {
  int64_t number = 0;
  if (!element || element->get(number) != simdjson::SUCCESS) return otherwise;
  return number;
}

double Number(std::optional<Element> element, double otherwise) {
  double number = 0;
  if (!element || element->get(number) != simdjson::SUCCESS) return otherwise;
  return number;
}

bool Boolean(std::optional<Element> element, bool otherwise) {
  bool value = false;
  if (!element || element->get(value) != simdjson::SUCCESS) return otherwise;
  return value;
}

absl::Time Timestamp(std::optional<Element> element) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, Text(element), &time, &error)) {
    return absl::InfinitePast();
  }
  return time;
}

std::vector<std::string> Texts(std::optional<Element> element) {
  std::vector<std::string> texts;
  ForEach(element, [&](Element item) { texts.push_back(Text(item)); });
  return texts;
}

}  // namespace howdah::json
