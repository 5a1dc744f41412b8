#include "state/former_state.h"

#include <algorithm>
#include <utility>

#include "state/delta_buffer.h"
#include "state/merge_cursor.h"

namespace weir {
namespace {

std::string PrefixOf(size_t state, uint16_t group) {
  return {static_cast<char>(state), static_cast<char>(group >> 8), static_cast<char>(group)};
}

/// What a base has of some key groups, one state after the other, and of what every task has: the rest is not read.
class BaseGroupsCursor final : public ChangeCursor {
 public:
  BaseGroupsCursor(BaseStore& base, KeyGroupRange groups, size_t states)
      : base_(base), groups_(groups), states_(states) {}

  bool Next() override {
    while (status_.ok()) {
      if (scan_ != nullptr && scan_->Next()) return true;
      if (scan_ != nullptr) status_ = scan_->status();
      const size_t state = next_scan_ / 2;
      if (!status_.ok() || state == states_) return false;
      Result<std::unique_ptr<ChangeCursor>> scan =
          next_scan_ % 2 == 0 ? base_.Scan(PrefixOf(state, groups_.first), PrefixOf(state, groups_.last))
                              : base_.Scan(PrefixOf(state, kEveryKeyGroup.value()), PrefixOf(state + 1, 0));
      ++next_scan_;
      status_ = scan.status();
      if (status_.ok()) scan_ = std::move(scan).value();
    }
    return false;
  }
  const Change& change() const override { return scan_->change(); }
  const Status& status() const override { return status_; }
  const std::vector<RangeDelete>& range_deletes() const override { return none_; }

 private:
  BaseStore& base_;
  const KeyGroupRange groups_;
  const size_t states_;
  size_t next_scan_ = 0;   // two a state
  std::unique_ptr<ChangeCursor> scan_;
  Status status_;
  const std::vector<RangeDelete> none_;
};

/// Puts of some key groups, and of what every task has. There is nothing below them that a delete could hide.
class PutsOfGroupsCursor final : public ChangeCursor {
 public:
  PutsOfGroupsCursor(std::unique_ptr<ChangeCursor> source, KeyGroupRange groups)
      : source_(std::move(source)), groups_(groups) {}

  bool Next() override {
    while (source_->Next()) {
      const Change& change = source_->change();
      if (change.kind == ChangeKind::kPut && Taken(change.key)) return true;
    }
    return false;
  }
  const Change& change() const override { return source_->change(); }
  const Status& status() const override { return source_->status(); }
  const std::vector<RangeDelete>& range_deletes() const override { return none_; }

 private:
  /// A key that is none passes, and is refused by whoever reads what it means.
  bool Taken(std::string_view key) const {
    if (key.size() < kKeyPrefixBytes) return true;
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(key[i]); };
    const KeyGroup group{static_cast<uint16_t>(byte(1) << 8 | byte(2))};
    return groups_.Contains(group) || group == kEveryKeyGroup;
  }

  const std::unique_ptr<ChangeCursor> source_;
  const KeyGroupRange groups_;
  const std::vector<RangeDelete> none_;
};

}  // namespace

Status FormerState::Open(const std::vector<StateSnapshot>& parts, const std::string& checkpoint_directory) {
  WEIR_RETURN_IF_ERROR(files_.CreateDirectories(work_directory_));
  for (const StateSnapshot& snapshot : parts) {
    states_ = std::max(states_, snapshot.schemas.size());
    Part& part = parts_.emplace_back();
    for (const StateFile& delta : snapshot.deltas) part.deltas.push_back(JoinPath(checkpoint_directory, delta.name));
    if (snapshot.base.empty()) continue;
    const StateFileNames names(snapshot.operator_id, snapshot.index);
    WEIR_ASSIGN_OR_RETURN(part.base, factory_.OpenStore(files_, JoinPath(work_directory_, std::to_string(parts_.size())),
                                                        checkpoint_directory, names.BasePrefix(snapshot.ingested),
                                                        snapshot.base));
  }
  return {};
}

Result<std::unique_ptr<ChangeCursor>> FormerState::Read(KeyGroupRange groups) {
  std::vector<std::unique_ptr<ChangeCursor>> all;
  for (const Part& part : parts_) {
    std::vector<std::unique_ptr<ChangeCursor>> layers;
    if (part.base != nullptr) layers.push_back(std::make_unique<BaseGroupsCursor>(*part.base, groups, states_));
    for (const std::string& path : part.deltas) {
      WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ChangeCursor> delta, factory_.OpenSortedFile(files_, path));
      layers.push_back(std::move(delta));
    }
    all.push_back(std::make_unique<PutsOfGroupsCursor>(std::make_unique<MergeCursor>(std::move(layers)), groups));
  }
  return std::unique_ptr<ChangeCursor>(std::make_unique<MergeCursor>(std::move(all)));
}

Status FormerState::Close() {
  parts_.clear();
  return files_.RemoveTree(work_directory_);
}

}  // namespace weir
