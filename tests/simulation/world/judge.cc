#include "tests/simulation/world/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <numeric>

#include "connectors/format/row_format.h"
#include "environment/ledger.h"
#include "operators/poison_record.h"
#include "runtime/base/hash.h"
#include "runtime/checkpoint/manifest.h"
#include "tests/simulation/world/timed_output.h"

namespace weir::simulation {
namespace {

constexpr const char* kInProgress = ".inprogress";

/// "part-0000000042-1-...": 42. Nothing for other names.
std::optional<uint64_t> EpochOf(const std::string& file_name) {
  const size_t begin = file_name.find('-') + 1;
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(file_name.data() + begin, file_name.data() + file_name.size(), n);
  if (error != std::errc() || *end != '-') return std::nullopt;
  return n;
}

std::unique_ptr<OutputModel> NewTopicModel(const Scenario& scenario, const InputModel& input, const JobShape& shape) {
  if (!shape.timed) return std::make_unique<TracedOutput>(input, shape);
  using Idleness = TimedOutput::Idleness;
  const bool one_task = scenario.engine.parallelism == 1 && !scenario.any_parallelism && shape.input_topics.size() == 1;
  return std::make_unique<TimedOutput>(
      input, scenario.kind, scenario.times,
      !scenario.idles() ? Idleness::kNone : one_task ? Idleness::kInOneTask : Idleness::kRaces);
}

}  // namespace

Judge::Judge(const Scenario& scenario, SimulatedWorld& world, const InputModel& input)
    : scenario_(scenario), shape_(ShapeOf(scenario.kind)), world_(world), input_(input),
      paths_(kCheckpointDirectory, shape_.job, scenario.engine.defences), disk_(world.disk().NewProcess()),
      poison_decoder_(NewDecoder(RowTypeOf<PoisonRecord>(), {})),
      topic_(NewTopicModel(scenario, input, shape_)), second_(input, shape_), files_(input, shape_) {}

void Judge::Add(Damage damage, std::string text) { problems_.push_back({damage, std::move(text)}); }

void Judge::OnPowerCut() { disk_ = world_.disk().NewProcess(); }

void Judge::Look() {
  if (scenario_.judge_output_only) return;
  // While some partitions of a transaction have learnt of its end and others not, counts cannot be compared.
  const bool markers_pending = world_.broker().MarkersPending();
  const CheckpointId before = committed_;
  if (shape_.topic_sink) {
    ReadTopics();
    ReadPoisonTopic();
    if (shape_.timed) ReadLateTopic();
    ReadMarkers(markers_pending);
  } else {
    ReadCurrent();
  }
  if (!markers_pending && shape_.topic_sink) CheckCoverage();
  if (shape_.file_sink && committed_ != before) ReadPublishedFiles(false);
}

void Judge::LookAtTheEnd() {
  if (scenario_.judge_output_only) return;
  Look();
  positions_ = input_.Ends();
  // Jobs with event time are drained at the end; one that says it has ended and is not has failed.
  CheckTopicsAtTheEnd(shape_.timed);
  if (shape_.file_sink) ReadPublishedFiles(true);
  if (!shape_.topic_sink) ReadLedgerFiles();
  if (poison_.size() != input_.poison()) {
    Add(Damage::kLost, fmt::format("the ledger holds {} of {} poison records", poison_.size(), input_.poison()));
  }
  CheckLeftovers();
}

void Judge::JudgeOutput(bool complete) {
  if (shape_.topic_sink) ReadTopics();
  if (shape_.file_sink) TakePublishedFiles();
  // With both kinds of sink a file is published when the topic has its rows, never before.
  if (shape_.topic_sink && shape_.file_sink) static_cast<TracedOutput&>(*topic_).CheckHasAllOf(files_, problems_);
  if (!complete) return;
  CheckTopicsAtTheEnd(false);
  const Reached all{input_.Ends()};
  if (shape_.file_sink) files_.CheckCovers(all, all, "at the end, files", problems_);
}

void Judge::CheckTopicsAtTheEnd(bool drained) {
  const Reached all{.positions = input_.Ends(), .drained = drained};
  if (shape_.topic_sink) topic_->CheckCovers(all, all, "at the end, topic", problems_);
  if (shape_.second_topic) second_.CheckCovers(all, all, "at the end, second topic", problems_);
}

bool Judge::AllIsOut() const {
  return positions_ == input_.Ends() && (!shape_.topic_sink || covered_ == committed_);
}

void Judge::TakeRow(OutputModel& model, const std::string& bytes) {
  digest_ = HashInteger(digest_ ^ HashBytes(bytes));
  model.Take(bytes, problems_);
}

void Judge::ReadTopics() {
  ReadTopic(kOutputTopic, *topic_, topic_read_);
  if (shape_.second_topic) ReadTopic(kSecondTopic, second_, second_read_);
}

void Judge::ReadTopic(const char* topic, OutputModel& model, std::map<int32_t, size_t>& read) {
  const Result<std::vector<StoredRecord>> records = world_.broker().Committed(topic);
  if (!records.ok()) return;   // Not created yet.
  std::map<int32_t, size_t> seen;
  for (const StoredRecord& record : *records) {
    if (seen[record.partition]++ < read[record.partition]) continue;
    TakeRow(model, record.value.value_or(""));
  }
  for (const auto& [partition, count] : read) {
    if (seen[partition] < count) Add(Damage::kLost, fmt::format("{} committed rows are gone", count - seen[partition]));
  }
  read = std::move(seen);
}

void Judge::TakePoison(const std::string& bytes) {
  PoisonRecord poison;
  Arena arena;
  const Status status = poison_decoder_->Decode(bytes, &poison, arena);
  const size_t slash = poison.split.rfind('/');
  if (!status.ok() || slash == std::string::npos) return Add(Damage::kWrong, "ledger record " + bytes);
  const auto topic = std::find(shape_.input_topics.begin(), shape_.input_topics.end(), poison.split.substr(0, slash));
  const InputPartition partition{topic - shape_.input_topics.begin(), std::stoi(poison.split.substr(slash + 1))};
  const InputModel::Row* row = input_.Find(partition, poison.offset);
  if (row == nullptr || !row->poison) Add(Damage::kWrong, "ledger record of a good row: " + bytes);
  if (!poison_.emplace(partition, poison.offset).second) Add(Damage::kDuplicated, "ledger record " + bytes);
}

void Judge::ReadPoisonTopic() {
  const Result<std::vector<StoredRecord>> records = world_.broker().Committed(LedgerTopic(shape_.job));
  if (!records.ok()) return;
  for (; poison_read_ < records->size(); ++poison_read_) TakePoison((*records)[poison_read_].value.value_or(""));
}

void Judge::ReadLateTopic() {
  const Result<std::vector<StoredRecord>> records = world_.broker().Committed(LateTopic(shape_.job));
  if (!records.ok()) return;
  for (; late_read_ < records->size(); ++late_read_) {
    topic_->TakeLate((*records)[late_read_].value.value_or(""), problems_);
  }
}

void Judge::ReadMarkers(bool markers_pending) {
  const Result<std::vector<StoredRecord>> records = world_.broker().Committed(MarkerTopic(shape_.job));
  if (!records.ok()) return;
  std::optional<MarkerRecord> newest;
  for (; markers_read_ < records->size(); ++markers_read_) {
    const StoredRecord& record = (*records)[markers_read_];
    // A marker has the checksums of RocksDB's files in it, and these the time and ids drawn from elsewhere.
    if (!scenario_.rocksdb) digest_ = HashInteger(digest_ ^ HashBytes(*record.value));
    const auto parsed = ParseMarkerTopicRecord(shape_.job, record.key.value_or(""), record.value.value_or(""));
    if (!parsed.ok()) {
      Add(Damage::kProtocol, parsed.status().message());
    } else if (const auto* marker = std::get_if<MarkerRecord>(&*parsed)) {
      TakeMarker(*marker);
      newest = *marker;
    } else {
      owner_ = std::get<ClaimRecord>(*parsed).attempt;
    }
  }
  if (newest.has_value()) {
    TakeManifest({newest->n, newest->attempt}, newest->manifest_sha256, newest->positions_digest);
  }
  const uint64_t visible = VisibleRecords();
  if (!markers_pending && visible != records_promised_) {
    Add(Damage::kTorn, fmt::format("the markers up to {} promise {} records, {} are visible", committed_.value(),
                                   records_promised_, visible));
    records_promised_ = visible;
  }
}

void Judge::TakeMarker(const MarkerRecord& marker) {
  if (incarnation_.value_or(marker.incarnation) != marker.incarnation) {
    Add(Damage::kProtocol, fmt::format("I2: marker {} is of a second incarnation", marker.n.value()));
  }
  incarnation_ = marker.incarnation;
  if (marker.n != Next(committed_)) {
    Add(Damage::kProtocol, fmt::format("I2: marker {} follows marker {}", marker.n.value(), committed_.value()));
  }
  if (owner_ != marker.attempt) {
    Add(Damage::kProtocol, fmt::format("I8: marker {} is not of the attempt that claimed the job last", marker.n.value()));
  }
  committed_ = marker.n;
  records_promised_ += marker.records;
}

void Judge::ReadCurrent() {
  CheckpointStore store(*disk_, paths_);
  const Result<std::optional<CurrentRecord>> current = store.ReadCurrent();
  if (!current.ok()) return Add(Damage::kProtocol, current.status().message());
  const CheckpointId n = current->has_value() ? (*current)->name.n : CheckpointId{};
  // One that was not announced yet may be lost to a power cut, and then be made again.
  if (n < announced_) {
    Add(Damage::kProtocol, fmt::format("CURRENT names {}, and {} was announced", n.value(), announced_.value()));
  }
  if (!current->has_value() || (*current)->manifest_sha256 == current_sha256_) return;
  if (n > Next(committed_)) {
    Add(Damage::kProtocol, fmt::format("I2: CURRENT names {} after {}", n.value(), committed_.value()));
  }
  if (incarnation_.value_or((*current)->incarnation) != (*current)->incarnation) {
    // Only if the first checkpoint was lost before anybody heard of it.
    if (announced_ != CheckpointId{}) Add(Damage::kProtocol, "I2: CURRENT names a second incarnation");
  }
  incarnation_ = (*current)->incarnation;
  // The positions known are those of a checkpoint that was lost: they say nothing about the one before this.
  if (n <= committed_) positions_ = {};
  committed_ = n;
  current_sha256_ = (*current)->manifest_sha256;
  TakeManifest((*current)->name, current_sha256_, "");
  ReadPublishedFiles(false);
}

void Judge::TakeManifest(const CheckpointName& name, const std::string& sha256, const std::string& positions_digest) {
  CheckpointStore store(*disk_, paths_);
  const Result<Manifest> manifest = store.ReadManifest(name, sha256);
  if (!manifest.ok()) return Add(Damage::kProtocol, "I1, I5: " + manifest.status().message());
  manifest_path_ = paths_.Manifest(name);
  if (!positions_digest.empty() && positions_digest != PositionsDigest(manifest->sources)) {
    Add(Damage::kProtocol, fmt::format("marker {} has another digest of positions", name.n.value()));
  }
  positions_before_ = std::exchange(positions_, {});
  ends_.clear();
  drained_ = manifest->drained;
  uint64_t read = 0;
  uint64_t poison = 0;
  for (const SourceState& source : manifest->sources) {
    for (const ManifestSplit& split : source.splits) {
      const std::string& id = split.split.value();
      const size_t slash = id.rfind('/');
      const auto topic = std::find(shape_.input_topics.begin(), shape_.input_topics.end(), id.substr(0, slash));
      const InputPartition partition{topic - shape_.input_topics.begin(), std::stoi(id.substr(slash + 1))};
      const int64_t next = split.position.next.value();
      if (next > 0) positions_[partition] = next;
      if (scenario_.replay_only && split.end.has_value()) ends_[partition] = split.end->value();
      read += static_cast<uint64_t>(next);
      poison += static_cast<uint64_t>(input_.PoisonBefore(partition, next));
    }
  }
  CheckCounts(*manifest, read, poison);
}

void Judge::CheckCounts(const Manifest& manifest, uint64_t read, uint64_t poison) {
  const LedgerCounts& job = manifest.counts;
  // A row may be late at several operators.
  const bool all = shape_.timed || job.processed + job.poison == read;
  if (!all || job.poison != poison) {
    Add(Damage::kWrong, fmt::format("checkpoint {} counts {} rows processed and {} poison; {} were read, {} of them poison",
                                    manifest.n.value(), job.processed, job.poison, read, poison));
  }
  late_counted_ = 0;
  for (const OperatorCounts& at : manifest.operator_counts) {
    late_counted_ += at.counts.late;
    if (at.counts.processed + at.counts.late + at.counts.poison == at.rows_in) continue;
    Add(Damage::kWrong, fmt::format("checkpoint {}: {} rows came to {}, which processed {}, with {} late and {} poison",
                                    manifest.n.value(), at.rows_in, at.operator_id, at.counts.processed, at.counts.late,
                                    at.counts.poison));
  }
}

void Judge::CheckCoverage() {
  const uint64_t visible = VisibleRecords();
  if (covered_ == committed_ && covered_records_ == visible) return;
  const Reached least{.positions = positions_, .drained = drained_};
  const Reached most{positions_, ends_, drained_};
  topic_->CheckCovers(least, most, fmt::format("checkpoint {}, topic", committed_.value()), problems_);
  if (shape_.second_topic) {
    second_.CheckCovers(least, most, fmt::format("checkpoint {}, second topic", committed_.value()), problems_);
  }
  if (late_read_ != late_counted_) {
    Add(Damage::kTorn, fmt::format("checkpoint {}: the operators count {} late rows, the ledger holds {}", committed_.value(),
                                   late_counted_, late_read_));
  }
  uint64_t poison = 0;
  for (const auto& [partition, next] : positions_) {
    poison += static_cast<uint64_t>(input_.PoisonBefore(partition, next));
  }
  if (poison_.size() != poison) {
    Add(Damage::kTorn, fmt::format("checkpoint {}: {} poison records were read, the ledger holds {}",
                                   committed_.value(), poison, poison_.size()));
  }
  covered_ = committed_;
  covered_records_ = visible;
}

std::vector<std::string> Judge::ListOf(const std::string& directory) {
  Result<std::vector<std::string>> names = disk_->List(directory);
  return names.ok() ? std::move(names).value() : std::vector<std::string>();
}

std::vector<std::string> Judge::LinesOf(const std::string& path) {
  const Result<std::string> bytes = ReadWholeFile(*disk_, path);
  if (!bytes.ok()) {
    Add(Damage::kLost, bytes.status().message());
    return {};
  }
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < bytes->size();) {
    const size_t end = std::min(bytes->find('\n', begin), bytes->size());
    lines.push_back(bytes->substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

void Judge::TakePublishedFiles() {
  files_.Clear();
  for (const std::string& name : ListOf(kOutputDirectory)) {
    if (name == kInProgress) continue;
    for (const std::string& line : LinesOf(JoinPath(kOutputDirectory, name))) {
      TakeRow(files_, line);
    }
  }
}

void Judge::ReadPublishedFiles(bool all_published) {
  for (const std::string& name : ListOf(kOutputDirectory)) {
    const std::optional<uint64_t> n = EpochOf(name);
    if (name != kInProgress && (!n.has_value() || *n > committed_.value())) {
      Add(Damage::kProtocol, fmt::format("I4: file {} is there, and {} is committed", name, committed_.value()));
    }
  }
  TakePublishedFiles();
  // What is committed last may be on its way still, what came before it is not.
  const Reached ends{input_.Ends()};
  files_.CheckCovers(all_published ? ends : Reached{positions_before_}, all_published ? ends : Reached{positions_},
                     fmt::format("checkpoint {}, files", committed_.value()), problems_);
}

void Judge::ReadLedgerFiles() {
  const std::string directory = JoinPath(paths_.job_directory(), "poison");
  for (const std::string& name : ListOf(directory)) {
    if (name == kInProgress) continue;
    for (const std::string& line : LinesOf(JoinPath(directory, name))) TakePoison(line);
  }
}

void Judge::CheckLeftovers() {
  for (const std::string& id : world_.broker().OpenTransactions()) {
    Add(Damage::kLeftover, "transaction of " + id + " is open at the end");
  }
  size_t works = 0;
  for (const std::string& entry : ListOf(paths_.job_directory())) {
    if (CheckpointPaths::ParseWork(entry).has_value()) ++works;
    const std::optional<CheckpointName> checkpoint = paths_.ParseCheckpoint(entry);
    if (!checkpoint.has_value()) continue;
    if (checkpoint->n > committed_ || checkpoint->n.value() + scenario_.engine.checkpoints_retained <= committed_.value()) {
      Add(Damage::kLeftover, fmt::format("{} is there, {} is committed and {} retained", entry, committed_.value(),
                                         scenario_.engine.checkpoints_retained));
    }
  }
  if (works > 1) Add(Damage::kLeftover, fmt::format("{} work folders of one process", works));
  for (const std::string& directory : {std::string(kOutputDirectory), JoinPath(paths_.job_directory(), "poison")}) {
    for (const std::string& job : ListOf(JoinPath(directory, kInProgress))) {
      const std::string jobs = JoinPath(JoinPath(directory, kInProgress), job);
      for (const std::string& sink : ListOf(jobs)) {
        const size_t attempts = ListOf(JoinPath(jobs, sink)).size();
        if (attempts > 1) Add(Damage::kLeftover, fmt::format("{} attempts in progress in {}", attempts, directory));
      }
    }
  }
}

}  // namespace weir::simulation
