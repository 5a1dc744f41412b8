#include "runtime/task/outlet.h"

#include <utility>

#include "runtime/base/hash.h"
#include "runtime/base/mutant.h"
#include "runtime/base/status.h"

namespace weir {

Outlet::Outlet(Partitioning partitioning, uint16_t key_groups, std::vector<Channel*> targets)
    : partitioning_(partitioning), key_groups_(key_groups), targets_(targets.size()) {
  WEIR_CHECK(targets.size() <= 255, "an edge has at most 255 receiving tasks");
  for (size_t i = 0; i < targets.size(); ++i) targets_[i].channel = targets[i];
  for (uint16_t group = 0; group < key_groups; ++group) {
    owner_of_group_.push_back(static_cast<uint8_t>(
        TaskOfGroup(key_groups, static_cast<uint32_t>(targets.size()), KeyGroup{group})));
  }
}

void Outlet::Take(BatchPtr batch) {
  const size_t rows = batch->size();
  if (rows == 0) return;
  rows_.fetch_add(rows, std::memory_order_relaxed);
  if (targets_.size() == 1 || partitioning_ == Partitioning::kRebalance) {
    Target& target = targets_[next_target_];
    next_target_ = (next_target_ + 1) % targets_.size();
    return TakeWhole(target, std::move(batch));
  }
  if (partitioning_ == Partitioning::kBroadcast) {
    for (size_t i = 1; i < targets_.size(); ++i) TakeWhole(targets_[i], batch->Clone());
    return TakeWhole(targets_.front(), std::move(batch));
  }
  Scatter(*batch);
}

void Outlet::TakeWhole(Target& target, BatchPtr batch) {
  if (target.piece == nullptr) {
    target.piece = std::move(batch);
  } else {
    target.piece->Append(*batch);
  }
  if (target.piece->size() >= kBatchRows / 2) ReleasePiece(target);
}

void Outlet::Scatter(BatchBase& batch) {
  WEIR_CHECK(batch.hashes.size() == batch.size(), "rows on a keyed edge carry their hash");
  target_of_row_.resize(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    target_of_row_[i] = owner_of_group_[GroupOfHash(batch.hashes[i], key_groups_).value()];
  }
  std::vector<BatchPtr> pieces;
  for (Target& target : targets_) pieces.push_back(std::move(target.piece));
  batch.Scatter(target_of_row_, pieces);
  for (size_t i = 0; i < targets_.size(); ++i) {
    targets_[i].piece = std::move(pieces[i]);
    if (targets_[i].piece->size() >= kBatchRows) ReleasePiece(targets_[i]);
  }
}

void Outlet::ReleasePiece(Target& target) {
  if (target.piece == nullptr || target.piece->size() == 0) return;
  target.waiting.push_back(Message::Of(std::move(target.piece)));
}

void Outlet::Broadcast(Barrier barrier) {
  for (Target& target : targets_) {
    if (Planted(Mutant::kBarrierBeforeRows)) target.waiting.push_back(Message::Of(barrier));
    ReleasePiece(target);
    if (!Planted(Mutant::kBarrierBeforeRows)) target.waiting.push_back(Message::Of(barrier));
  }
}

void Outlet::Broadcast(PathTime time) {
  for (Target& target : targets_) {
    ReleasePiece(target);
    // One that did not leave yet says less than the new one.
    if (!target.waiting.empty() && target.waiting.back().kind == Message::Kind::kWatermark) target.waiting.pop_back();
    target.waiting.push_back(Message::Of(time.watermark));
    if (time.idle) target.waiting.push_back(Message::Idle());
  }
}

bool Outlet::Push(bool all) {
  bool empty = true;
  for (Target& target : targets_) {
    if (all) ReleasePiece(target);
    while (!target.waiting.empty() && target.channel->TryPush(target.waiting.front())) target.waiting.pop_front();
    empty = empty && target.waiting.empty();
  }
  return empty;
}

}  // namespace weir
