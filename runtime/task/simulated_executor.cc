#include "runtime/task/simulated_executor.h"

#include <algorithm>

#include "runtime/base/hash.h"
#include "runtime/base/mutant.h"

namespace weir {

Waker& SimulatedExecutor::Add(Steppable& steppable, uint32_t) {
  entries_.push_back(std::make_unique<Entry>(steppable));
  return *entries_.back();
}

SerialQueue& SimulatedExecutor::NewQueue(std::string) {
  queues_.push_back(std::make_unique<Queue>(*this));
  return *queues_.back();
}

void SimulatedExecutor::Stop() {
  running_ = false;
  for (auto& queue : queues_) queue->jobs.clear();
}

Instant SimulatedExecutor::ReadyAt() {
  if (slowness_ == Duration::zero()) return clock_.Now();
  return clock_.Now() + Duration(static_cast<int64_t>(random_.Below(static_cast<uint64_t>(slowness_.count()) + 1)));
}

bool SimulatedExecutor::RunOne() {
  if (!running_) return false;
  for (auto& entry : entries_) {
    if (entry->wake_at <= clock_.Now()) {
      entry->wake_at = Instant::max();
      entry->ready = true;
    }
  }
  std::vector<size_t> ready;   // entries first, then queues
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i]->ready) ready.push_back(i);
  }
  for (size_t i = 0; i < queues_.size(); ++i) {
    const Queue& queue = *queues_[i];
    if (!queue.jobs.empty() && queue.jobs.front().ready_at <= clock_.Now()) ready.push_back(entries_.size() + i);
  }
  if (ready.empty()) return false;
  const size_t chosen = ready[random_.Below(ready.size())];
  const auto now = static_cast<uint64_t>(clock_.Now().time_since_epoch().count());
  trace_hash_ = HashInteger(trace_hash_ ^ (chosen << 32) ^ now);
  if (chosen < entries_.size()) {
    Entry& entry = *entries_[chosen];
    entry.ready = false;
    if (entry.steppable.Step() == Steppable::Next::kAgain) entry.ready = true;
    return true;
  }
  Queue& queue = *queues_[chosen - entries_.size()];
  if (Planted(Mutant::kStateQueueNotInOrder)) std::swap(queue.jobs.front(), queue.jobs.back());
  const Job job = std::move(queue.jobs.front());
  queue.jobs.pop_front();
  job.run();
  return true;
}

Instant SimulatedExecutor::NextTimer() const {
  Instant next = Instant::max();
  for (const auto& entry : entries_) next = std::min(next, entry->wake_at);
  for (const auto& queue : queues_) {
    if (!queue->jobs.empty()) next = std::min(next, queue->jobs.front().ready_at);
  }
  return next;
}

}  // namespace weir
