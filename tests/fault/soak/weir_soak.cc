// weir-soak: a job under load whose processes and broker die all the time, judged while it runs.
//   weir-soak --minutes M [--seed N] [--rate BIDS_A_SECOND] [--version KAFKA]
// Exit code 0: nothing was lost, doubled, wrong or torn, the job always went on, and it was killed often enough for
// this to mean something.
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/fault/harness/job_rig.h"
#include "tests/fault/harness/live_judge.h"
#include "tests/fault/soak/troubles.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kKillsAnHourMin = 500;
constexpr Millis kFeedPeriod{50};
constexpr Millis kFirstCommitMax{60'000};

struct SoakOptions {
  double minutes = 0;
  uint64_t seed = 0;
  uint64_t rate = 2000;
  std::string version;
};

std::optional<SoakOptions> ParseOptions(int argc, char** argv) {
  SoakOptions options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--minutes") options.minutes = std::strtod(argv[i + 1], nullptr);
    else if (name == "--seed") options.seed = std::strtoull(argv[i + 1], nullptr, 10);
    else if (name == "--rate") options.rate = std::strtoull(argv[i + 1], nullptr, 10);
    else if (name == "--version") options.version = argv[i + 1];
    else return std::nullopt;
  }
  if (argc % 2 == 0 || options.minutes <= 0 || options.rate == 0) return std::nullopt;
  if (options.seed == 0) options.seed = TestSeed();
  return options;
}

/// Bids at a steady rate, whoever is away, until it is destroyed.
class Load {
 public:
  Load(KafkaFeed& feed, uint64_t bids_a_second)
      : chunk_(std::max<uint64_t>(1, bids_a_second * kFeedPeriod.count() / 1000)),
        thread_([this, &feed] { Run(feed); }) {}
  ~Load() { (void)Stop(); }
  Status Stop() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    return status_;
  }

 private:
  void Run(KafkaFeed& feed) {
    std::unique_lock lock(mutex_);
    for (auto next = Clock::now(); !ending_ && status_.ok(); next = std::max(next + kFeedPeriod, Clock::now())) {
      lock.unlock();
      Status added = feed.Add(chunk_);
      lock.lock();
      status_ = std::move(added);
      changed_.wait_until(lock, next + kFeedPeriod, [this] { return ending_; });
    }
  }

  const size_t chunk_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;   // guarded by mutex_
  Status status_;         // guarded by mutex_
  std::thread thread_;
};

/// The job's first life makes its topics.
Status FirstLife(JobRig& rig) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig.Start());
  const bool committed = rig.FeedUntil(*life, [](const Standing& now) { return now.commits > 0; }, kFirstCommitMax);
  return committed ? Status() : Internal("the job does not even start");
}

/// Trouble until the time is over, or something is wrong.
Status RunTroubles(Troubles& troubles, const LiveJudge& judge, Clock::time_point until) {
  for (auto said = Clock::now(); Clock::now() < until && judge.problems() == 0;) {
    WEIR_RETURN_IF_ERROR(troubles.Next());
    if (Clock::now() - said < std::chrono::minutes(1)) continue;
    said = Clock::now();
    fmt::print("{} kills, {} epochs whole\n", troubles.kills(), judge.settled());
    std::fflush(stdout);
  }
  return {};
}

/// All that was fed is processed, and the job ends as it should.
Status LastLife(JobRig& rig) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig.Start());
  return rig.End(*life);
}

bool Report(const LiveVerdict& verdict, uint64_t fed, Troubles& troubles, std::chrono::duration<double> took) {
  const double kills_an_hour = static_cast<double>(troubles.kills()) / took.count() * 3600;
  fmt::print("{:.1f} minutes, {} kills: {:.0f} an hour\n", took.count() / 60, troubles.kills(), kills_an_hour);
  for (const auto& [trouble, times] : troubles.done()) fmt::print("  {:<34} {}\n", NameOf(trouble), times);
  std::fflush(stdout);
  troubles.PrintTimes();
  using demo::Fault;
  const demo::Verdict& records = verdict.records;
  fmt::print("{} in, {} out, {} lost, {} duplicated, {} wrong, {} out of order; {} epochs, {} problems with them\n",
             records.in, records.out, records.of(Fault::kLost), records.of(Fault::kDuplicated),
             records.of(Fault::kWrong), records.of(Fault::kOutOfOrder), verdict.epochs, verdict.problems.size());
  for (const auto& examples : records.examples) {
    for (const std::string& example : examples) fmt::print("  {}\n", example);
  }
  if (kills_an_hour < kKillsAnHourMin) fmt::print("too mild: {} kills an hour are wanted\n", kKillsAnHourMin);
  return records.IsClean(fed) && verdict.problems.empty() && kills_an_hour >= kKillsAnHourMin;
}

Result<bool> Soak(const SoakOptions& options, RealBroker& broker, JobRig& rig) {
  WEIR_RETURN_IF_ERROR(FirstLife(rig));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<LiveJudge> judge, LiveJudge::Start(rig.places()));
  Troubles troubles(rig, broker, options.seed);
  const auto began = Clock::now();
  Load load(rig.feed(), options.rate);
  const Status troubled = RunTroubles(
      troubles, *judge, began + std::chrono::duration_cast<Clock::duration>(
                                    std::chrono::duration<double>(options.minutes * 60)));
  const auto took = Clock::now() - began;
  WEIR_RETURN_IF_ERROR(load.Stop());
  Status last = LastLife(rig);
  WEIR_ASSIGN_OR_RETURN(const LiveVerdict verdict, judge->Finish());
  const bool right = Report(verdict, rig.feed().added(), troubles, took);
  WEIR_RETURN_IF_ERROR(troubled);
  WEIR_RETURN_IF_ERROR(last);
  return right;
}

int SoakMain(int argc, char** argv) {
  const std::optional<SoakOptions> options = ParseOptions(argc, argv);
  if (!options.has_value()) {
    fmt::print(stderr, "usage: weir-soak --minutes M [--seed N] [--rate BIDS_A_SECOND] [--version KAFKA]\n");
    return 2;
  }
  const std::string folder = NewTestFolder();
  std::vector<std::string> arguments;
  if (!options->version.empty()) arguments = {"--version", options->version};
  auto broker = RealBroker::Start(folder + "/kafka", arguments);
  if (!broker.ok()) {
    fmt::print(stderr, "{}\n", broker.status().ToString());
    return 1;
  }
  auto rig = JobRig::New({.bootstrap = broker->bootstrap(), .name = "soak", .seed = options->seed,
                          .checkpoint_interval = Millis(100)});
  Result<bool> right = rig.ok() ? Soak(*options, *broker, **rig) : Result<bool>(rig.status());
  if (!right.ok()) fmt::print("WRONG: {}\n", right.status().ToString());
  const bool good = right.ok() && *right;
  if (!good && rig.ok()) fmt::print("see {}\n", (*rig)->keep());
  fmt::print("weir-soak: {}\n", good ? "exactly once" : "FAILED");
  if (rig.ok()) rig.value().reset();
  (void)broker->Stop();
  if (good) std::filesystem::remove_all(folder);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace weir::test

int main(int argc, char** argv) { return weir::test::SoakMain(argc, argv); }
