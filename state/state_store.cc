#include "state/state_store.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "runtime/base/crash_point.h"
#include "runtime/base/executor.h"
#include "runtime/base/hash.h"
#include "runtime/base/landmark.h"
#include "state/chunk_pool.h"
#include "state/delta_buffer.h"
#include "state/snapshot_writer.h"

namespace weir {
namespace {

CrashPoint first_slice_saved{"state.first_slice_saved"};
Landmark frozen_beside_a_roll{"state.frozen_beside_a_roll"};

/// Memory that saved entries may keep between checkpoints; more is freed as soon as it is written.
constexpr size_t kPooledBytesMax = 64 << 20;

/// A schema and nothing else.
class Rule final : public StateTable {
 public:
  Rule(std::string name, std::string rule) : schema_{std::move(name), kRuleLayout, "\"none\"", std::move(rule)} {}
  const StateSchema& schema() const override { return schema_; }
  uint64_t keys() const override { return 0; }
  uint64_t bytes() const override { return 0; }
  void SetNumber(uint8_t) override {}
  bool SaveFrozen(SliceBudget&) override { return true; }
  Status RestoreEntry(KeyGroup, std::string_view, std::string_view, CheckpointId) override {
    return Corruption("rule " + schema_.state + " has an entry");
  }

 private:
  const StateSchema schema_;
};

/// What a file key says besides the table's own key.
struct ParsedKey {
  size_t state = 0;
  KeyGroup group;
  std::string_view key;
};

bool Parse(std::string_view file_key, ParsedKey* parsed) {
  if (file_key.size() < kKeyPrefixBytes) return false;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(file_key[i]); };
  parsed->state = byte(0);
  parsed->group = KeyGroup{static_cast<uint16_t>(byte(1) << 8 | byte(2))};
  parsed->key = file_key.substr(kKeyPrefixBytes);
  return true;
}

}  // namespace

StateStore::StateStore(StateStoreOptions options)
    : options_(std::move(options)), chunks_(std::make_shared<ChunkPool>(kPooledBytesMax)) {
  epochs_.save_on_first_touch = options_.defences.save_on_first_touch;
}

StateStore::~StateStore() = default;

void StateStore::AddTable(std::unique_ptr<StateTable> table) {
  const std::string& name = table->schema().state;
  WEIR_CHECK(writer_ == nullptr, "state " + name + " was added after Restore");
  WEIR_CHECK(IsValidName(name), "not a valid state name: \"" + name + "\"");
  WEIR_CHECK(tables_.size() < kStatesMax, "operator " + options_.operator_id + " has too many states");
  for (const auto& other : tables_) {
    WEIR_CHECK(other->schema().state != name, "two states are called " + name);
  }
  tables_.push_back(std::move(table));
}

void StateStore::AddRule(std::string name, std::string rule) {
  AddTable(std::make_unique<Rule>(std::move(name), std::move(rule)));
}

StateSnapshot StateStore::Description() const {
  StateSnapshot description;
  description.operator_id = options_.operator_id;
  description.index = options_.index;
  description.groups = options_.groups;
  description.key_groups = options_.key_groups;
  description.hash_version = kHashVersion;
  for (const auto& table : tables_) description.schemas.push_back(table->schema());
  return description;
}

Status StateStore::Restore(const RestoredState* from) {
  WEIR_CHECK(writer_ == nullptr, "Restore was called twice for operator " + options_.operator_id);
  if (from != nullptr) {
    WEIR_RETURN_IF_ERROR(CheckCoverage(from->parts, options_.groups).WithContext("operator " + options_.operator_id));
    const std::vector<StateSchema>& schemas = from->parts.front().schemas;
    for (const StateSnapshot& part : from->parts) {
      WEIR_RETURN_IF_ERROR(CheckCompatible(part, Description()));
      if (part.schemas == schemas) continue;
      return Corruption(fmt::format("{}: tasks {} and {} of operator {} number their states differently; start over with "
                                    "--restore none", from->directory, from->parts.front().index.value(),
                                    part.index.value(), options_.operator_id));
    }
    // Numbers are on disk: tables take those that the checkpoint knows them by, whatever the order of AddValue.
    const auto number_of = [&](const std::unique_ptr<StateTable>& table) {
      return std::find(schemas.begin(), schemas.end(), table->schema());
    };
    std::sort(tables_.begin(), tables_.end(),
              [&](const auto& a, const auto& b) { return number_of(a) < number_of(b); });
  }
  for (size_t i = 0; i < tables_.size(); ++i) tables_[i]->SetNumber(static_cast<uint8_t>(i));
  writer_ = std::make_shared<SnapshotWriter>(options_, Description());
  WEIR_RETURN_IF_ERROR(writer_->Begin());
  return from == nullptr ? Status::Ok() : RestoreFrom(*from);
}

