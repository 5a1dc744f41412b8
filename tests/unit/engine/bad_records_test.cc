// Records that cannot be processed: to the ledger in the same commit, or the end of the job, as configured.
#include "operators/poison_record.h"
#include "runtime/task/outlet.h"
#include "tests/unit/engine/bad_world.h"

namespace weir {
namespace {

using test::Bid;
using test::Job;
using test::JobOptions;
using test::Totals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kLedger[] = "weir.poison.totals";
constexpr char kOops[] = "{\"auction\": oops}";

std::vector<PoisonRecord> Ledger(Job& job) { return job.Committed<PoisonRecord>(kLedger); }

/// A job whose only output is a text of `bytes` bytes a row.
struct Wish {
  int64_t bytes = 0;
};
struct Text {
  std::string text;
};
Pipeline Texts() {
  Pipeline pipeline{"totals"};
  pipeline.Source("bids", kafka::Source<Wish>{.topic = "bids"})
      .Map([](const Wish& wish) { return Text{std::string(static_cast<size_t>(wish.bytes), 'x')}; })
      .Sink("out", kafka::Sink<Text>{.topic = "totals", .create_partitions = 1});
  return pipeline;
}

void CreateTopic(Job& job, const std::string& name, const std::string& max_message_bytes) {
  const auto admin = job.world().broker().Connect();
  ASSERT_TRUE(admin->CreateTopic({name, 1, -1, {{"max.message.bytes", max_message_bytes}}}).ok());
}

TEST(BadRecord, ReachesTheLedgerWithItsPlaceTheReasonAndItsBytes) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10}, 1).AddBytes(kOops, 1).Add(Bid{1, 5}, 1);
  job.Run();
  EXPECT_EQ(test::Counted(job), 2);
  const std::vector<PoisonRecord> ledger = Ledger(job);
  ASSERT_THAT(ledger, SizeIs(1));
  EXPECT_EQ(ledger[0].operator_id, "bids");
  EXPECT_EQ(ledger[0].split, "bids/1");
  EXPECT_EQ(ledger[0].offset, 1);
  EXPECT_THAT(ledger[0].reason, HasSubstr("auction"));
  EXPECT_EQ(ledger[0].value_base64, Base64(kOops));
}

TEST(BadRecord, IsInTheLedgerOnceAfterACrashAnywhere) {
  for (const uint64_t steps : {150, 300, 450, 600}) {
    SCOPED_TRACE("steps " + std::to_string(steps));
    Job job(Totals());
    job.Topic("bids").Add(Bid{1, 10}).AddBytes(kOops).Add(Bid{1, 5});
    job.RunSteps(steps);
    job.Crash(true);
    job.Run();
    EXPECT_EQ(test::Counted(job), 2);
    EXPECT_THAT(Ledger(job), SizeIs(1));
  }
}

TEST(BadRecord, StopsTheJobWherePolicyIsFailAndNothingOfItsEpochShows) {
  JobOptions options;
  options.engine.poison_fails = true;
  Job job(Totals(), options);
  job.Topic("bids").Add(Bid{1, 10}).AddBytes(kOops);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job goes on";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused) << outcome->status.ToString();
  EXPECT_THAT(outcome->status.message(), AllOf(HasSubstr("split bids/0 offset 1"), HasSubstr("auction"),
                                               HasSubstr("pipeline.poison.policy=fail"), HasSubstr("ledger")));
  EXPECT_THAT(job.CommittedBytes("totals"), IsEmpty());
  EXPECT_THAT(Ledger(job), IsEmpty());
}

TEST(BadRecord, StopsTheJobWhenThereAreMoreInAMinuteThanAllowed) {
  JobOptions options;
  options.engine.poison_per_minute_max = 3;
  Job job(Totals(), options);
  for (int i = 0; i < 4; ++i) job.Topic("bids").AddBytes(kOops);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job goes on";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(),
              AllOf(HasSubstr("more than 3 poison records within a minute"), HasSubstr("split bids/0 offset 3"),
                    HasSubstr("pipeline.poison.per-minute-max")));
}

TEST(BadRecord, FewEnoughInEveryMinuteGoOnForEver) {
  JobOptions options;
  options.engine.poison_per_minute_max = 3;
  Job job(Totals(), options);
  for (int minute = 0; minute < 3; ++minute) {
    for (int i = 0; i < 3; ++i) job.Topic("bids").AddBytes(kOops);
    ASSERT_FALSE(job.Run().has_value());
    job.world().clock().AdvanceTo(job.world().clock().Now() + std::chrono::seconds(61));
  }
  EXPECT_THAT(Ledger(job), SizeIs(9));
}

TEST(TooLargeRow, GoesToTheLedgerBeforeItIsProduced) {
  Job job(Texts());
  CreateTopic(job, "totals", "1000");
  job.Topic("bids").Add(Wish{10}).Add(Wish{2000}).Add(Wish{20});
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(2));
  EXPECT_THAT(job.rebuilt_for(), IsEmpty());
  const std::vector<PoisonRecord> ledger = Ledger(job);
  ASSERT_THAT(ledger, SizeIs(1));
  EXPECT_EQ(ledger[0].operator_id, "out");
  EXPECT_THAT(ledger[0].reason, AllOf(HasSubstr("2011 bytes"), HasSubstr("takes 900"), HasSubstr("max.message.bytes")));
  EXPECT_EQ(ledger[0].value_base64, Base64("{\"text\":\"" + std::string(2000, 'x') + "\"}"));
}

