#include "backend/services/write_ledger.h"

#include <algorithm>

#include "absl/strings/numbers.h"

namespace howdah::services {
namespace {

constexpr size_t kMostWrites = 4096;

}  // namespace

bool IsAtLeast(absl::string_view have, absl::string_view want) {
  if (have == want) return true;
  uint64_t have_number = 0;
  uint64_t want_number = 0;
  return absl::SimpleAtoi(have, &have_number) &&
         absl::SimpleAtoi(want, &want_number) && have_number >= want_number;
}

bool IsOlder(absl::string_view have, absl::string_view want) {
  uint64_t have_number = 0;
  uint64_t want_number = 0;
  return absl::SimpleAtoi(have, &have_number) &&
         absl::SimpleAtoi(want, &want_number) && have_number < want_number;
}

void WriteLedger::Put(absl::string_view plural,
                      const kubernetes::ObjectKey& key, Write write) {
  std::lock_guard lock(mutex_);
  write.order = next_order_++;
  Write& place = writes_[{std::string(plural), key}];
  // Answers of concurrent writes may come in another order than the writes.
  bool older = !write.resource_version.empty() &&
               IsAtLeast(place.resource_version, write.resource_version);
  if (!older) place = std::move(write);
  if (writes_.size() > kMostWrites) {
    writes_.erase(std::min_element(writes_.begin(), writes_.end(),
                                   [](const auto& a, const auto& b) {
                                     return a.second.order < b.second.order;
                                   }));
  }
  size_.store(writes_.size(), std::memory_order_release);
}

void WriteLedger::Wrote(absl::string_view plural,
                        const kubernetes::ObjectKey& key,
                        absl::string_view resource_version) {
  Put(plural, key, {.resource_version = std::string(resource_version)});
}

void WriteLedger::Deleted(absl::string_view plural,
                          const kubernetes::ObjectKey& key,
                          absl::string_view uid) {
  Put(plural, key, {.deleted_uid = std::string(uid)});
}

bool WriteLedger::IsBehind(absl::string_view plural,
                           const kubernetes::ObjectKey& key,
                           const CachedVersion& cached) {
  if (empty()) return false;
  std::lock_guard lock(mutex_);
  auto it = writes_.find({std::string(plural), key});
  if (it == writes_.end()) return false;
  const Write& write = it->second;
  bool seen =
      write.resource_version.empty()
          ? !cached.exists || cached.deleting || cached.uid != write.deleted_uid
          // Where the object is missing, somebody may have deleted it since.
          : IsAtLeast(
                cached.exists ? cached.resource_version : cached.newest_change,
                write.resource_version);
  if (!seen) return true;
  writes_.erase(it);
  size_.store(writes_.size(), std::memory_order_release);
  return false;
}

void WriteLedger::Forget(absl::string_view plural,
                         const kubernetes::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  writes_.erase({std::string(plural), key});
  size_.store(writes_.size(), std::memory_order_release);
}

std::vector<kubernetes::ObjectKey> WriteLedger::Pending(
    absl::string_view plural, absl::string_view namespace_name) const {
  std::vector<kubernetes::ObjectKey> keys;
  if (empty()) return keys;
  std::lock_guard lock(mutex_);
  for (const auto& [key, write] : writes_) {
    if (key.first != plural) continue;
    if (!namespace_name.empty() &&
        key.second.namespace_name != namespace_name) {
      continue;
    }
    keys.push_back(key.second);
  }
  return keys;
}

}  // namespace howdah::services
