// Testing a pipeline as it is: the same pipeline object, on a memory broker and a simulated disk, in virtual time.
//
//   weir::test::Job job(pipeline);
//   job.Topic("bids").Add(Bid{1, 100});
//   job.Run();                                  // until all input is read and committed
//   job.Advance(10s);                           // virtual time goes on, and timers fire at their times
//   job.Crash();                                // and is started again by the next Run
//   EXPECT_THAT(job.Committed<Total>("totals"), ElementsAre(...));
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connectors/format/row_format.h"
#include "environment/simulated_job.h"
#include "operators/pipeline.h"

namespace weir::test {

struct JobOptions {
  uint64_t seed = 1;                 ///< Decides the order in which everything happens.
  uint32_t parallelism = 2;
  int32_t topic_partitions = 2;      ///< Of topics that Topic makes.
  Duration checkpoint_interval = std::chrono::milliseconds(100);
  MemoryOptions broker = {};
  EngineOptions engine = {};         ///< All else.
};

/// A topic of the test's broker.
class TopicHandle {
 public:
  TopicHandle(MemoryBroker& broker, std::string topic) : broker_(broker), topic_(std::move(topic)) {}

  /// Appends a row as JSON, with the names that the source expects.
  template <class T>
  TopicHandle& Add(const T& row, int32_t partition = 0, NameStyle names = NameStyle::kAsWritten) {
    std::string bytes;
    const Status status = NewEncoder(RowTypeOf<T>(), {Format::kJson, names, {}})->Encode(&row, bytes);
    WEIR_CHECK(status.ok(), status.message());
    return AddBytes(bytes, partition);
  }
  template <class T>
  TopicHandle& Add(const std::vector<T>& rows, int32_t partition = 0) {
    for (const T& row : rows) Add(row, partition);
    return *this;
  }
  TopicHandle& AddBytes(std::string_view value, int32_t partition = 0);
  /// The time of the records that this handle adds from now on, in place of the clock's.
  TopicHandle& At(EventTime record_time) {
    record_time_ = record_time;
    return *this;
  }

 private:
  MemoryBroker& broker_;
  const std::string topic_;
  std::optional<EventTime> record_time_;
};

/// One thread. Ends the process with a message where the pipeline itself is wrong.
class Job {
 public:
  explicit Job(const Pipeline& pipeline, JobOptions options = {});
  ~Job();

  /// The topic of this name, which is created if it is missing. Topics that a pipeline reads must be named before Run.
  TopicHandle Topic(const std::string& name);

  /// Starts the job if it does not run, and runs it until it ended, or has read and committed all input there is.
  /// Returns how it ended, nothing while it could go on. A second of virtual time goes by, or more: where a test is about
  /// processing time, Advance says how much.
  std::optional<EngineOutcome> Run();
  /// Starts the job if it does not run, and lets so much virtual time go by: all that is due on the way happens at its time.
  /// Returns as Run does.
  std::optional<EngineOutcome> Advance(Duration duration);
  /// Lets so much time go by that splits without rows are idle and hold event time back no more (EngineOptions::idle_after),
  /// and Runs.
  std::optional<EngineOutcome> RunUntilIdle();
  /// Processing time as operators see it, milliseconds since 1970.
  int64_t wall_ms() { return world_.clock().WallMillis(); }
  /// How far event time has come at a running operator, whose id is as `plan` shows it; of a source, what it has passed on.
  EventTime Watermark(const std::string& operator_id) const;
  /// Where the splits of a running source stand: positions, watermarks, idleness.
  std::vector<SplitReport> Splits(const std::string& source_id) const;
  /// Runs about `steps` pieces of work, so that a Crash hits it anywhere.
  void RunSteps(uint64_t steps);
  /// SIGKILL. With `power`, what was not synced to disk is lost as well.
  void Crash(bool power = false);
  /// The parallelism of every later start.
  void SetParallelism(uint32_t parallelism) { options_.engine.parallelism = parallelism; }
  /// As if it were killed by the very call that is under way, for crash points: what it still does has no effect, and
  /// Run comes back. Crash says whether the power went as well; without it the next Run starts the job again.
  void KillAtOnce() { process_->Kill(); }
  /// Runs it as Run does, then ends it with a last checkpoint.
  std::optional<EngineOutcome> Stop(RunEnd end = RunEnd::kStop);

  /// Rows of a topic as a read_committed consumer sees them, partition by partition. A field that is not found by its name has
  /// its default: `names` as the sink has them.
  template <class T>
  std::vector<T> Committed(const std::string& topic, NameStyle names = NameStyle::kAsWritten) {
    std::vector<T> rows;
    const auto decoder = NewDecoder(RowTypeOf<T>(), {Format::kJson, names, {}});
    for (const std::string& value : CommittedBytes(topic)) {
      Status status = decoder->Decode(value, &rows.emplace_back(), arena_);
      WEIR_CHECK(status.ok(), topic + ": " + status.message());
    }
    return rows;
  }
  std::vector<std::string> CommittedBytes(const std::string& topic);

  SimulatedWorld& world() { return world_; }
  Engine* engine() { return process_ == nullptr ? nullptr : &process_->engine(); }
  /// The running process's view of the disk, where faults are asked for; null while none runs.
  SimulatedFileSystem* files() { return process_ == nullptr ? nullptr : &process_->files(); }
  /// Why engines were built anew so far, in order.
  const std::vector<Status>& rebuilt_for() const { return rebuilt_for_; }
  /// Equal for equal seeds, pipelines and inputs.
  uint64_t trace_hash() const { return trace_hash_; }

 private:
  bool killed() const;
  void EnsureStarted();
  bool DoNext();
  const Engine& Running() const;
  void EndProcess();
  /// Ends the process of an engine that is over. True if the next one goes on where it was.
  bool GoesOnAfter(const EngineOutcome& outcome);

  JobOptions options_;
  SimulatedWorld world_;
  std::unique_ptr<MemoryClient> admin_;
  JobGraph graph_;
  std::unique_ptr<SimulatedProcess> process_;
  Arena arena_;
  uint64_t trace_hash_ = 0;
  std::vector<Status> rebuilt_for_;
};

}  // namespace weir::test
