// One operator instance with its state, a disk, and a queue that runs only when the test says so.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "runtime/base/executor.h"
#include "runtime/base/simulated_file_system.h"
#include "state/simulated_base_store.h"
#include "state/state_store.h"

namespace weir::test {

class ManualQueue : public SerialQueue {
 public:
  void Post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  bool RunOne() {
    if (jobs_.empty()) return false;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    return true;
  }
  void RunAll() {
    while (RunOne()) {
    }
  }
  void Drop() { jobs_.clear(); }
  size_t size() const { return jobs_.size(); }

 private:
  std::deque<std::function<void()>> jobs_;
};

struct TextValue {
  int64_t sum = 0;
  std::string text;
  friend bool operator==(const TextValue&, const TextValue&) = default;
};

using Counts = ValueTable<int64_t, int64_t>;
using Texts = ValueTable<std::string, TextValue>;

/// Restores what one task of the same parallelism left; null: nothing.
inline Status RestoreOne(StateStore& store, const StateSnapshot* from, const std::string& directory) {
  if (from == nullptr) return store.Restore(nullptr);
  const RestoredState restored{from->ingested, directory, {*from}};
  return store.Restore(&restored);
}

/// The operator "agg", task 0 of 1, with the states "counts" and "texts".
class Instance {
 public:
  Instance(FileSystem& files, BaseStoreFactory& base, const std::string& root, const std::string& attempt)
      : files_(files), root_(root) {
    options.operator_id = "agg";
    options.groups = {0, 8};
    options.key_groups = 8;
    options.work_directory = JoinPath(root, "work-" + attempt);
    options.files = &files;
    options.base = &base;
    options.io = &queue;
    options.roll_after_deltas = 3;
    options.on_snapshot = [this](CheckpointId n, Result<StateSnapshot> result) {
      if (result.ok()) snapshots.insert_or_assign(n.value(), *result);
      else failures.insert_or_assign(n.value(), result.status());
    };
  }

  void Build() {
    store = std::make_unique<StateStore>(options);
    counts = &store->AddValue<int64_t, int64_t>("counts");
    texts = &store->AddValue<std::string, TextValue>("texts");
  }
  Status Start(const StateSnapshot* from = nullptr, const std::string& directory = "") {
    Build();
    return RestoreOne(*store, from, directory);
  }

  std::string DirectoryOf(uint64_t n) const { return JoinPath(root_, "chk-" + std::to_string(n)); }
  /// False where the disk refused the directory.
  bool Freeze(uint64_t n) {
    if (!files_.CreateDirectories(DirectoryOf(n)).ok()) return false;
    store->Freeze(CheckpointId{n}, DirectoryOf(n));
    return true;
  }
  void Save() {
    while (!store->Advance(16)) {
    }
  }
  /// A whole checkpoint at once.
  void Checkpoint(uint64_t n) {
    Freeze(n);
    Save();
    queue.RunAll();
  }

  StateStoreOptions options;
  ManualQueue queue;
  std::unique_ptr<StateStore> store;
  Counts* counts = nullptr;
  Texts* texts = nullptr;
  std::map<uint64_t, StateSnapshot> snapshots;
  std::map<uint64_t, Status> failures;

 private:
  FileSystem& files_;
  const std::string root_;
};

/// What both tables hold, encoded, in the order of keys: equal images are byte-equal state.
using Image = std::map<std::string, std::string>;

inline Image ImageOf(const Instance& instance) {
  Image image;
  instance.counts->ForEach([&](int64_t key, int64_t value) {
    std::string k = "c", v;
    EncodeKey(key, k);
    EncodeBinary(value, v);
    image[k] = v;
  });
  instance.texts->ForEach([&](const std::string& key, const TextValue& value) {
    std::string v;
    EncodeBinary(value, v);
    image["t" + key] = v;
  });
  return image;
}

}  // namespace weir::test
