#include "adapter/jsonrpc/json_checker.h"

#include <simdjson.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "adapter/jsonrpc/raw_json.h"

namespace howdah::jsonrpc {
namespace {

namespace ondemand = simdjson::ondemand;

// Above this many keys a set is faster than looking at all of them.
constexpr std::size_t kLinearKeys = 24;

// Scratch memory kept for the next text.
constexpr std::size_t kKeptBytes = 1024 * 1024;

absl::string_view Trim(std::string_view token) {
  std::size_t end = token.find_last_not_of(" \t\r\n");
  return {token.data(), end == std::string_view::npos ? 0 : end + 1};
}

// One pass over one document.
class Walker {
 public:
  // Also counts the elements of the outermost array.
  simdjson::error_code Document(ondemand::document& document) {
    ondemand::value root;
    if (auto error = document.get_value().get(root)) return error;
    if (auto error = Value(root, 1)) return error;
    // There is a location only if something is left.
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS
               ? simdjson::SUCCESS
               : simdjson::TRAILING_CONTENT;
  }

  CheckResult TakeResult() { return std::move(result_); }

 private:
  simdjson::error_code Value(ondemand::value value, int depth) {
    ondemand::json_type type;
    if (auto error = value.type().get(type)) return error;
    switch (type) {
      case ondemand::json_type::object:
        return Within(depth) ? Object(value, depth) : simdjson::SUCCESS;
      case ondemand::json_type::array:
        return Within(depth) ? Array(value, depth) : simdjson::SUCCESS;
      case ondemand::json_type::string: {
        std::string_view ignored;
        return value.get_string().get(ignored);
      }
      case ondemand::json_type::number:
        return IsNumber(Trim(value.raw_json_token())) ? simdjson::SUCCESS
                                                      : simdjson::NUMBER_ERROR;
      case ondemand::json_type::boolean: {
        absl::string_view token = Trim(value.raw_json_token());
        return token == "true" || token == "false" ? simdjson::SUCCESS
                                                   : simdjson::T_ATOM_ERROR;
      }
      case ondemand::json_type::null:
        return Trim(value.raw_json_token()) == "null" ? simdjson::SUCCESS
                                                      : simdjson::N_ATOM_ERROR;
    }
    return simdjson::TAPE_ERROR;
  }

  simdjson::error_code Array(ondemand::value& value, int depth) {
    ondemand::array array;
    if (auto error = value.get_array().get(array)) return error;
    for (auto element : array) {
      ondemand::value inner;
      if (auto error = element.get(inner)) return error;
      if (auto error = Value(inner, depth + 1)) return error;
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code Object(ondemand::value& value, int depth) {
    ondemand::object object;
    if (auto error = value.get_object().get(object)) return error;
    const std::size_t first = keys_.size();
    std::unordered_set<std::string_view> many;
    for (auto item : object) {
      ondemand::field field;
      if (auto error = std::move(item).get(field)) return error;
      std::string_view key;
      if (auto error = field.unescaped_key().get(key)) return error;
      if (IsRepeated(key, first, many)) {
        Note(Defect::kDuplicateKey, std::string(key));
      }
      keys_.push_back(key);
      if (auto error = Value(field.value(), depth + 1)) return error;
    }
    keys_.resize(first);
    return simdjson::SUCCESS;
  }

  bool IsRepeated(std::string_view key, std::size_t first,
                  std::unordered_set<std::string_view>& many) const {
    if (keys_.size() - first < kLinearKeys) {
      return std::find(keys_.begin() + first, keys_.end(), key) != keys_.end();
    }
    if (many.empty()) many.insert(keys_.begin() + first, keys_.end());
    return !many.insert(key).second;
  }

  bool Within(int depth) {
    if (depth <= JsonChecker::kMaxDepth) return true;
    Note(Defect::kTooDeep, {});
    return false;
  }

  void Note(Defect defect, std::string detail) {
    if (result_.defect == Defect::kNone) result_ = {defect, std::move(detail)};
  }

  // Keys of all objects that are open, outermost first. They live in the
  // parser's string buffer.
  std::vector<std::string_view> keys_;
  CheckResult result_;
};

}  // namespace

class JsonChecker::Impl {
 public:
  CheckResult Check(absl::string_view text) {
    // simdjson reads beyond the end, so it gets a padded copy.
    copy_.clear();
    copy_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    copy_.append(text.data(), text.size());
    CheckResult result = CheckCopy();
    if (copy_.capacity() > kKeptBytes) {
      std::string().swap(copy_);  // Assigning would keep the memory.
      parser_ = ondemand::parser();
    }
    return result;
  }

 private:
  CheckResult CheckCopy() {
    ondemand::document document;
    simdjson::error_code error =
        parser_
            .iterate(simdjson::padded_string_view(copy_.data(), copy_.size(),
                                                  copy_.capacity()))
            .get(document);
    Walker walker;
    if (error == simdjson::SUCCESS) error = walker.Document(document);
    if (error == simdjson::SUCCESS) return walker.TakeResult();
    return {error == simdjson::UTF8_ERROR ? Defect::kBadUtf8 : Defect::kNotJson,
            simdjson::error_message(error)};
  }

  std::string copy_;
  ondemand::parser parser_;
};

JsonChecker::JsonChecker() : impl_(std::make_unique<Impl>()) {}
JsonChecker::~JsonChecker() = default;

CheckResult JsonChecker::Check(absl::string_view text) {
  std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == absl::string_view::npos) return {Defect::kNotJson, "empty"};
  if (text[start] == '{' || text[start] == '[') return impl_->Check(text);
  // A lone scalar: the same rules apply to it as the only element of an array.
  std::string wrapped;
  wrapped.reserve(text.size() + 2);
  wrapped.append("[").append(text.data(), text.size()).append("]");
  CheckResult result = impl_->Check(wrapped);
  int elements = 0;
  if (result.defect == Defect::kNone) {
    ForEachElement(wrapped, [&](absl::string_view) { return ++elements < 2; });
    if (elements != 1) return {Defect::kNotJson, "several values"};
  }
  return result;
}

}  // namespace howdah::jsonrpc
