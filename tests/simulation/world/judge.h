// Looks at a simulated world from the outside, as a read_committed reader and as someone who opens its folders, and
// says what is wrong with it: while the job runs, and when it has come to rest.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "environment/simulated_job.h"
#include "runtime/checkpoint/checkpoint_store.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/markers.h"
#include "runtime/io/codec.h"
#include "tests/simulation/world/problem.h"
#include "tests/simulation/world/scenario.h"
#include "tests/simulation/world/traced_output.h"

namespace weir::simulation {

/// One thread. What it does changes nothing in the world.
class Judge {
 public:
  /// `world` and `input` outlive it.
  Judge(const Scenario& scenario, SimulatedWorld& world, const InputModel& input);

  /// Judges what became visible since the last call.
  void Look();
  /// The job is at rest and has read everything.
  void LookAtTheEnd();
  /// Judges nothing but what readers of the output see, whatever became of the job; in place of the looks. `complete`:
  /// the job had its time to put everything out, so that what is missing is lost.
  void JudgeOutput(bool complete);
  /// A power cut ended the process that the judge looks at the disk through; what was published may have to be again.
  void OnPowerCut();
  /// The job announced this checkpoint as committed: from now on it must be durable.
  void OnAnnounced(CheckpointId n) { announced_ = std::max(announced_, n); }

  /// The attempt that claimed the job last, as far as looked.
  const std::optional<Id128>& owner() const { return owner_; }
  bool AllIsOut() const;
  const Problems& problems() const { return problems_; }
  uint64_t checkpoints() const { return committed_.value(); }
  /// Where the committed checkpoint stands, as far as looked.
  const Positions& positions() const { return positions_; }
  /// The manifest of the committed checkpoint, as far as looked.
  const std::string& manifest_path() const { return manifest_path_; }
  uint64_t rows_out() const { return shape_.topic_sink ? topic_->rows() : files_.rows(); }
  /// Of everything visible at the last look.
  uint64_t digest() const { return digest_; }

 private:
  void Add(Damage damage, std::string text);
  void TakeRow(OutputModel& model, const std::string& bytes);
  void CheckTopicsAtTheEnd(bool drained);
  void ReadTopics();
  void ReadTopic(const char* topic, OutputModel& model, std::map<int32_t, size_t>& read);
  void ReadPoisonTopic();
  void ReadLateTopic();
  void ReadMarkers(bool markers_pending);
  void TakeMarker(const MarkerRecord& marker);
  void ReadCurrent();
  /// The manifest of what is committed: its positions and counts, and its files.
  void TakeManifest(const CheckpointName& name, const std::string& sha256, const std::string& positions_digest);
  void TakePublishedFiles();
  void ReadPublishedFiles(bool all_published);
  void ReadLedgerFiles();
  void TakePoison(const std::string& bytes);
  void CheckCoverage();
  /// In topics of the output and of the ledgers.
  uint64_t VisibleRecords() const { return topic_->rows() + second_.rows() + poison_read_ + late_read_; }
  void CheckLeftovers();
  /// What the operators of the manifest say of rows in, processed, late and poison.
  void CheckCounts(const Manifest& manifest, uint64_t read, uint64_t poison);
  std::vector<std::string> LinesOf(const std::string& path);
  std::vector<std::string> ListOf(const std::string& directory);

  const Scenario& scenario_;
  const JobShape shape_;
  SimulatedWorld& world_;
  const InputModel& input_;
  const CheckpointPaths paths_;
  std::unique_ptr<SimulatedFileSystem> disk_;
  std::unique_ptr<RowDecoder> poison_decoder_;

  const std::unique_ptr<OutputModel> topic_;
  TracedOutput second_;
  TracedOutput files_;
  std::map<int32_t, size_t> topic_read_;     // Records read, by partition.
  std::map<int32_t, size_t> second_read_;
  std::string manifest_path_;
  size_t markers_read_ = 0;
  size_t poison_read_ = 0;
  size_t late_read_ = 0;
  std::set<std::pair<InputPartition, int64_t>> poison_;
  std::optional<Id128> incarnation_;
  std::optional<Id128> owner_;               // Of the last claim.
  uint64_t records_promised_ = 0;            // By all markers.
  CheckpointId committed_;
  CheckpointId announced_;
  std::string current_sha256_;
  Positions positions_;                      // Of the committed checkpoint.
  Positions positions_before_;               // Of the one before it.
  Positions ends_;                           // Of the same: where a run that drains itself will end.
  bool drained_ = false;
  uint64_t late_counted_ = 0;                // By the operators, up to there.
  CheckpointId covered_;                     // The last one that was held against the output,
  uint64_t covered_records_ = 0;             // of so many records.
  Problems problems_;
  uint64_t digest_ = 0;
};

}  // namespace weir::simulation
