// The operators of a window without an engine: first nodes of some tasks, second nodes of others, each with its state on a
// simulated disk. A test feeds splits, passes watermarks, takes barriers, and restores into new instances.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/simulated_file_system.h"
#include "runtime/task/simulated_executor.h"
#include "runtime/graph/job_graph.h"
#include "state/simulated_base_store.h"
#include "tests/unit/state/state_harness.h"
#include "tests/unit/window/window_reference.h"

namespace weir::test {

/// Keeps what comes out of a port.
class Collected final : public Emitter {
 public:
  Status Emit(uint32_t port, BatchPtr batch) override {
    (port == kMainPort ? main : late).push_back(std::move(batch));
    return {};
  }
  std::vector<BatchPtr> main;
  std::vector<BatchPtr> late;
};

struct ChainShape {
  uint32_t parallelism = 1;
  size_t batch_rows = 7;
};

/// Of one window, whose nodes are "<id>.parts" and "<id>" in the graph.
class WindowChain {
 public:
  WindowChain(const JobGraph& graph, const std::string& id, ChainShape shape) : shape_(shape) {
    for (const GraphNode& node : graph.nodes) {
      if (node.id == id) second_ = node.make;
      if (node.id == id + ".parts") first_ = node.make;
    }
    Begin(nullptr);
  }

  /// Rows of one split, in order; `late` as a source marks them.
  void Feed(std::vector<Click> rows, std::vector<EventTime> late, size_t task) {
    for (size_t i = 0; i < rows.size(); i += shape_.batch_rows) {
      auto batch = std::make_unique<Batch<Click>>();
      for (size_t j = i; j < std::min(rows.size(), i + shape_.batch_rows); ++j) {
        batch->rows.push_back(rows[j]);
        batch->times.push_back(EventTime{rows[j].time});
        batch->late.push_back(late[j]);
      }
      Ok(parts_[task % parts_.size()]->Process(0, std::move(batch), out_of_parts_));
      Exchange();
    }
  }

  void PassWatermark(EventTime watermark) {
    for (auto& parts : parts_) {
      EXPECT_TRUE(parts->OnWatermark(watermark, out_of_parts_).value());
      Exchange();
    }
    PassWatermarkBehindTheExchange(watermark);
  }
  void PassWatermarkBehindTheExchange(EventTime watermark) {
    for (auto& task : tasks_) {
      for (;;) {
        const Result<bool> done = task->op->OnWatermark(watermark, out_);
        Ok(done.status());
        ++steps;
        task->store->Advance(5);   // saving goes on between two parts of a firing
        if (!done.ok() || *done) break;
      }
    }
  }

  /// A checkpoint that is half saved when this returns.
  void Barrier() {
    for (auto& parts : parts_) Ok(parts->Flush(out_of_parts_));
    Exchange();
    ++n_;
    for (auto& task : tasks_) {
      Ok(task->op->Flush(out_));
      task->Save();
      Ok(task->files->CreateDirectories(task->Directory(n_)));
      task->store->Freeze(CheckpointId{n_}, task->Directory(n_));
      task->store->Advance(3);
    }
  }

  void FinishSaving() { for (const auto& task : tasks_) task->Save(); }
  /// A barrier, and new instances that go on from it; what came out so far was committed.
  void Restart() {
    Barrier();
    std::vector<StateSnapshot> snapshots;
    for (auto& task : tasks_) {
      task->Save();
      EXPECT_TRUE(task->failure.ok()) << task->failure.ToString();
      snapshots.push_back(task->snapshot);
    }
    Begin(&snapshots);
  }

  uint64_t keys() const { return Sum(&StateStore::keys); }
  uint64_t bytes() const { return Sum(&StateStore::bytes); }
  std::vector<WindowResult> Results() const { return RowsOf<WindowResult>(out_.main); }
  std::vector<Click> LateRows() const { return RowsOf<Click>(out_of_parts_.late); }
  size_t late_parts() const { return out_.late.size(); }
  const Collected& out() const { return out_; }
  uint64_t steps = 0;