TEST(TooLargeRow, IsCutInTheLedgerWhereTheLedgerCannotTakeAllOfIt) {
  Job job(Texts());
  CreateTopic(job, "totals", "1000");
  CreateTopic(job, kLedger, "1000");
  job.Topic("bids").Add(Wish{2000}).Add(Wish{20});
  const auto outcome = job.Run();
  ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(1));
  const std::vector<PoisonRecord> ledger = Ledger(job);
  ASSERT_THAT(ledger, SizeIs(1));
  EXPECT_THAT(ledger[0].reason, AllOf(HasSubstr("2011 bytes"), HasSubstr("cut to fit the ledger")));
  EXPECT_FALSE(ledger[0].value_base64.empty());
}

/// What a job ends with that reads `prices`, one record each, and gives every bid to `function`.
template <class F>
std::string EndOf(F function, const std::vector<int64_t>& prices) {
  Pipeline pipeline{"totals"};
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
      .Map(function)
      .Sink("out", kafka::Sink<Bid>{.topic = "totals", .create_partitions = 1});
  Job job(pipeline);
  for (const int64_t price : prices) job.Topic("bids").Add(Bid{1, price}, 1);
  const auto outcome = job.Run();
  if (!outcome.has_value()) return "the job goes on";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(job.CommittedBytes("totals"), IsEmpty());
  return outcome->status.message();
}

TEST(UserFunction, ThatThrowsEndsTheJobAndNamesOperatorSplitOffsetsAndTheWayOut) {
  const auto picky = [](const Bid& bid) {
    if (bid.price < 0) throw std::runtime_error("negative price");
    return bid;
  };
  // A batch that holds all three cannot tell which it was; in the adverse build each has its own.
  const std::string record = kBatchRows >= 3 ? "one of the 3 records" : "the record";
  EXPECT_THAT(EndOf(picky, {3, 4, -1}),
              AllOf(HasSubstr("negative price"), HasSubstr("task bids-1"), HasSubstr("operator map-1"),
                    HasSubstr("split bids/1, " + record + " before offset 3"), HasSubstr("correct the function")));
}

TEST(UserFunction, ThatThrowsNoStandardExceptionEndsTheJobAlike) {
  const auto odd = [](const Bid& bid) {
    if (bid.price < 0) throw 7;
    return bid;
  };
  EXPECT_THAT(EndOf(odd, {-1}),
              AllOf(HasSubstr("operator map-1"), HasSubstr("split bids/1, the record before offset 1"),
                    HasSubstr("no std::exception"), HasSubstr("correct the function")));
}

TEST(UserFunction, ThatThrowsBehindAnExchangeNamesTheOperatorThatCalledItAndNoOther) {
  Pipeline pipeline{"totals"};
  const auto pass = [](int64_t, const Bid& bid, Value<Bid>&, Collector<Bid>& out) { out.Emit(bid); };
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
      .KeyBy(&Bid::auction)
      .Process<Bid>("spikes", ValueState<Bid>{}, pass)
      .Map([](const Bid& bid) { return bid.price < 0 ? throw std::runtime_error("negative price") : bid; })
      .Sink("out", kafka::Sink<Bid>{.topic = "totals", .create_partitions = 1});
  Job job(pipeline);
  job.Topic("bids").Add(Bid{1, -1});
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job goes on";
  EXPECT_THAT(outcome->status.message(),
              AllOf(HasSubstr("operator map-3"), testing::Not(HasSubstr("operator spikes"))));
}

struct Note {
  std::string at;
};
Pipeline TimedByText() {
  Pipeline pipeline{"totals"};
  pipeline.Source("bids", kafka::Source<Note>{.topic = "bids"})
      .Timestamps([](const Note& note) { return int64_t{std::stoll(note.at)}; }, Ascending{})
      .Sink("out", kafka::Sink<Note>{.topic = "totals", .create_partitions = 1});
  return pipeline;
}

TEST(TimeFunction, ThatThrowsSendsTheRowToTheLedgerAndTheJobGoesOn) {
  Job job(TimedByText());
  job.Topic("bids").Add(Note{"1"}, 1).Add(Note{"x"}, 1).Add(Note{"2"}, 1);
  const auto outcome = job.Run();
  ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(2));
  const std::vector<PoisonRecord> ledger = Ledger(job);
  ASSERT_THAT(ledger, SizeIs(1));
  EXPECT_EQ(ledger[0].split, "bids/1");
  EXPECT_EQ(ledger[0].offset, 1);
  EXPECT_THAT(ledger[0].reason, AllOf(HasSubstr("its event time"), HasSubstr("a function threw: stoll")));
}

TEST(TimeFunction, ThatThrowsStopsTheJobWherePolicyIsFailAndNamesTheRecord) {
  JobOptions options;
  options.engine.poison_fails = true;
  Job job(TimedByText(), options);
  job.Topic("bids").Add(Note{"1"}, 1).Add(Note{"x"}, 1);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job goes on";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(), AllOf(HasSubstr("operator bids"), HasSubstr("split bids/1 offset 1"),
                                               HasSubstr("a function threw: stoll")));
}

}  // namespace
}  // namespace weir
