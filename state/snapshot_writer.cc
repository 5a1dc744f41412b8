#include "state/snapshot_writer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "runtime/base/crash_point.h"
#include "runtime/base/executor.h"
#include "runtime/base/landmark.h"
#include "runtime/base/mutant.h"
#include "state/former_state.h"
#include "state/merge_cursor.h"

namespace weir {
namespace {

CrashPoint delta_written{"state.delta_written"};
CrashPoint delta_synced{"state.delta_synced"};
CrashPoint roll_merged{"state.roll_merged"};
CrashPoint roll_ingested{"state.roll_ingested"};
CrashPoint roll_linked{"state.roll_linked"};
CrashPoint restore_files_linked{"state.restore_files_linked"};

Landmark roll_failed{"state.roll_interrupted"};
Landmark gathered{"state.gathered_from_another_parallelism"};

constexpr const char* kFiles = "files";
constexpr const char* kBase = "base";
constexpr const char* kMerged = "merged";
constexpr const char* kFormer = "former";

uint64_t BytesOf(const std::vector<StateFile>& list) {
  return std::accumulate(list.begin(), list.end(), uint64_t{0},
                         [](uint64_t sum, const StateFile& file) { return sum + file.size; });
}

}  // namespace

SnapshotWriter::SnapshotWriter(const StateStoreOptions& options, StateSnapshot description)
    : options_(options), names_(options.operator_id, options.index), now_(std::move(description)) {}

std::string SnapshotWriter::PathOf(const char* entry) const { return JoinPath(options_.work_directory, entry); }

Status SnapshotWriter::Begin() {
  WEIR_RETURN_IF_ERROR(options_.files->RemoveTree(options_.work_directory));
  return options_.files->CreateDirectories(PathOf(kFiles));
}

Status SnapshotWriter::LinkFiles(const std::string& from, const std::string& to) const {
  for (const std::vector<StateFile>* list : {&now_.base, &now_.deltas}) {
    for (const StateFile& file : *list) {
      WEIR_RETURN_IF_ERROR(options_.files->HardLink(JoinPath(from, file.name), JoinPath(to, file.name)));
    }
  }
  return {};
}

Status SnapshotWriter::Adopt(const StateSnapshot& snapshot, const std::string& checkpoint_directory) {
  now_ = snapshot;
  newest_ = snapshot.ingested;
  WEIR_RETURN_IF_ERROR(LinkFiles(checkpoint_directory, PathOf(kFiles)));
  restore_files_linked.Hit();
  return now_.base.empty() ? Status::Ok() : OpenBase();
}

Status SnapshotWriter::Gather(const std::vector<StateSnapshot>& parts, CheckpointId n,
                              const std::string& checkpoint_directory) {
  newest_ = n;
  FormerState former(*options_.files, *options_.base, PathOf(kFormer));
  WEIR_RETURN_IF_ERROR(former.Open(parts, checkpoint_directory));
  restore_files_linked.Hit();
  WEIR_RETURN_IF_ERROR(OpenBase());
  {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ChangeCursor> entries, former.Read(options_.groups));
    WEIR_RETURN_IF_ERROR(base_->WriteMerged(PathOf(kMerged), *entries));
  }
  WEIR_RETURN_IF_ERROR(former.Close());
  WEIR_RETURN_IF_ERROR(RollInto(&now_, n));
  gathered.Hit();
  return {};
}

Status SnapshotWriter::OpenBase() {
  if (base_ != nullptr) return {};
  if (now_.base.empty()) {
    WEIR_ASSIGN_OR_RETURN(base_, options_.base->NewStore(*options_.files, PathOf(kBase)));
  } else {
    WEIR_ASSIGN_OR_RETURN(base_, options_.base->OpenStore(*options_.files, PathOf(kBase), PathOf(kFiles),
                                                          names_.BasePrefix(now_.ingested), now_.base));
  }
  return {};
}

Result<std::vector<std::unique_ptr<ChangeCursor>>> SnapshotWriter::OpenDeltas() const {
  std::vector<std::unique_ptr<ChangeCursor>> layers;
  for (const StateFile& delta : now_.deltas) {
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ChangeCursor> layer,
                          options_.base->OpenSortedFile(*options_.files, JoinPath(PathOf(kFiles), delta.name)));
    layers.push_back(std::move(layer));
  }
  return layers;
}

