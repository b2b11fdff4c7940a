#include "proto/support/formats.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace howdah::support {
namespace {

constexpr size_t kLongestClusterName = 50;
constexpr size_t kLongestLabel = 63;
constexpr size_t kLongestObjectName = 253;
constexpr size_t kLongestIdentifier = 63;
constexpr size_t kLongestQuantity = 32;
constexpr size_t kLongestVersion = 8;
constexpr size_t kLongestRequestId = 64;
constexpr size_t kLongestAivenName = 64;

bool IsLabelCharacter(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
}

// DNS-1123 label, of any length.
bool IsLabel(absl::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), IsLabelCharacter);
}

bool IsClusterName(absl::string_view text) {
  return text.size() <= kLongestClusterName && IsLabel(text) &&
         absl::ascii_islower(text.front());
}

bool IsNamespace(absl::string_view text) {
  return text.size() <= kLongestLabel && IsLabel(text);
}

bool IsNamespaceOrAll(absl::string_view text) {
  return text == "*" || IsNamespace(text);
}

bool IsObjectName(absl::string_view text) {
  if (text.size() > kLongestObjectName) return false;
  while (true) {
    const size_t dot = text.find('.');
    if (!IsLabel(text.substr(0, dot))) return false;
    if (dot == absl::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool IsPostgresIdentifier(absl::string_view text) {
  return !text.empty() && text.size() <= kLongestIdentifier && IsUtf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return absl::ascii_iscntrl(c); });
}

size_t CountDigits(absl::string_view text) {
  return std::find_if_not(text.begin(), text.end(), absl::ascii_isdigit) -
         text.begin();
}

bool IsQuantitySuffix(absl::string_view suffix) {
  for (const absl::string_view known :
       {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "m", "k", "M", "G",
        "T", "P", "E"}) {
    if (suffix == known) return true;
  }
  if (suffix.front() != 'e' && suffix.front() != 'E') return false;
  suffix.remove_prefix(1);
  if (!suffix.empty() && (suffix.front() == '+' || suffix.front() == '-')) {
    suffix.remove_prefix(1);
  }
  return !suffix.empty() && CountDigits(suffix) == suffix.size();
}

bool IsQuantity(absl::string_view text) {
  if (text.empty() || text.size() > kLongestQuantity) return false;
  if (text.front() == '+') text.remove_prefix(1);
  const size_t whole = CountDigits(text);
  size_t length = whole;
  size_t fraction = 0;
  if (length < text.size() && text[length] == '.') {
    fraction = CountDigits(text.substr(length + 1));
    length += 1 + fraction;
  }
  if (whole + fraction == 0) return false;
  const absl::string_view number = text.substr(0, length);
  const bool above_zero =
      number.find_first_of("123456789") != absl::string_view::npos;
  return above_zero && IsQuantitySuffix(text.substr(length));
}

bool IsPostgresVersion(absl::string_view text) {
  constexpr size_t kMostDigits = 2;
  const size_t major = CountDigits(text);
  if (major == 0 || major > kMostDigits || text.front() == '0') return false;
  text.remove_prefix(major);
  if (text.empty()) return true;
  if (text.front() != '.') return false;
  text.remove_prefix(1);
  const size_t minor = CountDigits(text);
  return minor > 0 && minor <= kMostDigits && minor == text.size();
}

bool IsRequestId(absl::string_view text) {
  return !text.empty() && text.size() <= kLongestRequestId &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
         });
}

bool IsAivenName(absl::string_view text) {
  return !text.empty() && text.size() <= kLongestAivenName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

constexpr size_t kNoLimit = static_cast<size_t>(-1);

constexpr FormatFactsEntry kAny = {IsUtf8, "a text", "text", "", kNoLimit};

constexpr FormatFactsEntry kClusterName = {
    IsClusterName,
    "1 to 50 lower-case letters, digits and \"-\", beginning with a letter "
    "and not ending with \"-\"",
    "orders-db", "^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$", kLongestClusterName};

constexpr FormatFactsEntry kNamespace = {
    IsNamespace,
    "a Kubernetes namespace: 1 to 63 lower-case letters, digits and \"-\", "
    "not beginning or ending with \"-\"",
    "production", "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", kLongestLabel};

constexpr FormatFactsEntry kNamespaceOrAll = {
    IsNamespaceOrAll,
    "\"*\" for all namespaces, or a Kubernetes namespace: 1 to 63 lower-case "
    "letters, digits and \"-\", not beginning or ending with \"-\"",
    "production", "^(\\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$", kLongestLabel};

constexpr FormatFactsEntry kPostgresIdentifier = {
    IsPostgresIdentifier,
    "a PostgreSQL identifier: 1 to 63 bytes of UTF-8 without control "
    "characters",
    "app_user", "^[^\\u0000-\\u001f\\u007f]{1,63}$", kLongestIdentifier};

constexpr FormatFactsEntry kQuantity = {
    IsQuantity,
    "a Kubernetes quantity above zero: a number, and a suffix such as Ki, Mi, "
    "Gi, Ti or k, M, G, T",
    "10Gi",
    "^[+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)"
    "?$",
    kLongestQuantity};

constexpr FormatFactsEntry kObjectName = {
    IsObjectName,
    "the name of a Kubernetes object: at most 253 lower-case letters, digits, "
    "\"-\" and \".\", each part beginning and ending with a letter or digit",
    "standard",
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    kLongestObjectName};

constexpr FormatFactsEntry kPostgresVersion = {
    IsPostgresVersion, "a PostgreSQL version: major, or major.minor", "16",
    "^[1-9][0-9]?(\\.[0-9]{1,2})?$", kLongestVersion};

constexpr FormatFactsEntry kRequestId = {
    IsRequestId, "a UUID, or 1 to 64 letters, digits, \"_\", \".\" and \"-\"",
    "3f2c8e0a-6c1f-4f0e-9a53-0d7b2a8f5c11", "^[A-Za-z0-9_.-]{1,64}$",
    kLongestRequestId};

constexpr FormatFactsEntry kAivenName = {
    IsAivenName, "1 to 64 letters, digits, \"_\" and \"-\"", "orders-pg",
    "^[A-Za-z0-9_-]{1,64}$", kLongestAivenName};

// Bytes of the well-formed UTF-8 sequence at the front; 0 if there is none.
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  if (first == 0xE0 && second < 0xA0) return 0;  // overlong
  if (first == 0xED && second > 0x9F) return 0;  // surrogate
  if (first == 0xF0 && second < 0x90) return 0;  // overlong
  if (first == 0xF4 && second > 0x8F) return 0;  // above U+10FFFF
  return length;
}

}  // namespace

const FormatFactsEntry& FormatFacts(mcp::v1::Format format) {
  switch (format) {
    case mcp::v1::FORMAT_CLUSTER_NAME:
      return kClusterName;
    case mcp::v1::FORMAT_NAMESPACE:
      return kNamespace;
    case mcp::v1::FORMAT_NAMESPACE_OR_ALL:
      return kNamespaceOrAll;
    case mcp::v1::FORMAT_POSTGRES_IDENTIFIER:
      return kPostgresIdentifier;
    case mcp::v1::FORMAT_QUANTITY:
      return kQuantity;
    case mcp::v1::FORMAT_OBJECT_NAME:
      return kObjectName;
    case mcp::v1::FORMAT_POSTGRES_VERSION:
      return kPostgresVersion;
    case mcp::v1::FORMAT_REQUEST_ID:
      return kRequestId;
    case mcp::v1::FORMAT_AIVEN_NAME:
      return kAivenName;
    default:
      return kAny;
  }
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace howdah::support
