#include "environment/fed_input.h"

#include <algorithm>
#include <utility>

#include "runtime/base/executor.h"

namespace weir::internal {

void FedInput::Append(Split& split, FedEvent event) {
  split.log.push_back(std::move(event));
  for (Waker* reader : readers_) reader->Wake();
}

void FedInput::Add(uint32_t number, BatchPtr rows) {
  Split& split = splits_[number];
  const size_t count = rows->size();
  rows->late.resize(count, kMinEventTime);
  bool any_late = false;
  for (size_t i = 0; i < count; ++i) {
    const EventTime passed = std::max(rows->late[i], split.told.watermark);
    const bool late = has_times_ && rows->times[i] < passed;
    rows->late[i] = late ? passed : kMinEventTime;
    any_late = any_late || late;
    rows->origins.push_back({number, split.next_offset++});
  }
  if (!any_late) rows->late.clear();
  split.told.idle = false;
  Append(split, {std::move(rows), {}});
}

void FedInput::Tell(uint32_t number, PathTime time) {
  Split& split = splits_[number];
  if (time == split.told) return;
  split.told = time;
  Append(split, {nullptr, time});
}

std::vector<size_t> FedInput::Lengths() const {
  std::vector<size_t> lengths;
  for (const Split& split : splits_) lengths.push_back(split.log.size());
  return lengths;
}

void FedInput::CutBack(const std::vector<size_t>& lengths) {
  for (size_t i = 0; i < splits_.size(); ++i) {
    Split& split = splits_[i];
    split.log.resize(lengths[i]);
    split.told = {};
    split.next_offset = 0;
    for (const FedEvent& event : split.log) {
      if (event.rows == nullptr) split.told = event.time;
      else split.next_offset += static_cast<int64_t>(event.rows->size());
    }
  }
}

std::vector<SplitAssignment> FedInput::Assignments(const Manifest* restored) const {
  std::vector<SplitAssignment> assignments;
  for (uint32_t i = 0; i < splits(); ++i) assignments.push_back({SplitId(std::to_string(i)), {}, std::nullopt});
  if (restored == nullptr) return assignments;
  for (const SourceState& source : restored->sources) {
    if (source.operator_id != feeder_) continue;
    for (const ManifestSplit& split : source.splits) {
      assignments[std::stoul(split.split.value())].start = split.position;
    }
  }
  return assignments;
}

Status FedSource::Open(const OperatorContext& context) {
  input_->AddReader(context.waker);
  return {};
}

Status FedSource::AddSplit(const SplitAssignment& assignment) {
  const Position& start = assignment.start;
  splits_.push_back({static_cast<uint32_t>(std::stoul(assignment.split.value())), static_cast<size_t>(start.next.value()),
                     {start.watermark, start.idle}});
  return {};
}

Result<ReadResult> FedSource::Poll(size_t, Emitter& out) {
  for (size_t i = 0; i < splits_.size(); ++i) {
    Split& split = splits_[turn_++ % splits_.size()];
    const std::vector<FedEvent>& log = input_->log(split.number);
    if (split.next == log.size()) continue;
    const FedEvent& event = log[split.next++];
    if (event.rows == nullptr) {
      split.time = event.time;
      return ReadResult{0, State()};
    }
    split.time.idle = false;
    const size_t rows = event.rows->size();
    WEIR_RETURN_IF_ERROR(out.Emit(kMainPort, event.rows->Clone()));
    return ReadResult{rows, State()};
  }
  return ReadResult{0, SplitState::kWaiting};
}

SplitState FedSource::State() const {
  const bool more = std::ranges::any_of(splits_, [this](const Split& split) {
    return split.next < input_->log(split.number).size();
  });
  return more ? SplitState::kMore : SplitState::kWaiting;
}

PathTime FedSource::Time() {
  PathTime time{kMaxEventTime, true};
  EventTime greatest = kMinEventTime;
  for (const Split& split : splits_) {
    greatest = std::max(greatest, split.time.watermark);
    if (!split.time.idle) time = {std::min(time.watermark, split.time.watermark), false};
  }
  if (time.idle) time.watermark = greatest;
  passed_on_ = time.watermark = std::max(time.watermark, passed_on_);
  return time;
}

std::vector<SplitPosition> FedSource::Positions() const {
  std::vector<SplitPosition> positions;
  for (const Split& split : splits_) {
    Position position;
    position.next = Offset{static_cast<int64_t>(split.next)};
    position.watermark = split.time.watermark;
    position.idle = split.time.idle;
    positions.push_back({SplitId(std::to_string(split.number)), position});
  }
  return positions;
}

}  // namespace weir::internal
