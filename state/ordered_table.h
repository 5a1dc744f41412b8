// The Ordered layout: the rows of a key by time, and in the order of arrival where times are equal. What joins and
// buffers keep: adding a row costs one probe of a flat map and a place at the end of a small array, a range of times is
// read in order, and what is too old goes in bounded pieces without a tombstone a row.
//
// In memory: a flat set of keys; the rows of a key in sorted chunks of bounded size, so that a key with half of all rows
// costs no more a row than any other; and per key group buckets of time -> keys that have rows there, for expiry.
// On disk: [state][group][time, big endian, sign flipped][key][sequence, 4 bytes]; what expired is hidden by one range
// delete a group and epoch. A row is written once, and again if it is marked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "runtime/base/hash.h"
#include "runtime/reflect/binary_codec.h"
#include "runtime/reflect/heap_bytes.h"
#include "state/same_key.h"
#include "state/ordered_rows.h"
#include "state/untyped_ordered_table.h"

namespace weir {

/// What Scan does with a row that it has shown.
enum class RowAct : uint8_t {
  kKeep,
  kMark,    ///< Sets the row's mark, one bit that is the caller's.
  kErase,
  kStop,    ///< Keeps it and shows no more.
  kPause,   ///< As if it had not been shown, and shows no more: Scan says its place, from where another one goes on.
};

/// Where an Expire that is used up may end.
enum class ExpiryEnds : uint8_t {
  kBetweenTimes,   ///< Never between rows of one key and time.
  kAnywhere,
};

/// One thread, the task's. Made by StateStore::AddOrdered, owned by the store.
///
/// The hash is always HashKey(key). REQUIRES: the key's group is one of the store's; no call from inside a visit; times are
/// less than kMaxEventTime; fewer than 2^32 rows of one key and time.
template <class K, class V>
class OrderedTable final : public UntypedOrderedTable {
  using Rows = internal::OrderedRows<V>;
  using Slot = typename Rows::Slot;

 public:
  OrderedTable(std::string name, KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs)
      : UntypedOrderedTable(std::move(name), SchemaOf<K>(), SchemaOf<V>(), groups, key_groups, epochs),
        groups_(groups.size()) {}
  ~OrderedTable() override {
    for (Group& group : groups_) {
      for (Node* node : group.keys) delete node;
    }
  }

  /// Behind all rows of the key that are not later.
  void Insert(const K& key, uint64_t hash, EventTime time, V value, bool marked = false) {
    Group& group = GroupOf(hash);
    auto found = group.keys.find(Hashed{key, hash});
    Node& node = found == group.keys.end() ? *NewNode(group, key, hash) : **found;
    heap_bytes_ += internal::HeapBytes(value);   // It never changes.
    Slot& slot = node.rows.Insert(time, std::move(value), epochs_.open);
    slot.stamp = epochs_.open;
    slot.marked = marked ? 1 : 0;
    MarkDirty(group, node);
    ListInBucket(group, node, time);
    ++keys_;
  }

  /// Shows the rows of a key from a place on with time <= to, in order: RowAct visit(EventTime, const V&, bool marked), or
  /// void. Returns the place of the row at which a visit paused.
  template <class Visit>
  std::optional<OrderedPlace> Scan(const K& key, uint64_t hash, OrderedPlace from, EventTime to, Visit visit);
  template <class Visit>
  std::optional<OrderedPlace> Scan(const K& key, uint64_t hash, EventTime from, EventTime to, Visit visit) {
    return Scan(key, hash, OrderedPlace{from}, to, std::move(visit));
  }

  /// Drops all rows with time < cutoff, of each key in order: void visit(const K&, uint64_t hash, EventTime, V&&, bool
  /// marked) sees each. Ends after about `rows_max` rows and keys; false if more is left: then it is called again with
  /// the same cutoff, before the table is frozen.
  template <class Visit>
  bool Expire(EventTime cutoff, size_t rows_max, ExpiryEnds ends, Visit visit);

