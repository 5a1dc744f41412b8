// Internal: what a test feeds into one input of an operator, kept so that it can be read again after a restore; and the source
// that reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include "runtime/checkpoint/manifest.h"
#include "runtime/io/connector.h"
#include "runtime/task/operator.h"

namespace weir::internal {

/// A batch, or without one how far event time of the split has come.
struct FedEvent {
  BatchPtr rows;
  PathTime time;
};

/// Its splits, each a log. One thread.
class FedInput {
 public:
  /// `feeder`: the id of the source that reads it. `row`: what it takes; null: anything.
  FedInput(std::string feeder, const std::type_info* row, bool has_times)
      : feeder_(std::move(feeder)), row_(row), has_times_(has_times) {}

  void SetSplits(uint32_t splits) { splits_.resize(splits); }
  uint32_t splits() const { return static_cast<uint32_t>(splits_.size()); }
  const std::string& feeder() const { return feeder_; }
  bool has_times() const { return has_times_; }
  /// Null: anything.
  const std::type_info* row() const { return row_; }

  /// Marks what is late by what was told of the split before, and says where rows were read.
  void Add(uint32_t split, BatchPtr rows);
  void Tell(uint32_t split, PathTime time);
  PathTime told(uint32_t split) const { return splits_[split].told; }
  const std::vector<FedEvent>& log(uint32_t split) const { return splits_[split].log; }

  /// How much each log holds; what is fed later can be forgotten.
  std::vector<size_t> Lengths() const;
  void CutBack(const std::vector<size_t>& lengths);

  /// Where the tasks begin to read; null: at the beginning.
  std::vector<SplitAssignment> Assignments(const Manifest* restored) const;

  /// Whoever is to be woken by more. All of them are forgotten when tasks end.
  void AddReader(Waker* waker) { readers_.push_back(waker); }
  void ForgetReaders() { readers_.clear(); }

 private:
  struct Split {
    std::vector<FedEvent> log;
    PathTime told;
    int64_t next_offset = 0;
  };
  void Append(Split& split, FedEvent event);

  const std::string feeder_;
  const std::type_info* const row_;
  const bool has_times_;
  std::vector<Split> splits_;
  std::vector<Waker*> readers_;
};

/// The splits of a fed input, by their numbers.
class FedSplits final : public SplitSource {
 public:
  Result<std::vector<SplitAssignment>> ListSplits(StartPoint, EndPoint) override { return std::vector<SplitAssignment>{}; }
  bool bounded() const override { return false; }
  std::string Identity() const override { return "fed"; }
  uint32_t Placement(const SplitId& split) const override { return static_cast<uint32_t>(std::stoul(split.value())); }
};

/// For the graph: its rows have what times they are given.
class FedConnector final : public SourceConnector {
 public:
  std::string Describe() const override { return "what a test feeds"; }
  bool needs_log() const override { return false; }
  bool has_record_times() const override { return true; }
  Result<std::unique_ptr<SplitSource>> Open(const Bindings&) const override { return Internal("its splits are fed"); }
};

/// Reads the splits of its task in turn, event by event.
class FedSource final : public SourceOperator {
 public:
  explicit FedSource(std::shared_ptr<FedInput> input) : input_(std::move(input)) {}

  Status Open(const OperatorContext& context) override;
  Status AddSplit(const SplitAssignment& assignment) override;
  Result<ReadResult> Poll(size_t rows_max, Emitter& out) override;
  Result<ReadResult> LookAhead() override { return ReadResult{}; }
  PathTime Time() override;
  bool TimeIsDue() override { return true; }
  std::vector<SplitPosition> Positions() const override;
  std::vector<SplitReport> Report() const override { return {}; }

 private:
  struct Split {
    uint32_t number = 0;
    size_t next = 0;
    PathTime time;
  };
  SplitState State() const;

  const std::shared_ptr<FedInput> input_;
  std::vector<Split> splits_;
  size_t turn_ = 0;
  EventTime passed_on_ = kMinEventTime;
};

}  // namespace weir::internal