 private:
  struct Task {
    std::string root;
    SimulatedFileSystem* files = nullptr;
    ManualQueue queue;
    std::unique_ptr<StateStore> store;
    std::unique_ptr<Operator> op;
    StateSnapshot snapshot;
    Status failure;
    std::string Directory(uint64_t n) const { return JoinPath(root, "chk-" + std::to_string(n)); }
    void Save() {
      while (!store->Advance(16)) {
      }
      queue.RunAll();
    }
  };

  template <class T>
  static std::vector<T> RowsOf(const std::vector<BatchPtr>& batches) {
    std::vector<T> rows;
    for (const BatchPtr& batch : batches) {
      const auto& typed = static_cast<const Batch<T>&>(*batch).rows;
      rows.insert(rows.end(), typed.begin(), typed.end());
    }
    return rows;
  }
  uint64_t Sum(uint64_t (StateStore::*of)() const) const {
    uint64_t sum = 0;
    for (const auto& task : tasks_) sum += ((*task->store).*of)();
    return sum;
  }
  static void Ok(const Status& status) { ASSERT_TRUE(status.ok()) << status.ToString(); }

  void Begin(const std::vector<StateSnapshot>* from) {
    std::vector<std::unique_ptr<Task>> former = std::move(tasks_);
    parts_.clear();
    tasks_.clear();
    ++attempt_;
    for (uint32_t i = 0; i < shape_.parallelism; ++i) {
      OperatorContext context;
      context.parallelism = shape_.parallelism;
      context.clock = &clock_;
      context.groups = RangeOfTask(kDefaultKeyGroups, shape_.parallelism, i);
      parts_.push_back(first_());
      Ok(parts_.back()->Open(context));
      auto task = std::make_unique<Task>();
      task->root = "job/" + std::to_string(i);
      task->files = files_.get();
      StateStoreOptions options;
      options.operator_id = "window";
      options.index = TaskIndex{i};
      options.groups = context.groups;
      options.work_directory = JoinPath(task->root, "work-" + std::to_string(attempt_));
      options.files = files_.get();
      options.base = &base_;
      options.io = &task->queue;
      options.roll_after_deltas = 3;
      options.on_snapshot = [made = task.get()](CheckpointId, Result<StateSnapshot> snapshot) {
        if (snapshot.ok()) made->snapshot = *snapshot;
        else made->failure = snapshot.status();
      };
      task->store = std::make_unique<StateStore>(options);
      task->op = second_();
      context.state = task->store.get();
      Ok(task->op->Open(context));
      RestoredState restored;
      if (from != nullptr) restored = {(*from)[i].ingested, task->Directory(n_), {(*from)[i]}};
      Ok(task->store->Restore(from == nullptr ? nullptr : &restored));
      tasks_.push_back(std::move(task));
    }
  }

  /// What came out of the first nodes goes to the tasks that own its key groups.
  void Exchange() {
    for (BatchPtr& batch : out_of_parts_.main) {
      std::vector<uint8_t> target;
      for (const uint64_t hash : batch->hashes) {
        target.push_back(static_cast<uint8_t>(
            TaskOfGroup(kDefaultKeyGroups, shape_.parallelism, GroupOfHash(hash, kDefaultKeyGroups))));
      }
      std::vector<BatchPtr> targets(shape_.parallelism);
      batch->Scatter(target, targets);
      for (uint32_t i = 0; i < shape_.parallelism; ++i) {
        if (targets[i]->size() > 0) Ok(tasks_[i]->op->Process(0, std::move(targets[i]), out_));
      }
    }
    out_of_parts_.main.clear();
  }

  const ChainShape shape_;
  std::function<std::unique_ptr<Operator>()> first_;
  std::function<std::unique_ptr<Operator>()> second_;
  SimulatedClock clock_;
  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  SimulatedBaseStoreFactory base_;
  std::vector<std::unique_ptr<Operator>> parts_;
  std::vector<std::unique_ptr<Task>> tasks_;
  Collected out_of_parts_;
  Collected out_;
  uint64_t n_ = 0;
  uint64_t attempt_ = 0;
};

}  // namespace weir::test