  /// Calls visit(key, time, sequence, value, marked) for every row. `visit` must not call this table.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const Group& group : groups_) {
      for (const auto& node : group.keys) {
        node->rows.ForEach([&](const Slot& slot) {
          if (!slot.dead) visit(node->key, slot.time, slot.sequence, slot.value, static_cast<bool>(slot.marked));
        });
      }
    }
  }

  /// About: what chunks have room for but do not hold is not counted.
  uint64_t bytes() const override {
    uint64_t sum = groups_.capacity() * sizeof(Group) + (keys_ + buried_) * sizeof(Slot) + heap_bytes();
    for (const Group& group : groups_) sum += group.keys.size() * sizeof(Node) + group.keys.bucket_count() * 9;
    return sum;
  }

  /// Rows that were erased and are still in memory: until the barrier after it is saved.
  uint64_t buried() const { return buried_; }

  bool SaveFrozen(SliceBudget& budget) override;
  Status RestoreEntry(KeyGroup group, std::string_view key, std::string_view value, CheckpointId saved_in) override;

 private:
  static constexpr int64_t kNoBucket = INT64_MIN;

  /// A key and its rows. Stays where it is, so that lists point to it; gone once it has no rows and is in no list.
  struct Node {
    K key;
    uint64_t hash;
    Rows rows;
    int64_t listed_in[2] = {kNoBucket, kNoBucket};   // the last buckets that list it; it may be in more
    uint32_t lists = 0;                              // how many lists it is in, of buckets and of dirty nodes
    uint8_t dirty = 0;                               // a bit for each stamp whose list it is in
  };
  struct Hashed {
    const K& key;
    uint64_t hash;
  };
  struct Hasher {
    using is_transparent = void;
    using is_avalanching = void;
    size_t operator()(const Hashed& h) const { return h.hash; }
    size_t operator()(const Node* node) const { return node->hash; }
  };
  struct SameKey {
    using is_transparent = void;
    bool operator()(const Node* a, const Node* b) const { return a == b; }
    bool operator()(const Hashed& a, const Node* b) const { return operator()(b, a); }
    bool operator()(const Node* a, const Hashed& b) const {
      return a->hash == b.hash && internal::SameStateKey(a->key, b.key);
    }
  };
  using Nodes = std::vector<Node*>;
  struct Group {
    boost::unordered_flat_set<Node*, Hasher, SameKey> keys;   // owned by the table
    std::map<int64_t, Nodes> buckets;
    std::pair<int64_t, Nodes*> recent{kNoBucket, nullptr};   // the bucket last added to
    Nodes dirty[2];                                          // by stamp - 1
    Expired expired[2];                                      // by stamp - 1
  };

  Group& GroupOf(uint64_t hash) { return groups_[GroupOfHash(hash, key_groups_).value() - first_group_]; }
  KeyGroup NameOf(const Group& group) const {
    return KeyGroup{static_cast<uint16_t>(first_group_ + (&group - groups_.data()))};
  }

  Node* NewNode(Group& group, const K& key, uint64_t hash);
  void DropIfDone(Group& group, Node& node);
  void ListInBucket(Group& group, Node& node, EventTime time) {
    const int64_t bucket = BucketOf(time);
    if (node.listed_in[0] != bucket && node.listed_in[1] != bucket) AddToBucket(group, node, bucket);
  }
  void AddToBucket(Group& group, Node& node, int64_t bucket);
  void MarkDirty(Group& group, Node& node) {
    if ((node.dirty & epochs_.open) == 0) AddToDirty(group, node);
  }
  void AddToDirty(Group& group, Node& node);
  typename Rows::Next Change(Group& group, Node& node, typename Rows::Chunk& chunk, Slot& slot, RowAct act);
  /// The open epoch is about to change a row: what the frozen epoch had of it is saved first.
  void SaveBeforeChange(const Group& group, const Node& node, Slot& slot) {
    if (slot.stamp != StateEpochs::kClean && slot.stamp == epochs_.frozen && epochs_.save_on_first_touch) {
      Save(group, node, slot);
    }
  }
  size_t Save(const Group& group, const Node& node, Slot& slot);
  bool SaveNode(const Group& group, Node& node, SliceBudget& budget);
  template <class Visit>
  bool ExpireGroup(Group& group, EventTime cutoff, ExpiryEnds ends, int64_t& left, Visit& visit);
  template <class Visit>
  bool ExpireRows(Group& group, Node& node, EventTime limit, EventTime cutoff, ExpiryEnds ends, int64_t& left, Visit& visit);

  /// Nodes are visited in lists, far apart in memory: the ones that follow are fetched meanwhile.
  static void FetchAhead(const Nodes& nodes, size_t at) {
    if (at + 12 < nodes.size()) __builtin_prefetch(nodes[at + 12]);
    if (at + 6 < nodes.size()) nodes[at + 6]->rows.Prefetch();
  }

  static constexpr size_t kSpareNodes = 16 * 1024;

  uint64_t buried_ = 0;
  std::vector<Group> groups_;
  std::vector<std::unique_ptr<Node>> spare_;   // of keys that are gone, for keys to come: with the memory of their rows

  // Where SaveFrozen stands.
  size_t saving_group_ = 0;
  size_t saving_node_ = 0;

  // Where Expire stands: the group, and in its first bucket the next key and the keys kept so far.
  bool expiring_ = false;
  CheckpointId expiring_since_;
  size_t expiring_group_ = 0;
  size_t expiring_node_ = 0;
  size_t expiring_kept_ = 0;
};

}  // namespace weir

#include "state/ordered_table_save.h"
#include "state/ordered_table_walk.h"
