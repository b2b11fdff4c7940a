#include "backend/local/api/quantity.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "re2/re2.h"

namespace howdah::local {
namespace {

enum class Form { kDecimal, kExponent, kBinary };

struct Parts {
  bool negative = false;
  std::string digits;  // without the point
  int scale = 0;       // of the last digit, a power of ten
  int binary = 0;      // how many factors of 1024
  Form form = Form::kDecimal;
};

constexpr absl::string_view kDecimals = "num kMGTPE";  // from 10^-9
constexpr absl::string_view kBinaries = "KMGTPE";

bool Split(absl::string_view text, Parts& parts) {
  static const auto& form = *new RE2(
      R"(([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE])i|([numkMGTPE])|[eE]([+-]?\d+))?)");
  std::string sign;
  std::string whole;
  std::string fraction;
  std::string binary;
  std::string decimal;
  std::string exponent;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), form, &sign,
                      &whole, &fraction, &binary, &decimal, &exponent) ||
      whole.size() + fraction.size() == 0) {
    return false;
  }
  parts.negative = sign == "-";
  parts.digits = absl::StrCat(whole, fraction);
  if (!binary.empty()) {
    parts.form = Form::kBinary;
    parts.binary = static_cast<int>(kBinaries.find(binary)) + 1;
  } else if (!decimal.empty()) {
    parts.scale = 3 * static_cast<int>(kDecimals.find(decimal)) - 9;
  } else if (!exponent.empty()) {
    parts.form = Form::kExponent;
    if (!absl::SimpleAtoi(exponent, &parts.scale)) return false;
  }
  parts.scale -= static_cast<int>(fraction.size());
  return true;
}

// The amount in billionths, rounded up; false if it is too large for that.
bool InBillionths(const Parts& parts, absl::int128& amount) {
  // Products of what is below this and of 1024 stay below 2^127.
  constexpr absl::int128 kMost = absl::MakeInt128(int64_t{1} << 52, 0);
  amount = 0;
  for (const char digit : parts.digits) {
    amount = amount * 10 + (digit - '0');
    if (amount > kMost) return false;
  }
  for (int i = 0; i < parts.binary; ++i) {
    amount *= 1024;
    if (amount > kMost) return false;
  }
  for (int scale = parts.scale; scale > -9 && amount != 0; --scale) {
    amount *= 10;
    if (amount > kMost) return false;
  }
  bool inexact = false;
  for (int scale = parts.scale; scale < -9 && amount != 0; ++scale) {
    inexact = inexact || amount % 10 != 0;
    amount /= 10;
  }
  if (inexact) amount += 1;
  return true;
}

std::string Digits(absl::int128 amount) {
  std::string text;
  for (; amount != 0; amount /= 10) {
    text.insert(text.begin(), static_cast<char>('0' + int{amount % 10}));
  }
  return text;
}

}  // namespace

absl::StatusOr<double> ParseQuantity(absl::string_view text) {
  Parts parts;
  double number = 0;
  if (!Split(text, parts) || !absl::SimpleAtod(parts.digits, &number)) {
    return absl::InvalidArgumentError(
        "quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  number *= std::pow(10, parts.scale) * std::pow(1024, parts.binary);
  return parts.negative ? -number : number;
}

std::string CanonicalQuantity(absl::string_view text) {
  constexpr int64_t kBillion = 1000000000;
  Parts parts;
  absl::int128 amount = 0;
  if (!Split(text, parts) || !InBillionths(parts, amount)) {
    return std::string(text);
  }
  if (amount == 0) return "0";
  const char* sign = parts.negative ? "-" : "";
  if (parts.form == Form::kBinary && amount % kBillion == 0 &&
      amount / kBillion >= 1024) {
    amount /= kBillion;
    size_t factors = 0;
    while (amount % 1024 == 0 && factors < kBinaries.size()) {
      amount /= 1024;
      ++factors;
    }
    if (factors == 0) return absl::StrCat(sign, Digits(amount));
    return absl::StrCat(sign, Digits(amount), kBinaries.substr(factors - 1, 1),
                        "i");
  }
  size_t thousands = 0;
  while (amount % 1000 == 0 && thousands + 1 < kDecimals.size()) {
    amount /= 1000;
    ++thousands;
  }
  std::string digits = absl::StrCat(sign, Digits(amount));
  if (thousands == 3) return digits;
  if (parts.form == Form::kExponent) {
    return absl::StrCat(digits, "e", 3 * static_cast<int>(thousands) - 9);
  }
  return absl::StrCat(digits, kDecimals.substr(thousands, 1));
}

}  // namespace howdah::local
