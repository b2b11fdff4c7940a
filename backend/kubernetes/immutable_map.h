// An ordered map that never changes: With() and Without() give another one that
// shares almost everything with it.
//
//   ImmutableMap<ObjectKey, int> one = empty.With({"ns", "a"}, 1);
//   for (auto it = one.lower_bound(key); it != one.end(); ++it)
//   use(it->second);
//
// Reading is as with std::map. A change copies one block of at most 128
// pointers and the list of blocks: about 200 pointers in a map of 10,000.
#ifndef HOWDAH_BACKEND_KUBERNETES_IMMUTABLE_MAP_H_
#define HOWDAH_BACKEND_KUBERNETES_IMMUTABLE_MAP_H_

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace howdah::kubernetes {

// Threads: immutable; safe. Owns: shared blocks of shared entries.
template <typename Key, typename Value>
class ImmutableMap {
 public:
  using value_type = std::pair<const Key, Value>;
  using Entry = std::shared_ptr<const value_type>;

  // Forward; valid as long as the map. Named as the standard library does.
  class const_iterator {  // NOLINT(readability-identifier-naming)
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = ImmutableMap::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    const_iterator() = default;
    reference operator*() const { return *entry(); }
    pointer operator->() const { return entry().get(); }
    const_iterator& operator++() {
      if (++index_ == (*map_->blocks_[block_]).size()) {
        ++block_;
        index_ = 0;
      }
      return *this;
    }
    const_iterator operator++(int) {
      const_iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const const_iterator&) const = default;

   private:
    friend class ImmutableMap;
    const_iterator(const ImmutableMap* map, size_t block, size_t index)
        : map_(map), block_(block), index_(index) {}
    const Entry& entry() const { return (*map_->blocks_[block_])[index_]; }

    const ImmutableMap* map_ = nullptr;
    size_t block_ = 0;
    size_t index_ = 0;
  };

  ImmutableMap() = default;

  // Of entries in growing order of different keys.
  static ImmutableMap FromSorted(std::vector<Entry> entries) {
    ImmutableMap map;
    map.size_ = entries.size();
    for (size_t begin = 0; begin < entries.size(); begin += kFill) {
      const size_t end = std::min(begin + kFill, entries.size());
      map.blocks_.push_back(std::make_shared<const Block>(
          std::make_move_iterator(entries.begin() + begin),
          std::make_move_iterator(entries.begin() + end)));
    }
    return map;
  }

  ImmutableMap With(Key key, Value value) const {
    return With(
        std::make_shared<const value_type>(std::move(key), std::move(value)));
  }

  ImmutableMap With(Entry entry) const {
    ImmutableMap map = *this;
    if (blocks_.empty()) {
      map.blocks_.push_back(
          std::make_shared<const Block>(Block{std::move(entry)}));
      map.size_ = 1;
      return map;
    }
    const size_t at = BlockOf(entry->first);
    Block block = *blocks_[at];
    const auto place = LowerBound(block, entry->first);
    if (place != block.end() && (*place)->first == entry->first) {
      *place = std::move(entry);
    } else {
      block.insert(place, std::move(entry));
      ++map.size_;
    }
    map.Put(at, std::move(block));
    return map;
  }

  ImmutableMap Without(const Key& key) const {
    ImmutableMap map = *this;
    if (find(key) == end()) return map;
    const size_t at = BlockOf(key);
    Block block = *blocks_[at];
    block.erase(LowerBound(block, key));
    --map.size_;
    map.Put(at, std::move(block));
    return map;
  }

  const_iterator begin() const { return {this, 0, 0}; }
  const_iterator end() const { return {this, blocks_.size(), 0}; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The first entry whose key is not less than this.
  const_iterator lower_bound(const Key& key) const {
    if (blocks_.empty()) return end();
    const size_t at = BlockOf(key);
    const Block& block = *blocks_[at];
    const size_t index = LowerBound(block, key) - block.begin();
    if (index < block.size()) return {this, at, index};
    return {this, at + 1, 0};
  }

  const_iterator find(const Key& key) const {
    const const_iterator found = lower_bound(key);
    return found != end() && found->first == key ? found : end();
  }

  bool contains(const Key& key) const { return find(key) != end(); }
  size_t count(const Key& key) const { return contains(key) ? 1 : 0; }

  // The entry as it is shared between maps; null if there is none.
  Entry Share(const Key& key) const {
    const const_iterator found = find(key);
    return found == end() ? nullptr : found.entry();
  }

 private:
  using Block = std::vector<Entry>;
  static constexpr size_t kMaxBlock = 128;
  // Of a freshly built map, so that it has room for more.
  static constexpr size_t kFill = 96;
  // A smaller block joins its neighbour.
  static constexpr size_t kMinBlock = 24;

  template <typename SomeBlock>
  static auto LowerBound(SomeBlock& block, const Key& key) {
    return std::lower_bound(
        block.begin(), block.end(), key,
        [](const Entry& entry, const Key& k) { return entry->first < k; });
  }

  // The block that holds the key, or would.
  size_t BlockOf(const Key& key) const {
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), key,
        [](const Key& k, const std::shared_ptr<const Block>& block) {
          return k < block->front()->first;
        });
    return after == blocks_.begin() ? 0 : after - blocks_.begin() - 1;
  }

  void Put(size_t at, Block block) {
    if (block.size() < kMinBlock && at + 1 < blocks_.size() &&
        block.size() + blocks_[at + 1]->size() <= kMaxBlock) {
      const Block& next = *blocks_[at + 1];
      block.insert(block.end(), next.begin(), next.end());
      blocks_.erase(blocks_.begin() + at + 1);
    }
    if (block.empty()) {
      blocks_.erase(blocks_.begin() + at);
      return;
    }
    if (block.size() > kMaxBlock) {
      const auto middle = block.begin() + block.size() / 2;
      blocks_.insert(blocks_.begin() + at + 1,
                     std::make_shared<const Block>(middle, block.end()));
      block.erase(middle, block.end());
    }
    blocks_[at] = std::make_shared<const Block>(std::move(block));
  }

  // None is empty.
  std::vector<std::shared_ptr<const Block>> blocks_;
  size_t size_ = 0;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_IMMUTABLE_MAP_H_