Result<std::unique_ptr<ChangeCursor>> SnapshotWriter::ReadAll() {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::unique_ptr<ChangeCursor>> layers, OpenDeltas());
  if (base_ != nullptr) {
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ChangeCursor> base, base_->Scan("", ""));
    layers.insert(Planted(Mutant::kBaseCoversItsDeltas) ? layers.end() : layers.begin(), std::move(base));
  }
  return std::unique_ptr<ChangeCursor>(std::make_unique<MergeCursor>(std::move(layers)));
}

void SnapshotWriter::Write(CheckpointId n, std::unique_ptr<DeltaBuffer> delta,
                           const std::string& checkpoint_directory) {
  Result<StateSnapshot> snapshot = failed_.ok() ? WriteSnapshot(n, std::move(delta), checkpoint_directory)
                                                : Result<StateSnapshot>(failed_);
  if (!snapshot.ok()) failed_ = snapshot.status();
  options_.on_snapshot(n, std::move(snapshot));
  // A job of its own, so that what else waits in the queue is not held up by both. It merges the deltas there are
  // when it runs, so nothing depends on what is queued between.
  if (failed_.ok() && RollIsDue()) {
    rolling_ = true;
    options_.io->Post([self = shared_from_this()] {
      self->Roll();
      self->rolling_ = false;
    });
  }
}

Result<StateSnapshot> SnapshotWriter::WriteSnapshot(CheckpointId n, std::unique_ptr<DeltaBuffer> delta,
                                                    const std::string& checkpoint_directory) {
  if (!delta->empty()) WEIR_RETURN_IF_ERROR(WriteDelta(n, *delta));
  delta.reset();   // gives its chunks back before the task needs the next ones
  newest_ = n;
  WEIR_RETURN_IF_ERROR(LinkFiles(PathOf(kFiles), checkpoint_directory));
  return now_;
}

Status SnapshotWriter::WriteDelta(CheckpointId n, const DeltaBuffer& delta) {
  const std::string name = names_.Delta(n);
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<SortedFileWriter> file,
                        options_.base->NewSortedFile(*options_.files, JoinPath(PathOf(kFiles), name)));
  WEIR_RETURN_IF_ERROR(delta.WriteSorted(*file));
  WEIR_ASSIGN_OR_RETURN(StateFile written, file->Finish());
  delta_written.Hit();
  if (!Planted(Mutant::kDeltaNotSynced)) WEIR_RETURN_IF_ERROR(file->Sync());
  delta_synced.Hit();
  now_.deltas.push_back(std::move(written));
  return {};
}

bool SnapshotWriter::RollIsDue() const {
  if (now_.deltas.empty()) return false;
  return now_.deltas.size() >= options_.roll_after_deltas ||
         BytesOf(now_.deltas) > std::max(BytesOf(now_.base), options_.roll_bytes_min);
}

void SnapshotWriter::Roll() {
  if (!failed_.ok() || !RollIsDue()) return;
  const Status merged = MergeDeltas();
  if (!merged.ok()) roll_failed.Hit();
  failed_ = merged.WithContext("merging the deltas of operator " + options_.operator_id + ", task " +
                                      std::to_string(options_.index.value()));
}

Status SnapshotWriter::MergeDeltas() {
  WEIR_RETURN_IF_ERROR(OpenBase());
  {
    WEIR_ASSIGN_OR_RETURN(std::vector<std::unique_ptr<ChangeCursor>> layers, OpenDeltas());
    if (Planted(Mutant::kRollForgetsTheNewest) && layers.size() > 1) layers.pop_back();
    MergeCursor merged(std::move(layers));
    WEIR_RETURN_IF_ERROR(base_->WriteMerged(PathOf(kMerged), merged));
  }
  roll_merged.Hit();
  StateSnapshot rolled = now_;
  rolled.deltas.clear();
  WEIR_RETURN_IF_ERROR(RollInto(&rolled, newest_));
  for (const std::vector<StateFile>* list : {&now_.base, &now_.deltas}) {
    for (const StateFile& file : *list) {
      WEIR_RETURN_IF_ERROR(options_.files->RemoveFile(JoinPath(PathOf(kFiles), file.name)));
    }
  }
  now_ = std::move(rolled);
  return {};
}

Status SnapshotWriter::RollInto(StateSnapshot* rolled, CheckpointId ingested) {
  WEIR_RETURN_IF_ERROR(base_->Ingest(PathOf(kMerged)));
  roll_ingested.Hit();
  WEIR_ASSIGN_OR_RETURN(rolled->base, base_->Link(PathOf(kFiles), names_.BasePrefix(ingested)));
  rolled->ingested = ingested;
  roll_linked.Hit();
  return {};
}

}  // namespace weir
