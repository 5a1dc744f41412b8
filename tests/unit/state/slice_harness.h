// One operator instance with slices and group values, beside the instance of state_harness.h with its plain values.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "state/group_table.h"
#include "state/slice_table.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {

/// What a program would hold that knows nothing of epochs: slice end -> key -> value, and a number a group.
struct SliceModel {
  std::map<int64_t, std::map<int64_t, int64_t>> sums;
  std::map<int64_t, std::map<std::string, TextValue>> texts;
  std::map<uint16_t, int64_t> through;
};

class SliceInstance {
 public:
  SliceInstance(FileSystem& files, BaseStoreFactory& base, const std::string& root, const std::string& attempt)
      : inner_(files, base, root, attempt) {}

  Status Start(const StateSnapshot* from = nullptr, const std::string& directory = "") {
    store = std::make_unique<StateStore>(inner_.options);
    sums = &store->AddSlices<int64_t, int64_t>("sums");
    texts = &store->AddSlices<std::string, TextValue>("texts");
    through = &store->AddGroupValues<int64_t>("through");
    return RestoreOne(*store, from, directory);
  }
  StateStoreOptions& options() { return inner_.options; }
  ManualQueue& queue() { return inner_.queue; }
  std::map<uint64_t, StateSnapshot>& snapshots() { return inner_.snapshots; }
  std::map<uint64_t, Status>& failures() { return inner_.failures; }
  std::string DirectoryOf(uint64_t n) const { return inner_.DirectoryOf(n); }

  bool Freeze(FileSystem& files, uint64_t n) {
    if (!files.CreateDirectories(DirectoryOf(n)).ok()) return false;
    store->Freeze(CheckpointId{n}, DirectoryOf(n));
    return true;
  }
  void Save() {
    while (!store->Advance(16)) {
    }
  }
  void Checkpoint(FileSystem& files, uint64_t n) {
    Freeze(files, n);
    Save();
    queue().RunAll();
  }
  int64_t& Sum(int64_t end, int64_t key) { return sums->Mutable(end, key, HashKey(key)); }
  void DropThrough(int64_t end) {
    for (uint16_t group = 0; group < inner_.options.key_groups; ++group) {
      sums->DropThrough(KeyGroup{group}, end);
      texts->DropThrough(KeyGroup{group}, end);
    }
  }
  void FreeAll() {
    SliceBudget budget(std::numeric_limits<int32_t>::max());
    sums->FreeDropped(budget);
    texts->FreeDropped(budget);
  }

  std::unique_ptr<StateStore> store;
  SliceTable<int64_t, int64_t>* sums = nullptr;
  SliceTable<std::string, TextValue>* texts = nullptr;
  GroupTable<int64_t>* through = nullptr;

 private:
  Instance inner_;   // for its options, queue and ears
};

inline Image ImageOf(const SliceInstance& instance) {
  Image image;
  instance.sums->ForEach([&](int64_t end, int64_t key, int64_t value) {
    image["s" + std::to_string(end) + "/" + std::to_string(key)] = std::to_string(value);
  });
  instance.texts->ForEach([&](int64_t end, const std::string& key, const TextValue& value) {
    image["t" + std::to_string(end) + "/" + key] = std::to_string(value.sum) + value.text;
  });
  for (uint16_t group = 0; group < 8; ++group) {
    const int64_t value = instance.through->Get(KeyGroup{group});
    if (value != 0) image["g" + std::to_string(group)] = std::to_string(value);
  }
  return image;
}

inline Image ImageOf(const SliceModel& model) {
  Image image;
  for (const auto& [end, sums] : model.sums) {
    for (const auto& [key, value] : sums) {
      image["s" + std::to_string(end) + "/" + std::to_string(key)] = std::to_string(value);
    }
  }
  for (const auto& [end, texts] : model.texts) {
    for (const auto& [key, value] : texts) {
      image["t" + std::to_string(end) + "/" + key] = std::to_string(value.sum) + value.text;
    }
  }
  for (const auto& [group, value] : model.through) image["g" + std::to_string(group)] = std::to_string(value);
  return image;
}

}  // namespace weir::test
