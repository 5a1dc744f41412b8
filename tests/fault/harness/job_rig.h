// Everything one tested job needs: its input topic and the feed that fills it, its folders, its command line, and the
// judgement at the end. Lives of the job come and go on it.
//
//   auto rig = JobRig::New({.bootstrap = ..., .name = "torn-manifest"});
//   auto life = rig->Start("checkpoint.manifest_torn:2");
//   rig->FeedUntilEnd(*life, 20s);
//   auto successor = rig->Start();
//   Judgement judgement = rig->Finish(*successor);
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/fault/harness/job_life.h"
#include "tests/fault/harness/kafka_feed.h"
#include "tests/fault/harness/oracle.h"

namespace weir::test {

enum class Sinks { kKafka, kFile, kBoth };
const char* NameOf(Sinks sinks);

struct RigOptions {
  std::string bootstrap = {};
  std::string name;                        ///< Part of the job's id; the rest makes it unique.
  Sinks sinks = Sinks::kKafka;
  uint64_t seed = 1;                       ///< Of the input.
  Millis checkpoint_interval{60};
  size_t roll_after_deltas = 3;            ///< So that a roll comes early.
  std::vector<std::string> definitions = {};   ///< More "key=value".
  uint32_t parallelism = 2;
  size_t chunk_bids = 100;                 ///< Added at a time while a job is fed.
  std::string without = {};                ///< The defence that is switched off; see undefended_job.h.
};

/// One thread, which must outlive it.
class JobRig {
 public:
  static Result<std::unique_ptr<JobRig>> New(const RigOptions& options);
  /// Another job on the same input, as far as it was fed by now. `other` outlives it.
  static Result<std::unique_ptr<JobRig>> NewOnInputOf(JobRig& other, const RigOptions& options);
  /// Removes folders and topics, unless keep() was called.
  ~JobRig();

  /// `crash_points`: as crash_job.cc wants them in WEIR_CRASH_POINT. `command`: subcommand and its arguments.
  Result<std::unique_ptr<JobLife>> Start(const std::string& crash_points = {},
                                         const std::vector<std::string>& command = {"run"});

  KafkaFeed& feed() { return feed_; }
  /// Adds bids bit by bit until the log makes `condition` true. False if that took too long, or the process ended.
  bool FeedUntil(JobLife& life, const std::function<bool(const Standing&)>& condition, Millis longest);
  /// Likewise until the process ended, or is stopped by a signal.
  std::optional<Ending> FeedUntilEnd(JobLife& life, Millis longest);
  bool FeedUntilStop(JobLife& life, Millis longest);
  /// Until all that was fed is in the committed output.
  Status WaitForOutput(JobLife& life, Millis longest);
  /// Waits for the output and ends the job by SIGTERM; what went wrong with that.
  Status End(JobLife& life);
  /// Ends the job, and judges all of it.
  Judgement Finish(JobLife& life);

  const JobPlaces& places() const { return places_; }
  /// Processes so far.
  uint32_t starts() const { return starts_; }
  /// For the next life.
  void Define(const std::string& definition) { options_.definitions.push_back(definition); }
  /// Leaves all there is for a look, and says where.
  std::string keep();

 private:
  JobRig(RigOptions options, JobPlaces places, std::string folder, KafkaFeed feed, bool owns_input)
      : options_(std::move(options)), places_(std::move(places)), folder_(std::move(folder)), feed_(std::move(feed)),
        owns_input_(owns_input) {}

  /// False, and why on standard error, where the broker does not take them.
  bool FeedSome();

  RigOptions options_;
  JobPlaces places_;
  std::string folder_;
  KafkaFeed feed_;
  uint32_t starts_ = 0;
  const bool owns_input_;
  bool keep_ = false;
};

/// What `crash_job points` prints.
Result<std::vector<std::string>> CrashPointsOfTheJob();

/// An own folder for a test.
std::string NewTestFolder();

/// A condition that WaitUntil and FeedUntil give up on after their time.
inline bool Never(const Standing&) { return false; }

}  // namespace weir::test
