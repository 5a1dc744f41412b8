// Runs one operator of a pipeline by its contract, without an engine: rows from splits of different speed, watermarks,
// barriers, and restores into a new instance at any of them. And the naive answers, from the definitions alone.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "operators/pipeline.h"
#include "runtime/base/executor.h"
#include "runtime/base/random.h"
#include "runtime/base/simulated_file_system.h"
#include "runtime/task/operator.h"
#include "state/simulated_base_store.h"
#include "state/state_store.h"
#include "tests/unit/join/join_input.h"

namespace weir::test {

/// Runs what is posted at once.
class InlineQueue final : public SerialQueue {
 public:
  void Post(std::function<void()> job) override { job(); }
};

/// Takes what an operator emits, by port.
class CollectingEmitter final : public Emitter {
 public:
  Status Emit(uint32_t port, BatchPtr batch) override {
    if (batch != nullptr && batch->size() > 0) batches.emplace_back(port, std::move(batch));
    return {};
  }
  std::vector<std::pair<uint32_t, BatchPtr>> batches;
};

/// One node of a pipeline with its state, which a restore replaces by a new instance.
class NodeUnderTest {
 public:
  NodeUnderTest(const Pipeline& pipeline, const std::string& id) : files_(disk_.NewProcess()) {
    for (const GraphNode& node : pipeline.graph().nodes) {
      if (node.id == id) make_ = node.make;
    }
    WEIR_CHECK(make_ != nullptr, "no operator is called " + id);
    Start();
  }

  Operator& op() { return *operator_; }
  const StateStore& state() const { return *store_; }
  CollectingEmitter out;

  /// Barrier: what is saved goes on from here in another instance.
  void SaveAndRestore(Random& random) {
    ++checkpoint_;
    const std::string directory = "job/chk-" + std::to_string(checkpoint_);
    WEIR_CHECK(files_->CreateDirectories(directory).ok(), "disk");
    store_->Freeze(CheckpointId{checkpoint_}, directory);
    while (!store_->Advance(1 + random.Below(50))) {
    }
    Start();
  }
  /// A barrier after which the same instance goes on.
  void Save() {
    ++checkpoint_;
    const std::string directory = "job/chk-" + std::to_string(checkpoint_);
    WEIR_CHECK(files_->CreateDirectories(directory).ok(), "disk");
    store_->Freeze(CheckpointId{checkpoint_}, directory);
  }
  void Advance(size_t slots) { store_->Advance(slots); }

 private:
  void Start() {
    StateStoreOptions options;
    options.operator_id = "op";
    options.groups = {0, 8};
    options.key_groups = 8;
    options.work_directory = "job/work-" + std::to_string(checkpoint_);
    options.files = files_.get();
    options.base = &base_;
    options.io = &queue_;
    options.roll_after_deltas = 3;
    options.on_snapshot = [this](CheckpointId, Result<StateSnapshot> result) {
      WEIR_CHECK(result.ok(), result.status().ToString());
      snapshot_ = *result;
    };
    store_ = std::make_unique<StateStore>(options);
    operator_ = make_();
    OperatorContext context;
    context.operator_id = "op";
    context.groups = options.groups;
    context.key_groups = options.key_groups;
    context.state = store_.get();
    WEIR_CHECK(operator_->Open(context).ok(), "open");
    const RestoredState from{CheckpointId{checkpoint_}, "job/chk-" + std::to_string(checkpoint_), {snapshot_}};
    const Status restored = store_->Restore(checkpoint_ == 0 ? nullptr : &from);
    WEIR_CHECK(restored.ok(), restored.ToString());
  }

