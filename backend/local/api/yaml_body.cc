#include "backend/local/api/yaml_body.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "backend/local/api/api_error.h"
#include "re2/re2.h"
#include "yaml-cpp/anchor.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/yaml.h"

namespace howdah::local {
namespace {

// As long as a document is short, nearly all of it may come from aliases.
constexpr int64_t kFewNodes = 1000;
constexpr int64_t kMaxNodes = 400000;

constexpr absl::string_view kTagPrefix = "tag:yaml.org,2002:";

[[noreturn]] void Fail(const YAML::Mark& mark, const std::string& why) {
  throw YAML::ParserException(mark, why);
}

// What the words of YAML 1.1 stand for; a null is handled before.
std::optional<bool> Truth(absl::string_view text) {
  static const LazyRE2 kTrue = {"y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON"};
  static const LazyRE2 kFalse = {"n|N|no|No|NO|false|False|FALSE|off|Off|OFF"};
  if (RE2::FullMatch({text.data(), text.size()}, *kTrue)) return true;
  if (RE2::FullMatch({text.data(), text.size()}, *kFalse)) return false;
  return std::nullopt;
}

// Decimal, 0x, 0o, 0b or, after a mere 0, octal.
std::optional<Json> Integer(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  const bool positive = !negative && absl::ConsumePrefix(&text, "+");
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = absl::ascii_tolower(text[1]);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || at != end) return std::nullopt;
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  if (negative) {
    if (number > kMost + 1) return std::nullopt;
    return Json(static_cast<int64_t>(-number));
  }
  if (number <= kMost) return Json(static_cast<int64_t>(number));
  // As in JSON bodies, what no int64 holds is a float.
  return positive ? std::nullopt
                  : std::optional<Json>(static_cast<double>(number));
}

std::optional<double> Float(const std::string& text) {
  static const LazyRE2 kSpecial = {R"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))"};
  static const LazyRE2 kFloat = {
      R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)"};
  const bool special = RE2::FullMatch(text, *kSpecial);
  if (!special && !RE2::FullMatch(text, *kFloat)) return std::nullopt;
  double number = 0;
  if (!absl::SimpleAtod(special ? absl::StrReplaceAll(text, {{".", ""}}) : text,
                        &number) ||
      (!special && !std::isfinite(number))) {
    return std::nullopt;
  }
  return number;
}

// A number of JSON knows no difference between 1 and 1.0.
Json FromFloat(double number) {
  constexpr double kMost = 9.2e18;
  if (std::abs(number) < kMost && number == std::trunc(number)) {
    return static_cast<int64_t>(number);
  }
  return number;
}

// What a plain scalar stands for.
Json Resolve(const std::string& text) {
  if (const std::optional<bool> truth = Truth(text)) return *truth;
  if (text.empty() || !(absl::ascii_isdigit(text[0]) ||
                        absl::StrContains("+-.", text.substr(0, 1)))) {
    return text;
  }
  const std::string plain =
      text[0] == '.' ? text : absl::StrReplaceAll(text, {{"_", ""}});
  if (text[0] != '.') {
    if (std::optional<Json> number = Integer(plain)) return *std::move(number);
  }
  if (const std::optional<double> number = Float(plain)) return *number;
  return text;
}

const char* TagOf(const Json& value) {
  if (value.is_boolean()) return "bool";
  if (value.is_number_integer()) return "int";
  return value.is_number_float() ? "float" : "str";
}

// What a scalar with that tag stands for: "?" is plain, "!" quoted.
Json Tagged(const YAML::Mark& mark, absl::string_view tag,
            const std::string& text) {
  if (tag == "?" || tag.empty()) return Resolve(text);
  if (!absl::ConsumePrefix(&tag, kTagPrefix) || tag == "str") return text;
  if (tag == "binary") {
    std::string bytes;
    if (!absl::Base64Unescape(text, &bytes)) {
      Fail(mark, "!!binary value contains invalid base64 data");
    }
    return bytes;
  }
  if (tag != "bool" && tag != "int" && tag != "float" && tag != "null" &&
      tag != "timestamp") {
    return text;
  }
  Json value = Resolve(text);
  if (tag == "float" && value.is_number()) return value.get<double>();
  // A time stays text.
  if (tag == TagOf(value) || tag == "timestamp") return value;
  Fail(mark, absl::StrCat("cannot decode !!", TagOf(value), " `", text,
                          "` as a !!", tag));
}

// Builds the JSON while yaml-cpp reads. Threads: not safe; used once.
class Builder final : public YAML::EventHandler {
 public:
  YamlBody body() && { return std::move(body_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Count(mark, 1);
    Take(mark, anchor, {nullptr, 1}, /*merges=*/false);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& text) override {
    Json value = Tagged(mark, tag, text);
    const bool merges =
        text == "<<" &&
        (tag == "?" || tag == absl::StrCat(kTagPrefix, "merge"));
    Count(mark, 1);
    Take(mark, anchor, {std::move(value), 1}, merges);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) Fail(mark, "anchor value contains itself");
    from_aliases_ += found->second.nodes;
    Count(mark, found->second.nodes);
    Take(mark, YAML::NullAnchor, found->second, /*merges=*/false);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, anchor, Json::array());
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    Open(mark, anchor, Json::object());
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override { Close(); }

 private:
  struct Part {
    Json value;
    int64_t nodes = 0;
  };
  // A list or mapping that is being read.
  struct Level {
    YAML::Mark mark;
    YAML::anchor_t anchor;
    Part part;
    std::optional<Json> key;
    bool merges = false;  // the key is <<
    std::set<std::string> known;
  };

