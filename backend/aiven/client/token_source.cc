#include "backend/aiven/client/token_source.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "backend/aiven/errors.h"

namespace howdah::aiven {
namespace {

constexpr size_t kLongestToken = 16 * 1024;

class FixedToken : public TokenSource {
 public:
  explicit FixedToken(std::string token) : token_(std::move(token)) {}
  absl::StatusOr<std::string> Current() override { return token_; }

 private:
  const std::string token_;
};

class FileToken : public TokenSource {
 public:
  FileToken(std::string account, std::string path)
      : account_(std::move(account)), path_(std::move(path)) {}

  absl::StatusOr<std::string> Current() override {
    std::string token = Read();
    const std::lock_guard lock(mutex_);
    if (!token.empty()) last_ = std::move(token);
    if (last_.empty()) {
      return TokenUnreadable(account_, "cannot be read from its file");
    }
    return last_;
  }

 private:
  // Empty if it is no token.
  std::string Read() const {
    std::ifstream file(path_, std::ios::binary);
    std::string text;
    std::istreambuf_iterator<char> next(file), end;
    while (next != end && text.size() <= kLongestToken) text.push_back(*next++);
    absl::StripAsciiWhitespace(&text);
    const bool good =
        text.size() <= kLongestToken &&
        std::none_of(text.begin(), text.end(), [](unsigned char c) {
          return absl::ascii_iscntrl(c) || absl::ascii_isspace(c);
        });
    return good ? text : std::string();
  }

  const std::string account_;
  const std::string path_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::string last_;
};

}  // namespace

std::unique_ptr<TokenSource> MakeTokenSource(const AccountSettings& account) {
  if (account.token_file.empty()) {
    return std::make_unique<FixedToken>(account.token);
  }
  return std::make_unique<FileToken>(account.name, account.token_file);
}

}  // namespace howdah::aiven