Status StateStore::RestoreFrom(const RestoredState& from) {
  for (const StateSnapshot& part : from.parts) {
    WEIR_RETURN_IF_ERROR(VerifyStateFiles(*options_.files, from.directory, part));
  }
  const StateSnapshot& first = from.parts.front();
  if (from.parts.size() > 1 || !IsOfSameTask(first, Description())) {
    WEIR_RETURN_IF_ERROR(writer_->Gather(from.parts, from.n, from.directory));
    return FillTables(from.directory, from.n);
  }
  WEIR_RETURN_IF_ERROR(writer_->Adopt(first, from.directory));
  // Which file has an entry does not matter: all of them are in the base as soon as `ingested` rises.
  return FillTables(from.directory, Next(first.ingested));
}

Status StateStore::FillTables(const std::string& checkpoint_directory, CheckpointId saved_in) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ChangeCursor> changes, writer_->ReadAll());
  while (changes->Next()) {
    if (changes->change().kind == ChangeKind::kDelete) continue;
    ParsedKey parsed;
    if (!Parse(changes->change().key, &parsed) || parsed.state >= tables_.size()) {
      return Corruption(fmt::format("{}: operator {} has an entry of no known state; start over with --restore none",
                                    checkpoint_directory, options_.operator_id));
    }
    const Status restored =
        tables_[parsed.state]->RestoreEntry(parsed.group, parsed.key, changes->change().value, saved_in);
    if (!restored.ok()) {
      return restored.WithContext(fmt::format("{}: operator {}", checkpoint_directory, options_.operator_id));
    }
  }
  return changes->status();
}

void StateStore::Freeze(CheckpointId n, std::string checkpoint_directory) {
  WEIR_CHECK(writer_ != nullptr, "Freeze before Restore of operator " + options_.operator_id);
  WEIR_CHECK(n > last_frozen_, fmt::format("operator {}: checkpoint {} was frozen after checkpoint {}",
                                           options_.operator_id, n.value(), last_frozen_.value()));
  while (!Advance(kAdvanceSlots)) {
  }
  if (writer_->rolling()) frozen_beside_a_roll.Hit();
  last_frozen_ = n;
  checkpoint_directory_ = std::move(checkpoint_directory);
  delta_ = std::make_unique<DeltaBuffer>(chunks_);
  epochs_.delta = delta_.get();
  epochs_.frozen_id = n;
  epochs_.frozen = epochs_.open;
  epochs_.open = static_cast<uint8_t>(3 - epochs_.open);
  advancing_ = 0;
}

bool StateStore::Advance(size_t slots_max) {
  if (!frozen()) return true;
  SliceBudget budget(std::max<size_t>(slots_max, 1));
  const bool first = delta_->empty();
  while (advancing_ < tables_.size() && tables_[advancing_]->SaveFrozen(budget)) ++advancing_;
  if (first && !delta_->empty()) first_slice_saved.Hit();
  if (advancing_ < tables_.size()) return false;
  epochs_.frozen = StateEpochs::kClean;
  epochs_.delta = nullptr;
  // A shared pointer, since std::function wants to be copied.
  auto delta = std::make_shared<std::unique_ptr<DeltaBuffer>>(std::move(delta_));
  options_.io->Post([writer = writer_, n = epochs_.frozen_id, delta, directory = checkpoint_directory_] {
    writer->Write(n, std::move(*delta), directory);
  });
  return true;
}

uint64_t StateStore::keys() const {
  uint64_t sum = 0;
  for (const auto& table : tables_) sum += table->keys();
  return sum;
}

uint64_t StateStore::bytes() const {
  uint64_t sum = 0;
  for (const auto& table : tables_) sum += table->bytes();
  return sum;
}

}  // namespace weir