  SimulatedDisk disk_;
  std::unique_ptr<FileSystem> files_;
  SimulatedBaseStoreFactory base_;
  InlineQueue queue_;
  std::function<std::unique_ptr<Operator>()> make_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Operator> operator_;
  StateSnapshot snapshot_;
  uint64_t checkpoint_ = 0;
};

struct DriveOptions {
  size_t batch = 7;
  bool restores = false;
};

/// Feeds rows of several splits per input, the splits advancing at random, with watermarks that are the least of what the
/// splits have told so far. `passes`: rows that the gate before the operator lets through.
class Drive {
 public:
  Drive(Random& random, NodeUnderTest& node, std::vector<std::vector<ReadSplit>> inputs,
        std::function<bool(const ReadEvent&)> passes, DriveOptions options)
      : random_(random), node_(node), inputs_(std::move(inputs)), passes_(std::move(passes)), options_(options) {
    for (const auto& splits : inputs_) {
      at_.emplace_back(splits.size(), 0);
      told_.emplace_back(splits.size(), kMinEventTime.millis);
      // Splits of very different speed.
      speed_.emplace_back();
      for (size_t i = 0; i < splits.size(); ++i) speed_.back().push_back(1 + random_.Below(30));
    }
  }

  void RunToTheEnd() {
    while (Step()) {
      Watermark();
      Pause();
    }
    Fire(kMaxEventTime);
  }

 private:
  bool Step() {
    bool any = false;
    for (size_t input = 0; input < inputs_.size(); ++input) {
      for (size_t split = 0; split < inputs_[input].size(); ++split) {
        const auto& events = inputs_[input][split].events;
        size_t& at = at_[input][split];
        any = any || at < events.size();
        if (at < events.size() && !random_.OneIn(4)) Read(input, split, 1 + random_.Below(speed_[input][split]));
      }
    }
    return any;
  }
  void Read(size_t input, size_t split, size_t count) {
    const ReadSplit& from = inputs_[input][split];
    size_t& at = at_[input][split];
    for (const size_t end = std::min(at + count, from.events.size()); at < end;) {
      auto batch = std::make_unique<Batch<Event>>();
      for (size_t i = 0; i < options_.batch && at < end; ++i, ++at) {
        const ReadEvent& read = from.events[at];
        if (!passes_(read)) continue;
        batch->rows.push_back(read.event);
        batch->times.push_back(EventTime{read.event.time});
        batch->hashes.push_back(HashKey(read.event.key));
        batch->origins.push_back(read.origin);
      }
      if (batch->size() == 0) continue;
      Status status = node_.op().Process(static_cast<uint32_t>(input), std::move(batch), node_.out);
      while (status.ok() && node_.op().keeps_rows()) {
        node_.Advance(1 + random_.Below(20));
        status = node_.op().GoOn(node_.out);
      }
      WEIR_CHECK(status.ok(), status.ToString());
    }
    // Not every watermark is passed on.
    if (random_.OneIn(2)) told_[input][split] = from.watermarks[at - 1];
  }
  void Watermark() {
    int64_t least = kMaxEventTime.millis;
    for (const auto& told : told_) {
      for (const int64_t watermark : told) least = std::min(least, watermark);
    }
    if (least > watermark_) {
      watermark_ = least;
      Fire(EventTime{least});
    }
  }
  void Fire(EventTime watermark) {
    for (;;) {
      const Result<bool> done = node_.op().OnWatermark(watermark, node_.out);
      WEIR_CHECK(done.ok(), done.status().ToString());
      if (*done) return;
      node_.Advance(1 + random_.Below(20));
    }
  }
  void Pause() {
    if (!options_.restores) return;
    if (random_.OneIn(5)) node_.SaveAndRestore(random_);
    if (random_.OneIn(5)) node_.Save();
    if (random_.OneIn(2)) node_.Advance(1 + random_.Below(50));
  }

  Random& random_;
  NodeUnderTest& node_;
  const std::vector<std::vector<ReadSplit>> inputs_;
  const std::function<bool(const ReadEvent&)> passes_;
  const DriveOptions options_;
  std::vector<std::vector<size_t>> at_;
  std::vector<std::vector<int64_t>> told_;
  std::vector<std::vector<uint64_t>> speed_;
  int64_t watermark_ = kMinEventTime.millis;
};

}  // namespace weir::test
