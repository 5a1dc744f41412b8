// All state of one operator instance: typed tables in memory, frozen at barriers without a pause, saved in slices by
// the task, written and merged on the task's I/O queue.
//
//   StateStore store(options);
//   auto& counts = store.AddValue<int64_t, int64_t>("counts");
//   WEIR_RETURN_IF_ERROR(store.Restore(nullptr));
//   counts.Mutable(auction, hash) += 1;             // epoch 1
//   store.Freeze(CheckpointId{1}, directory);       // barrier 1; epoch 2 begins
//   while (!store.Advance(kAdvanceSlots)) { ... }   // a slice in every step; then on_snapshot(1, ...) from the queue
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "state/list_table.h"
#include "state/map_table.h"
#include "state/state_snapshot.h"
#include "state/state_table.h"
#include "state/timer_table.h"
#include "state/value_table.h"

namespace weir {

class BaseStoreFactory;
template <class V>
class GroupTable;
template <class K, class V>
class SliceTable;
template <class K, class V>
class OrderedTable;
class ChunkPool;
class DeltaBuffer;
class SerialQueue;
class SnapshotWriter;

/// A slice of this many slots takes well below a millisecond for small keys and values.
inline constexpr size_t kAdvanceSlots = 4096;

/// What keeps the frozen image right. A test switches a defence off to show that it would see the damage.
struct StateDefences {
  bool save_on_first_touch = true;
};

struct StateStoreOptions {
  std::string operator_id;
  TaskIndex index;
  KeyGroupRange groups;
  uint16_t key_groups = kDefaultKeyGroups;
  /// The instance's own; emptied by Restore. On the file system of the checkpoint directories (hard links).
  std::string work_directory;
  FileSystem* files = nullptr;
  BaseStoreFactory* base = nullptr;
  SerialQueue* io = nullptr;   ///< First in, first out; the store's order of epochs depends on it.
  /// Called on the io queue, once a frozen epoch: all files of n are in its directory and durable (the directory
  /// itself is synced by whoever writes the manifest), or why not. After an error all later ones fail alike.
  std::function<void(CheckpointId, Result<StateSnapshot>)> on_snapshot;
  size_t roll_after_deltas = 8;
  /// Deltas smaller than this together are not merged for their size alone, only for their number.
  uint64_t roll_bytes_min = 64 << 20;
  StateDefences defences;   ///< For tests only.
};

/// What an operator instance starts from: what the tasks of a checkpoint that had some of its key groups kept of them.
struct RestoredState {
  CheckpointId n;
  std::string directory;               ///< Of the checkpoint.
  std::vector<StateSnapshot> parts;    ///< One where the parallelism is the same.
};

/// One thread, the task's. Order of calls: AddValue any number of times, Restore once, then the rest.
/// Nothing blocks but Restore. May be destroyed only when the io queue runs none of its jobs.
class StateStore {
 public:
  explicit StateStore(StateStoreOptions options);
  ~StateStore();
  StateStore(const StateStore&) = delete;

  /// The reference lives as long as the store. REQUIRES: a valid name (IsValidName), not used before; at most
  /// kStatesMax states.
  template <class K, class V>
  ValueTable<K, V>& AddValue(std::string name) {
    return Add<ValueTable<K, V>>(std::move(name));
  }
  /// An entry for each key and sub-key.
  template <class K, class S, class V>
  MapTable<K, S, V>& AddMap(std::string name) {
    return Add<MapTable<K, S, V>>(std::move(name));
  }
  /// What all tasks have alike, by key; each must be given the same changes in every epoch. After a restore at another
  /// parallelism each task has what one of the old ones had.
  template <class K, class V>
  ValueTable<K, V>& AddBroadcast(std::string name) {
    auto table = std::make_unique<ValueTable<K, V>>(std::move(name), KeyGroupRange{0, 1}, 1, epochs_, "broadcast");
    ValueTable<K, V>& added = *table;
    AddTable(std::move(table));
    return added;
  }
  /// Times at which something is to happen to a key.
  template <class K>
  TimerTable<K>& AddTimers(std::string name) {
    return Add<TimerTable<K>>(std::move(name));
  }
  /// A list of elements for each key.
  template <class K, class E>
  ListTable<K, E>& AddList(std::string name) {
    return Add<ListTable<K, E>>(std::move(name));
  }

  /// Slices of event time, each with an entry a key. Include state/slice_table.h.
  template <class K, class V>
  SliceTable<K, V>& AddSlices(std::string name) {
    return Add<SliceTable<K, V>>(std::move(name));
  }
  /// Rows of each key, ordered by time. Include state/ordered_table.h.
  template <class K, class V>
  OrderedTable<K, V>& AddOrdered(std::string name) {
    return Add<OrderedTable<K, V>>(std::move(name));
  }
  /// One V for each key group. Include state/group_table.h.
  template <class V>
  GroupTable<V>& AddGroupValues(std::string name) {
    auto table = std::make_unique<GroupTable<V>>(std::move(name), options_.groups, epochs_);
    GroupTable<V>& added = *table;
    AddTable(std::move(table));
    return added;
  }

  /// What states mean beyond their types, such as the size of the windows that they hold: a checkpoint that says otherwise is
  /// refused. Before the states it is about, so that it is what a refusal names.
  void AddRule(std::string name, std::string rule);

  /// Brings the tables to what the key groups of this instance were in the checkpoint; null: all empty. Files of the
  /// same task are taken over by link; from those of another parallelism a new base is written.
  /// Blocks; called before the task runs. InvalidArgument: the state is of another program; Corruption: a file is
  /// damaged; IoError. After an error the store must be dropped.
  Status Restore(const RestoredState* from);

  /// Barrier n: what the tables hold now is the state of checkpoint n, all later changes belong to n + 1. Takes a
  /// constant time, but for what Advance left undone of the checkpoint before: that is finished first.
  /// The directory must exist when the io queue comes to it. REQUIRES: n rises.
  void Freeze(CheckpointId n, std::string checkpoint_directory);

  /// Saves about `slots_max` frozen entries (large ones count as several). True when none is left: then the
  /// checkpoint's files are on their way, and on_snapshot follows. True also if nothing is frozen.
  bool Advance(size_t slots_max);

  bool frozen() const { return epochs_.frozen != StateEpochs::kClean; }
  /// Entries in all tables.
  uint64_t keys() const;
  /// Memory of the tables (StateTable::bytes); not of buffers.
  uint64_t bytes() const;

 private:
  template <class Table>
  Table& Add(std::string name) {
    auto table = std::make_unique<Table>(std::move(name), options_.groups, options_.key_groups, epochs_);
    Table& added = *table;
    AddTable(std::move(table));
    return added;
  }
  void AddTable(std::unique_ptr<StateTable> table);
  StateSnapshot Description() const;
  Status RestoreFrom(const RestoredState& from);
  Status FillTables(const std::string& checkpoint_directory, CheckpointId saved_in);

  const StateStoreOptions options_;
  StateEpochs epochs_;
  std::vector<std::unique_ptr<StateTable>> tables_;   // by state number once restored
  size_t advancing_ = 0;                              // the table that Advance is at
  CheckpointId last_frozen_;
  std::string checkpoint_directory_;                  // of the frozen epoch
  std::shared_ptr<ChunkPool> chunks_;
  std::unique_ptr<DeltaBuffer> delta_;                // of the frozen epoch
  std::shared_ptr<SnapshotWriter> writer_;            // used on the io queue; before Start by Restore
};

}  // namespace weir
