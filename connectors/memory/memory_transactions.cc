#include "connectors/memory/memory_transactions.h"

#include <algorithm>
#include <utility>

namespace weir {

ProducerGrant MemoryTransactions::Init(const std::string& id, Duration timeout) {
  Transaction& transaction = transactions_[id];
  WriteLateMarkers(transaction, std::nullopt);
  if (transaction.state == State::kOngoing) Decide(transaction, false);
  if (transaction.grant.producer_id < 0) transaction.grant.producer_id = next_producer_id_++;
  ++transaction.grant.epoch;
  transaction.timeout = timeout;
  transaction.state = State::kEmpty;
  return transaction.grant;
}

TxnVerdict MemoryTransactions::AddPartition(const std::string& id, const ProducerGrant& grant,
                                            const TopicPartition& partition, Instant now) {
  Transaction& transaction = transactions_[id];
  if (transaction.grant != grant) return TxnVerdict::kFenced;
  if (transaction.state != State::kOngoing) {
    // A broker answers CONCURRENT_TRANSACTIONS until its markers are written, and the client repeats until then.
    WriteLateMarkers(transaction, std::nullopt);
    transaction.state = State::kOngoing;
    transaction.started = now;
  }
  transaction.partitions.insert(partition);
  return TxnVerdict::kOk;
}

TxnVerdict MemoryTransactions::End(const std::string& id, const ProducerGrant& grant, bool commit, Instant now,
                                   Duration marker_delay) {
  Transaction& transaction = transactions_[id];
  if (transaction.grant != grant) return TxnVerdict::kFenced;
  if (transaction.state == (commit ? State::kCommitted : State::kAborted)) return TxnVerdict::kOk;
  if (transaction.state != State::kOngoing) return TxnVerdict::kInvalidState;
  if (marker_delay > Duration::zero()) {
    Instant due = now;
    for (const TopicPartition& partition : std::exchange(transaction.partitions, {})) {
      transaction.late.push_back({partition, due += marker_delay});
    }
  }
  Decide(transaction, commit);
  return TxnVerdict::kOk;
}

void MemoryTransactions::Decide(Transaction& transaction, bool commit) {
  transaction.state = commit ? State::kCommitted : State::kAborted;
  for (const TopicPartition& partition : std::exchange(transaction.partitions, {})) {
    write_marker_(partition, transaction.grant.producer_id, commit);
  }
}

void MemoryTransactions::WriteLateMarkers(Transaction& transaction, std::optional<Instant> until) {
  std::erase_if(transaction.late, [&](const LateMarker& marker) {
    if (until.has_value() && marker.due > *until) return false;
    write_marker_(marker.partition, transaction.grant.producer_id, transaction.state == State::kCommitted);
    return true;
  });
}

void MemoryTransactions::Advance(Instant now) {
  for (auto& [id, transaction] : transactions_) {
    WriteLateMarkers(transaction, now);
    if (transaction.state != State::kOngoing || now - transaction.started < transaction.timeout) continue;
    Decide(transaction, false);
    ++transaction.grant.epoch;
  }
}

std::optional<Instant> MemoryTransactions::NextDue() const {
  std::optional<Instant> next;
  const auto take = [&next](Instant due) { next = next.has_value() ? std::min(*next, due) : due; };
  for (const auto& [id, transaction] : transactions_) {
    for (const LateMarker& marker : transaction.late) take(marker.due);
    if (transaction.state == State::kOngoing) take(transaction.started + transaction.timeout);
  }
  return next;
}

std::vector<std::string> MemoryTransactions::Open() const {
  std::vector<std::string> open;
  for (const auto& [id, transaction] : transactions_) {
    if (transaction.state == State::kOngoing || !transaction.late.empty()) open.push_back(id);
  }
  return open;
}

bool MemoryTransactions::markers_pending() const {
  return std::any_of(transactions_.begin(), transactions_.end(),
                     [](const auto& transaction) { return !transaction.second.late.empty(); });
}

}  // namespace weir
