#include "backend/aws/runner/jmespath_functions.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/aws/json_value.h"
#include "backend/aws/runner/jmespath_node.h"
#include "proto/support/status_macros.h"

namespace howdah::aws::runner::jmespath_internal {
namespace {

using nlohmann::json;
using Arguments = std::vector<json>;

bool AllNumbers(const json& list) {
  return std::all_of(list.begin(), list.end(),
                     [](const json& item) { return item.is_number(); });
}

bool AllStrings(const json& list) {
  return std::all_of(list.begin(), list.end(),
                     [](const json& item) { return item.is_string(); });
}

// Whole where the value is whole, as the CLI writes it.
json Number(double value) {
  constexpr double kExactInteger = 9007199254740992;  // 2^53
  if (value == std::trunc(value) && std::abs(value) <= kExactInteger) {
    return static_cast<int64_t>(value);
  }
  return value;
}

size_t CharacterCount(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
}

std::string Reversed(const std::string& text) {
  std::string reversed;
  reversed.reserve(text.size());
  for (size_t end = text.size(); end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 &&
           (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) {
      --begin;
    }
    reversed.append(text, begin, end - begin);
    end = begin;
  }
  return reversed;
}

// What a parameter takes; checked before the function runs.
enum class Takes {
  kAny,
  kNumber,
  kString,
  kArray,
  kObject,
  kNumbers,
  kStrings,
  kNumbersOrStrings,
  kStringOrArray,
  kStringArrayObject,
};

bool Fits(Takes takes, const json& value) {
  switch (takes) {
    case Takes::kAny:
      return true;
    case Takes::kNumber:
      return value.is_number();
    case Takes::kString:
      return value.is_string();
    case Takes::kArray:
      return value.is_array();
    case Takes::kObject:
      return value.is_object();
    case Takes::kNumbers:
      return value.is_array() && AllNumbers(value);
    case Takes::kStrings:
      return value.is_array() && AllStrings(value);
    case Takes::kNumbersOrStrings:
      return value.is_array() && (AllNumbers(value) || AllStrings(value));
    case Takes::kStringOrArray:
      return value.is_array() || value.is_string();
    case Takes::kStringArrayObject:
      return value.is_array() || value.is_string() || value.is_object();
  }
  return false;
}

absl::string_view Name(Takes takes) {
  switch (takes) {
    case Takes::kAny:
      return "anything";
    case Takes::kNumber:
      return "a number";
    case Takes::kString:
      return "a string";
    case Takes::kArray:
      return "a list";
    case Takes::kObject:
      return "an object";
    case Takes::kNumbers:
      return "a list of numbers";
    case Takes::kStrings:
      return "a list of strings";
    case Takes::kNumbersOrStrings:
      return "a list of numbers or of strings";
    case Takes::kStringOrArray:
      return "a string or a list";
    case Takes::kStringArrayObject:
      return "a string, a list or an object";
  }
  return "";
}

struct Function {
  std::vector<Takes> takes;
  bool repeats = false;  // the last may come again
  std::function<json(Arguments&)> call;
};

json Contains(Arguments& a) {
  if (a[0].is_array()) {
    return std::find(a[0].begin(), a[0].end(), a[1]) != a[0].end();
  }
  return a[1].is_string() &&
         absl::StrContains(a[0].get_ref<const std::string&>(),
                           a[1].get_ref<const std::string&>());
}

json Join(Arguments& a) {
  return absl::StrJoin(a[1], a[0].get_ref<const std::string&>(),
                       [](std::string* out, const json& item) {
                         out->append(item.get_ref<const std::string&>());
                       });
}

json Keys(Arguments& a) {
  json keys = json::array();
  for (const auto& member : a[0].items()) keys.push_back(member.key());
  return keys;
}

json Values(Arguments& a) {
  json values = json::array();
  for (json& value : a[0]) values.push_back(std::move(value));
  return values;
}

json Length(Arguments& a) {
  return a[0].is_string() ? CharacterCount(a[0].get_ref<const std::string&>())
                          : a[0].size();
}

// The largest for +1, the smallest for -1.
template <int kSign>
json Extreme(Arguments& a) {
  if (a[0].empty()) return nullptr;
  return kSign > 0 ? *std::max_element(a[0].begin(), a[0].end())
                   : *std::min_element(a[0].begin(), a[0].end());
}

json Merge(Arguments& a) {
  json merged = json::object();
  for (json& object : a) merged.update(object);
  return merged;
}

json NotNull(Arguments& a) {
  for (json& value : a) {
    if (!value.is_null()) return std::move(value);
  }
  return nullptr;
}

json Reverse(Arguments& a) {
  if (a[0].is_string()) return Reversed(a[0].get_ref<const std::string&>());
  std::reverse(a[0].begin(), a[0].end());
  return std::move(a[0]);
}

json Sort(Arguments& a) {
  std::sort(a[0].begin(), a[0].end());
  return std::move(a[0]);
}

double SumOf(const json& list) {
  double sum = 0;
  for (const json& item : list) sum += item.get<double>();
  return sum;
}

json Average(Arguments& a) {
  if (a[0].empty()) return nullptr;
  return Number(SumOf(a[0]) / static_cast<double>(a[0].size()));
}

json ToNumber(Arguments& a) {
  if (a[0].is_number()) return std::move(a[0]);
  if (!a[0].is_string()) return nullptr;
  const std::optional<json> value =
      ParseJsonValue(a[0].get_ref<const std::string&>());
  return value && value->is_number() ? *value : json();
}

json ToString(Arguments& a) {
  return a[0].is_string() ? std::move(a[0]) : json(DumpJson(a[0]));
}

json ToArray(Arguments& a) {
  return a[0].is_array() ? std::move(a[0]) : json::array({std::move(a[0])});
}

const absl::flat_hash_map<std::string, Function>& Functions() {
  const auto text = [](const json& value) -> const std::string& {
    return value.get_ref<const std::string&>();
  };
  static const auto& functions =
      *new absl::flat_hash_map<std::string, Function>{
          {"abs",
           {{Takes::kNumber},
            false,
            [](Arguments& a) { return Number(std::abs(a[0].get<double>())); }}},
          {"avg", {{Takes::kNumbers}, false, Average}},
          {"ceil",
           {{Takes::kNumber},
            false,
            [](Arguments& a) {
              return Number(std::ceil(a[0].get<double>()));
            }}},
          {"contains", {{Takes::kStringOrArray, Takes::kAny}, false, Contains}},
          {"ends_with",
           {{Takes::kString, Takes::kString},
            false,
            [text](Arguments& a) {
              return absl::EndsWith(text(a[0]), text(a[1]));
            }}},
          {"floor",
           {{Takes::kNumber},
            false,
            [](Arguments& a) {
              return Number(std::floor(a[0].get<double>()));
            }}},
          {"join", {{Takes::kString, Takes::kStrings}, false, Join}},
          {"keys", {{Takes::kObject}, false, Keys}},
          {"length", {{Takes::kStringArrayObject}, false, Length}},
          {"max", {{Takes::kNumbersOrStrings}, false, Extreme<1>}},
          {"merge", {{Takes::kObject}, true, Merge}},
          {"min", {{Takes::kNumbersOrStrings}, false, Extreme<-1>}},
          {"not_null", {{Takes::kAny}, true, NotNull}},
          {"reverse", {{Takes::kStringOrArray}, false, Reverse}},
          {"sort", {{Takes::kNumbersOrStrings}, false, Sort}},
          {"starts_with",
           {{Takes::kString, Takes::kString},
            false,
            [text](Arguments& a) {
              return absl::StartsWith(text(a[0]), text(a[1]));
            }}},
          {"sum",
           {{Takes::kNumbers},
            false,
            [](Arguments& a) { return Number(SumOf(a[0])); }}},
          {"to_array", {{Takes::kAny}, false, ToArray}},
          {"to_number", {{Takes::kAny}, false, ToNumber}},
          {"to_string", {{Takes::kAny}, false, ToString}},
          {"type",
           {{Takes::kAny},
            false,
            [](Arguments& a) { return std::string(TypeName(a[0])); }}},
          {"values", {{Takes::kObject}, false, Values}},
      };
  return functions;
}

}  // namespace

absl::string_view TypeName(const json& value) {
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "boolean";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  return "null";
}

absl::Status WrongArgument(absl::string_view function, absl::string_view takes,
                           const json& given) {
  return QueryInvalid(
      absl::StrCat(function, "() takes ", takes, ", not ", TypeName(given)));
}

absl::Status SortByKeys(absl::string_view function, const Arguments& keys,
                        std::vector<size_t>& order) {
  order.resize(keys.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (const json& key : keys) {
    const bool same = keys[0].is_number()
                          ? key.is_number()
                          : keys[0].is_string() && key.is_string();
    if (!same) {
      return WrongArgument(function,
                           "an expression that gives only numbers or only "
                           "strings",
                           key);
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return keys[a] < keys[b]; });
  return absl::OkStatus();
}

absl::StatusOr<json> CallFunction(const std::string& name,
                                  Arguments arguments) {
  const auto found = Functions().find(name);
  if (found == Functions().end()) {
    return QueryInvalid(absl::StrCat("there is no function ", name, "()"));
  }
  const Function& function = found->second;
  const size_t wanted = function.takes.size();
  const bool right = function.repeats ? arguments.size() >= wanted
                                      : arguments.size() == wanted;
  if (!right) {
    return QueryInvalid(absl::StrCat(name, "() takes ", wanted,
                                     function.repeats ? " or more" : "",
                                     " arguments, not ", arguments.size()));
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Takes takes = function.takes[std::min(i, wanted - 1)];
    if (!Fits(takes, arguments[i])) {
      return WrongArgument(name, Name(takes), arguments[i]);
    }
  }
  return function.call(arguments);
}

}  // namespace howdah::aws::runner::jmespath_internal