  void Count(const YAML::Mark& mark, int64_t nodes) {
    nodes_ += nodes;
    if (nodes_ > kFewNodes && from_aliases_ > nodes_ / 100 * 99) {
      Fail(mark, "document contains excessive aliasing");
    }
    if (from_aliases_ > kMaxNodes) {
      Fail(mark, "document contains excessive aliasing");
    }
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, Json empty) {
    if (!levels_.empty() && levels_.back().part.value.is_object() &&
        !levels_.back().key) {
      Fail(mark, "invalid map key");
    }
    Count(mark, 1);
    levels_.push_back({mark, anchor, {std::move(empty), 1}, {}, false, {}});
  }

  void Close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    Take(level.mark, level.anchor, std::move(level.part), false);
  }

  void Take(const YAML::Mark& mark, YAML::anchor_t anchor, Part part,
            bool merges) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = part;
    if (levels_.empty()) {
      body_.value = std::move(part.value);
      return;
    }
    Level& level = levels_.back();
    level.part.nodes += part.nodes;
    if (level.part.value.is_array()) {
      level.part.value.push_back(std::move(part.value));
    } else if (!level.key) {
      level.merges = merges;
      level.key = KeyOf(mark, std::move(part.value));
    } else if (level.merges) {
      Merge(mark, level, part.value);
      level.key.reset();
    } else {
      Set(mark, level, *std::exchange(level.key, std::nullopt),
          std::move(part.value));
    }
  }

  static Json KeyOf(const YAML::Mark& mark, Json value) {
    if (value.is_structured()) Fail(mark, "invalid map key");
    if (value.is_null() ||
        (value.is_number_float() && !std::isfinite(value.get<double>()))) {
      Fail(mark, "unsupported map key");
    }
    return value;
  }

  void Set(const YAML::Mark& mark, Level& level, const Json& key, Json value) {
    // With its quotes: 1 and "1" are two.
    const std::string shown =
        key.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!level.known.insert(shown).second) {
      body_.duplicates.push_back(absl::StrCat("line ", mark.line + 1, ": key ",
                                              shown, " already set in map"));
    }
    std::string name = key.is_string() ? key.get<std::string>() : shown;
    if (key.is_number_float()) {
      char shortest[32];
      name.assign(shortest,
                  std::to_chars(shortest, std::end(shortest), key.get<float>(),
                                std::chars_format::general)
                      .ptr);
    }
    level.part.value[name] = std::move(value);
  }

  void Merge(const YAML::Mark& mark, Level& level, const Json& value) {
    const Json list = value.is_array() ? value : Json::array({value});
    // Earlier ones take precedence.
    for (auto one = list.rbegin(); one != list.rend(); ++one) {
      if (!one->is_object()) {
        Fail(mark, "map merge requires map or sequence of maps as the value");
      }
      for (const auto& [key, part] : one->items()) {
        Set(mark, level, key, part);
      }
    }
  }

  std::vector<Level> levels_;
  std::map<YAML::anchor_t, Part> anchors_;
  int64_t nodes_ = 0;
  int64_t from_aliases_ = 0;
  YamlBody body_;
};

// JSON has no word for some numbers.
absl::Status ToJsonNumbers(Json& value) {
  if (value.is_structured()) {
    for (Json& part : value) {
      if (absl::Status status = ToJsonNumbers(part); !status.ok()) {
        return status;
      }
    }
  } else if (value.is_number_float()) {
    const double number = value.get<double>();
    if (!std::isfinite(number)) {
      return BadRequest(absl::StrCat("json: unsupported value: ",
                                     std::isnan(number) ? "NaN" : "Inf"));
    }
    value = FromFloat(number);
  }
  return absl::OkStatus();
}

void Emit(YAML::Emitter& out, const Json& value) {
  if (value.is_object()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, part] : value.items()) {
      out << YAML::Key;
      Emit(out, key);
      out << YAML::Value;
      Emit(out, part);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const Json& part : value) Emit(out, part);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    // What reads as something else when it is not quoted.
    static const LazyRE2 kNotPlain = {
        R"(|~|null|Null|NULL|<<|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)"
        R"(|[0-9]{4}-.*|=)"};
    const auto& text = value.get_ref<const std::string&>();
    if (!Resolve(text).is_string() || RE2::FullMatch(text, *kNotPlain)) {
      out << YAML::DoubleQuoted;
    }
    out << text;
  } else if (value.is_null()) {
    out << YAML::Null;
  } else {
    out << value.dump();
  }
}

}  // namespace

absl::StatusOr<YamlBody> ParseYaml(absl::string_view text) {
  std::istringstream stream{std::string(text)};
  Builder builder;
  // The library reports by exception; this is the only place that sees it.
  try {
    YAML::Parser(stream).HandleNextDocument(builder);
  } catch (const YAML::Exception& error) {
    return BadRequest(
        absl::StrCat("the object provided is unrecognized: yaml: line ",
                     error.mark.line + 1, ": ", error.msg));
  }
  YamlBody body = std::move(builder).body();
  if (absl::Status status = ToJsonNumbers(body.value); !status.ok()) {
    return status;
  }
  return body;
}

std::string ToYaml(const nlohmann::json& value) {
  YAML::Emitter out;
  out.SetNullFormat(YAML::LowerNull);
  Emit(out, value);
  return absl::StrCat(out.c_str(), "\n");
}

}  // namespace howdah::local
