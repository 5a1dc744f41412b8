#include "tests/fault/harness/job_rig.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/fault/harness/committed_reader.h"

namespace weir::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Millis kChunkPause{15};
constexpr Millis kLook{20};
constexpr Millis kOutputMax{40'000};
constexpr Millis kStopMax{30'000};
constexpr Millis kTopicMax{20'000};

std::string Inherited(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

JobPlaces PlacesOf(const RigOptions& options, const std::string& folder) {
  JobPlaces places;
  places.bootstrap = options.bootstrap;
  // Brokers live longer than test programs: the random end of the folder's name keeps runs apart.
  places.job = options.name + "-" + NameOf(options.sinks) + "-" + folder.substr(folder.size() - 6);
  places.input = "in." + places.job;
  if (options.sinks != Sinks::kFile) places.topic = "out." + places.job;
  if (options.sinks != Sinks::kKafka) places.folder = folder + "/totals";
  return places;
}

std::string Describe(const Ending& ending) {
  return ending.signal.has_value() ? "killed by signal " + std::to_string(*ending.signal)
                                   : "ended with exit code " + std::to_string(ending.exit_code.value_or(-1));
}

}  // namespace

const char* NameOf(Sinks sinks) {
  switch (sinks) {
    case Sinks::kKafka: return "kafka";
    case Sinks::kFile: return "file";
    case Sinks::kBoth: return "both";
  }
  return "?";
}

std::string NewTestFolder() {
  std::string folder = (std::filesystem::temp_directory_path() / "weir-fault-XXXXXX").string();
  WEIR_CHECK(mkdtemp(folder.data()) != nullptr, "no folder for tests could be made at " + folder);
  return folder;
}

Result<std::vector<std::string>> CrashPointsOfTheJob() {
  const std::string folder = NewTestFolder();
  const std::string log = folder + "/points";
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, JobLife::Start({{WEIR_CRASH_JOB, "points"}, {}, log}));
  const std::optional<Ending> ending = life->WaitForEnd(kStopMax);
  if (!ending.has_value() || ending->exit_code != 0) return Internal("crash_job points failed, see " + log);
  std::vector<std::string> points;
  std::ifstream lines(log);
  for (std::string line; std::getline(lines, line);) points.push_back(line);
  std::filesystem::remove_all(folder);
  return points;
}

Result<std::unique_ptr<JobRig>> JobRig::New(const RigOptions& options) {
  const std::string folder = NewTestFolder();
  const JobPlaces places = PlacesOf(options, folder);
  WEIR_ASSIGN_OR_RETURN(KafkaFeed feed, KafkaFeed::Open(options.bootstrap, places.input, options.seed));
  return std::unique_ptr<JobRig>(new JobRig(options, places, folder, std::move(feed), true));
}

Result<std::unique_ptr<JobRig>> JobRig::NewOnInputOf(JobRig& other, const RigOptions& options) {
  const std::string folder = NewTestFolder();
  JobPlaces places = PlacesOf(options, folder);
  places.input = other.places_.input;
  WEIR_ASSIGN_OR_RETURN(KafkaFeed feed, KafkaFeed::Join(options.bootstrap, places.input, other.feed_.added()));
  return std::unique_ptr<JobRig>(new JobRig(options, places, folder, std::move(feed), false));
}

JobRig::~JobRig() {
  if (keep_) return;
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  std::vector<std::string> topics{"weir.markers." + places_.job, "weir.poison." + places_.job};
  if (owns_input_) topics.push_back(places_.input);
  if (!places_.topic.empty()) topics.push_back(places_.topic);
  DeleteTopics(feed_.client(), topics);
}

std::string JobRig::keep() {
  keep_ = true;
  return folder_;
}

Result<std::unique_ptr<JobLife>> JobRig::Start(const std::string& crash_points,
                                               const std::vector<std::string>& command) {
  ++starts_;
  JobCommand job;
  job.words = {WEIR_CRASH_JOB};
  job.words.insert(job.words.end(), command.begin(), command.end());
  std::vector<std::string> definitions{"kafka.bootstrap.servers=" + places_.bootstrap,
                                       "parallelism.default=" + std::to_string(options_.parallelism),
                                       "execution.workers=2",
                                       "execution.checkpointing.dir=" + folder_ + "/checkpoints",
                                       "execution.checkpointing.interval=" +
                                           std::to_string(options_.checkpoint_interval.count()) + "ms",
                                       "testing.roll-after-deltas=" + std::to_string(options_.roll_after_deltas),
                                       "log.level=debug",
                                       "log.format=json"};
  definitions.insert(definitions.end(), options_.definitions.begin(), options_.definitions.end());
  for (const std::string& definition : definitions) {
    job.words.emplace_back("-D");
    job.words.push_back(definition);
  }
  job.environment = {{"PATH", Inherited("PATH")},
                     {"HOME", Inherited("HOME")},
                     {"CRASH_JOB", places_.job},
                     {"CRASH_JOB_INPUT", places_.input},
                     {"CRASH_JOB_TOPIC", places_.topic},
                     {"CRASH_JOB_FOLDER", places_.folder},
                     {"CRASH_JOB_WITHOUT", options_.without}};
  if (!crash_points.empty()) job.environment["WEIR_CRASH_POINT"] = crash_points;
  job.log = folder_ + "/log";
  return JobLife::Start(job);
}

bool JobRig::FeedUntil(JobLife& life, const std::function<bool(const Standing&)>& condition, Millis longest) {
  for (const auto until = Clock::now() + longest; Clock::now() < until;) {
    if (life.WaitUntil(condition, kChunkPause)) return true;
    if (life.WaitForEnd(Millis(0)).has_value() || !FeedSome()) return false;
  }
  return false;
}

bool JobRig::FeedSome() {
  const Status status = feed_.Add(options_.chunk_bids);
  if (!status.ok()) std::fprintf(stderr, "bids cannot be fed: %s\n", status.message().c_str());
  return status.ok();
}

std::optional<Ending> JobRig::FeedUntilEnd(JobLife& life, Millis longest) {
  std::optional<Ending> ending;
  for (const auto until = Clock::now() + longest; Clock::now() < until;) {
    ending = life.WaitForEnd(kChunkPause);
    if (ending.has_value() || !FeedSome()) break;
  }
  return ending;
}

bool JobRig::FeedUntilStop(JobLife& life, Millis longest) {
  for (const auto until = Clock::now() + longest; Clock::now() < until;) {
    if (life.WaitForStop(kChunkPause)) return true;
    if (life.WaitForEnd(Millis(0)).has_value() || !FeedSome()) return false;
  }
  return false;
}

Status JobRig::WaitForOutput(JobLife& life, Millis longest) {
  const auto until = Clock::now() + longest;
  std::optional<CommittedReader> reader;
  if (!places_.topic.empty()) {
    WEIR_ASSIGN_OR_RETURN(CommittedReader opened, CommittedReader::Open(places_.bootstrap, places_.topic, kTopicMax));
    reader = std::move(opened);
  }
  while (true) {
    const uint64_t in_topic = reader.has_value() ? reader->records().size() : feed_.added();
    const uint64_t in_folder = places_.folder.empty() ? feed_.added() : CountPublished(places_.folder);
    if (in_topic >= feed_.added() && in_folder >= feed_.added()) return {};
    if (const auto ending = life.WaitForEnd(Millis(0))) return Internal("the job " + Describe(*ending));
    if (Clock::now() > until) {
      return Unavailable(std::to_string(feed_.added()) + " bids were fed; in the topic are " +
                         std::to_string(in_topic) + ", in the folder " + std::to_string(in_folder));
    }
    if (reader.has_value()) {
      WEIR_RETURN_IF_ERROR(reader->Read(kLook));
    } else {
      (void)life.WaitUntil(Never, kLook);
    }
  }
}

Status JobRig::End(JobLife& life) {
  const Status complete = WaitForOutput(life, kOutputMax);
  // A process that is still starting has no last checkpoint to make.
  (void)life.WaitUntil([](const Standing& now) { return now.running; }, kOutputMax);
  life.Signal(SIGTERM);
  const std::optional<Ending> ending = life.WaitForEnd(kStopMax);
  WEIR_RETURN_IF_ERROR(complete.WithContext("output incomplete"));
  if (!ending.has_value()) return Internal("the job did not end after SIGTERM");
  return ending->exit_code == 0 ? Status() : Internal("the job " + Describe(*ending));
}

Judgement JobRig::Finish(JobLife& life) {
  const Status ended = End(life);
  Judgement judgement = JudgeJob(places_);
  if (!ended.ok()) judgement.problems.push_back(ended.message());
  return judgement;
}

}  // namespace weir::test
