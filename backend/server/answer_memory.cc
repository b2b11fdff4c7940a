#include "backend/server/answer_memory.h"

#include <utility>

namespace howdah::server {
namespace {

constexpr size_t kMostAnswers = 256;
constexpr size_t kLargestAnswer = 16 << 10;

}  // namespace

const RememberedAnswer* AnswerMemory::Find(size_t method_index,
                                           absl::string_view request_bytes) {
  key_.clear();
  if (request_bytes.size() > kLargestAnswer) return nullptr;
  key_.append(reinterpret_cast<const char*>(&method_index),
              sizeof method_index);
  key_.append(request_bytes.data(), request_bytes.size());
  const auto found = answers_.find(key_);
  return found == answers_.end() ? nullptr : &found->second;
}

void AnswerMemory::Keep(RememberedAnswer answer) {
  if (key_.empty() || answer.response.size() > kLargestAnswer) return;
  if (answers_.size() >= kMostAnswers) answers_.clear();
  answers_.insert_or_assign(key_, std::move(answer));
}

}  // namespace howdah::server
