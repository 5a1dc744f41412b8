// Internal: the keys of one key group by when one of their sessions may be over.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "operators/window/window_firing.h"
#include "state/hashed_key.h"

namespace weir::internal {

/// Keys are looked at when their time has come, not before, and are not moved while their sessions grow. A key may be in it more
/// than once: an entry that comes too early costs a look. But there are never many more entries than keys.
template <class K>
class SessionBuckets {
 public:
  explicit SessionBuckets(int64_t gap) : width_(std::max<int64_t>(1, gap / kBucketsOfGap)) {}

  /// The key is to be visited once the watermark has reached `end`.
  void Add(int64_t end, const K& key) {
    BucketOf(PlaceOf(end)).push_back(key);
    if (++entries_ > entries_max_) [[unlikely]] Tidy();
  }

  uint64_t entries() const { return entries_; }

  /// Calls visit(key) for the keys whose time may have come, and keeps those for which it names another time. False if the
  /// budget is spent before all were visited; then to be called again with the same watermark.
  template <class VisitKey>
  Result<bool> Visit(int64_t watermark, FiringBudget& budget, VisitKey visit) {
    while (!buckets_.empty() && buckets_[done_buckets_].place <= PlaceOf(watermark)) {
      // By index: a visited key may go into another bucket, and the buckets move.
      while (visited_ < buckets_[done_buckets_].keys.size()) {
        if (budget.spent()) return false;
        const K key = buckets_[done_buckets_].keys[visited_++];
        WEIR_ASSIGN_OR_RETURN(const std::optional<int64_t> again, visit(key));
        if (!again.has_value()) {
          --entries_;
          continue;
        }
        if (const int64_t place = PlaceOf(*again); place == buckets_[done_buckets_].place) {
          kept_.push_back(key);
        } else {
          BucketOf(place).push_back(key);   // a later one: those before stay where they are
        }
      }
      visited_ = 0;
      if (kept_.empty()) {
        buckets_.erase(buckets_.begin() + static_cast<std::ptrdiff_t>(done_buckets_));
      } else {
        buckets_[done_buckets_].keys = std::exchange(kept_, {});
        ++done_buckets_;
      }
      if (done_buckets_ == buckets_.size()) break;
    }
    done_buckets_ = 0;
    return true;
  }

 private:
  static constexpr int64_t kBucketsOfGap = 8;
  static constexpr uint64_t kEntriesMin = 64;
  struct Bucket {
    int64_t place;
    std::vector<K> keys;
  };

  int64_t PlaceOf(int64_t end) const { return end / width_ - (end % width_ < 0 ? 1 : 0); }
  std::vector<K>& BucketOf(int64_t place) {
    size_t i = buckets_.size();
    while (i > 0 && buckets_[i - 1].place > place) --i;
    if (i > 0 && buckets_[i - 1].place == place) return buckets_[i - 1].keys;
    return buckets_.insert(buckets_.begin() + static_cast<std::ptrdiff_t>(i), Bucket{place, {}})->keys;
  }

  /// Keeps the earliest entry of each key: what the others are for is known again when it is visited.
  void Tidy() {
    boost::unordered_flat_set<K, StateKeyHasher<K>, StateKeyEqual<K>> seen;
    for (Bucket& bucket : buckets_) {
      std::erase_if(bucket.keys, [&](const K& key) { return !seen.insert(key).second; });
    }
    std::erase_if(buckets_, [](const Bucket& bucket) { return bucket.keys.empty(); });
    entries_ = seen.size();
    entries_max_ = 2 * entries_ + kEntriesMin;
  }

  int64_t width_;
  std::vector<Bucket> buckets_;   // ascending
  uint64_t entries_ = 0;
  uint64_t entries_max_ = kEntriesMin;   // at which it is tidied up; between two Visits

  // Of the Visit under way: the buckets that stay, the keys that stay in the one after them, how many it has looked at.
  size_t done_buckets_ = 0;
  std::vector<K> kept_;
  size_t visited_ = 0;
};

}  // namespace weir::internal
