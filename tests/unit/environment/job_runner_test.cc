// How a job's process ends when its engines fail: after how many restarts, and with which exit code.
#include "environment/job_runner.h"

#include <gmock/gmock.h>

#include "connectors/file/file_connector.h"
#include "connectors/generator/generator.h"
#include "operators/pipeline.h"
#include "runtime/base/crash_point.h"
#include "runtime/base/simulated_file_system.h"
#include "state/simulated_base_store.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Number {
  int64_t value = 0;
};

/// A source that fails when it is opened, as often as it is asked to.
struct FailingSource {
  using Row = Number;
  std::shared_ptr<std::atomic<int>> opened;
  int failures = 1'000'000;

  TypedSource<Number> ToSource() const {
    const auto make = [](int64_t i) { return Number{i}; };
    TypedSource<Number> typed = generator::Source<Number>{.rows = 3, .make = make}.ToSource();
    using Reader = Result<std::unique_ptr<RowReader<Number>>>;
    typed.new_reader = [opened = opened, failures = failures, open = typed.new_reader](
                           SplitSource& splits, const OperatorContext& context) -> Reader {
      if (opened->fetch_add(1) < failures) return IoError("no reader today");
      return open(splits, context);
    };
    return typed;
  }
};

/// What a job said and how it ended.
struct Ending {
  ExitCode code = kExitFinished;
  std::string log;
};

class JobRunnerTest : public testing::Test {
 protected:
  JobRunnerTest() {
    options_.engine.checkpoint_directory = "/checkpoints";
    options_.engine.end_of_sources = RunEnd::kDrain;
    options_.restart.delay = std::chrono::milliseconds(1);
    options_.workers = 1;
  }

  /// `on_start` gets the runner before it runs.
  Ending Run(const Pipeline& pipeline, const std::function<void(JobRunner&)>& on_start = {}) {
    const JobGraph& graph = pipeline.graph();
    JobRunner runner(graph, options_, {&clock_, files_.get(), &random_, nullptr, nullptr, &base_}, Logger(graph.job));
    if (on_start) on_start(runner);
    ConfigureLogging(LogLevel::kInfo, LogFormat::kText);
    testing::internal::CaptureStderr();
    Ending ending;
    ending.code = runner.Run();
    ending.log = testing::internal::GetCapturedStderr();
    ConfigureLogging(LogLevel::kWarning, LogFormat::kText);
    return ending;
  }
  Ending Run(const FailingSource& source) {
    Pipeline pipeline{"numbers"};
    pipeline.Source("numbers", source).Sink("out", file::Sink<Number>{.directory = "/out"});
    return Run(pipeline);
  }

  SystemClock clock_;
  SystemRandom random_;
  SimulatedDisk disk_;
  SimulatedBaseStoreFactory base_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  JobRunnerOptions options_;
  std::shared_ptr<std::atomic<int>> opened_ = std::make_shared<std::atomic<int>>(0);
};

TEST_F(JobRunnerTest, GivesUpAfterAsManyRestartsWithoutACommitAsAreAllowed) {
  options_.restart.attempts_max = 2;
  const Ending ending = Run(FailingSource{opened_});
  EXPECT_EQ(ending.code, kExitRefused);
  EXPECT_EQ(opened_->load(), 3) << "one start and two restarts";
  EXPECT_THAT(ending.log, AllOf(HasSubstr("no reader today"), HasSubstr("gave_up"),
                                HasSubstr("after 2 restarts without a commit"),
                                HasSubstr("restart-strategy.fixed-delay.attempts")));
}

TEST_F(JobRunnerTest, WithoutRestartsGivesUpAtTheFirstFailure) {
  options_.restart.attempts_max = 0;
  EXPECT_EQ(Run(FailingSource{opened_}).code, kExitRefused);
  EXPECT_EQ(opened_->load(), 1);
}

TEST_F(JobRunnerTest, FinishesWhereTheLastRestartAllowedSucceeds) {
  options_.restart.attempts_max = 2;
  const Ending ending = Run(FailingSource{opened_, 2});
  EXPECT_EQ(ending.code, kExitFinished) << ending.log;
  EXPECT_THAT(ending.log, AllOf(HasSubstr("restarting"), Not(HasSubstr("gave_up"))));
}

TEST_F(JobRunnerTest, ToldToEndExitsWithRestartMeWhereTheLastCheckpointFails) {
  // Asked for the end by the first row, so the checkpoint that the crash point meets is the last one.
  const auto asked = std::make_shared<std::function<void()>>();
  Pipeline pipeline{"numbers"};
  pipeline.Source("numbers", generator::Source<Number>{.make = [](int64_t i) { return Number{i}; }})
      .Map([asked](const Number& number) {
        if (number.value == 0) (*asked)();
        return number;
      })
      .Sink("out", file::Sink<Number>{.directory = "/out"});
  const ArmedCrashPoint point("checkpoint.triggered", 1, [this] { files_->FailSync(1); });
  const Ending ending = Run(pipeline, [&](JobRunner& runner) {
    *asked = [&runner] { runner.RequestStop(RunEnd::kStop); };
  });
  EXPECT_EQ(ending.code, kExitRestartProcess) << ending.log;
  EXPECT_THAT(ending.log, AllOf(HasSubstr("last_checkpoint_failed"), HasSubstr("Nothing is lost"),
                                HasSubstr("goes on from checkpoint 0"), Not(HasSubstr("restarting"))));
}

}  // namespace
}  // namespace weir
