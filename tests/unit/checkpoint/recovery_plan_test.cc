#include "runtime/checkpoint/recovery_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/checkpoint/manifest_samples.h"

namespace weir {
namespace {

using test::SampleGraph;
using test::SampleManifest;
using testing::AllOf;
using testing::HasSubstr;

constexpr Id128 kIncarnation{1, 2};
constexpr Id128 kAttempt{3, 4};

CheckpointName Name(uint64_t n) { return {CheckpointId{n}, kAttempt}; }
VisibleMarker Marker(uint64_t n) {
  return {{kIncarnation, CheckpointId{n}, kAttempt, std::string(64, 'a'), std::string(32, 'b'), 0}, 11};
}
CommittedHint Hint(uint64_t n, Id128 incarnation = kIncarnation) { return {incarnation, Name(n), 9}; }
CurrentRecord Current(uint64_t n) { return {kIncarnation, Name(n), std::string(64, 'a')}; }

RecoveryChoice ByMarker(std::optional<VisibleMarker> newest, LocalFacts local,
                        RestorePolicy policy = RestorePolicy::kCommitPointDecides) {
  return ChooseByMarker("job", newest, local, policy);
}

std::string RefusalOf(const RecoveryChoice& choice) {
  const Refusal* refusal = std::get_if<Refusal>(&choice);
  return refusal == nullptr ? "not refused" : refusal->status.ToString();
}

TEST(RecoveryPlan, RestoresWhatTheLastMarkerNames) {
  const RecoveryChoice choice = ByMarker(Marker(5), {.hint = Hint(4), .checkpoints = {Name(4), Name(5), Name(6)}});
  ASSERT_TRUE(std::holds_alternative<RestoreChoice>(choice));
  EXPECT_EQ(std::get<RestoreChoice>(choice).name, Name(5));
  EXPECT_EQ(std::get<RestoreChoice>(choice).manifest_sha256, std::string(64, 'a'));
  EXPECT_EQ(std::get<RestoreChoice>(choice).marker_offset, 11);
}

TEST(RecoveryPlan, StartsFreshWhereNothingWasEverCommitted) {
  const RecoveryChoice choice = ByMarker(std::nullopt, {.checkpoints = {Name(1)}});
  ASSERT_TRUE(std::holds_alternative<FreshChoice>(choice));
  EXPECT_EQ(std::get<FreshChoice>(choice).first, CheckpointId{1});
  EXPECT_FALSE(std::get<FreshChoice>(choice).appends);
}

TEST(RecoveryPlan, StopsAndAsksWhereMarkersAreMissing) {
  EXPECT_THAT(RefusalOf(ByMarker(std::nullopt, {.hint = Hint(4)})), HasSubstr("no marker"));
  EXPECT_THAT(RefusalOf(ByMarker(std::nullopt, {.hint = CommittedHint{}})), HasSubstr("no marker"));
  EXPECT_THAT(RefusalOf(ByMarker(std::nullopt, {.checkpoints = {Name(2)}})), HasSubstr("no marker"));
  EXPECT_THAT(RefusalOf(ByMarker(Marker(3), {.hint = Hint(4)})), HasSubstr("MARKER REGRESSION"));
}

TEST(RecoveryPlan, RefusesAnotherIncarnationUnlessItsCheckpointIsHere) {
  const CommittedHint other = Hint(4, {7, 7});
  EXPECT_THAT(RefusalOf(ByMarker(Marker(5), {.hint = other})), HasSubstr("another job uses the id"));
  EXPECT_TRUE(std::holds_alternative<RestoreChoice>(ByMarker(Marker(5), {.hint = other, .checkpoints = {Name(5)}})));
}

TEST(RecoveryPlan, FollowsTheRestorePolicy) {
  EXPECT_THAT(RefusalOf(ByMarker(std::nullopt, {}, RestorePolicy::kLatest)), HasSubstr("NotFound: --restore latest"));
  EXPECT_TRUE(std::holds_alternative<RestoreChoice>(ByMarker(Marker(5), {}, RestorePolicy::kLatest)));
  const RecoveryChoice none = ByMarker(Marker(5), {.hint = Hint(5)}, RestorePolicy::kNone);
  ASSERT_TRUE(std::holds_alternative<FreshChoice>(none));
  EXPECT_EQ(std::get<FreshChoice>(none).first, CheckpointId{6});
  EXPECT_TRUE(std::get<FreshChoice>(none).appends);
}

TEST(RecoveryPlan, RefusesTheOtherKindOfCommitPoint) {
  EXPECT_THAT(RefusalOf(ByMarker(Marker(5), {.current = Current(3)})),
              AllOf(HasSubstr("checkpoint 3"), HasSubstr("CURRENT"), HasSubstr("execution.guarantee=at-least-once"),
                    HasSubstr("go back to that"), HasSubstr("--restore none")));
  EXPECT_THAT(RefusalOf(ChooseByCurrent("job", {.hint = Hint(3)}, RestorePolicy::kCommitPointDecides)),
              AllOf(HasSubstr("checkpoint 3"), HasSubstr("COMMITTED"), HasSubstr("execution.guarantee=at-least-once"),
                    HasSubstr("go back to that"), HasSubstr("--restore none")));
}

TEST(RecoveryPlan, GoesOnWhereACrashCameBeforeTheRecordOfTheOtherKindWasClearedAway) {
  const LocalFacts by_marker{.current = Current(3), .checkpoints = {Name(3), Name(5)}};
  EXPECT_TRUE(std::holds_alternative<RestoreChoice>(ByMarker(Marker(5), by_marker)));
  EXPECT_THAT(RefusalOf(ByMarker(Marker(2), by_marker)), HasSubstr("CURRENT")) << "the marker is the older one";
  const LocalFacts by_current{.hint = Hint(3), .current = Current(5)};
  EXPECT_TRUE(std::holds_alternative<RestoreChoice>(
      ChooseByCurrent("job", by_current, RestorePolicy::kCommitPointDecides)));
  EXPECT_THAT(RefusalOf(ChooseByCurrent("job", {.hint = Hint(6), .current = Current(5)},
                                        RestorePolicy::kCommitPointDecides)), HasSubstr("COMMITTED"));
}

TEST(RecoveryPlan, StartsOverOnceInAProcess) {
  const LocalFacts local{.fresh_incarnation = kIncarnation};
  EXPECT_TRUE(std::holds_alternative<RestoreChoice>(ByMarker(Marker(1), local, RestorePolicy::kNone)))
      << "this process made it";
  const LocalFacts current{.current = Current(1), .fresh_incarnation = kIncarnation};
  EXPECT_TRUE(std::holds_alternative<RestoreChoice>(ChooseByCurrent("job", current, RestorePolicy::kNone)));
}

TEST(RecoveryPlan, RestoresWhatCurrentNamesInAJobWithoutAKafkaSink) {
  const RestorePolicy decides = RestorePolicy::kCommitPointDecides;
  const RecoveryChoice choice = ChooseByCurrent("job", {.current = Current(5), .checkpoints = {Name(6)}}, decides);
  ASSERT_TRUE(std::holds_alternative<RestoreChoice>(choice));
  EXPECT_EQ(std::get<RestoreChoice>(choice).name, Name(5));
  EXPECT_TRUE(std::holds_alternative<FreshChoice>(ChooseByCurrent("job", {}, decides)));
  EXPECT_THAT(RefusalOf(ChooseByCurrent("job", {.checkpoints = {Name(2)}}, decides)), HasSubstr("CURRENT is missing"));
  EXPECT_THAT(RefusalOf(ChooseByCurrent("job", {}, RestorePolicy::kLatest)), HasSubstr("NotFound"));
}

TEST(MarkerOrder, MustRise) {
  EXPECT_TRUE(CheckMarkerOrder(Marker(4).marker, Marker(5).marker).ok());
  EXPECT_THAT(CheckMarkerOrder(Marker(5).marker, Marker(5).marker).message(), HasSubstr("MARKER REGRESSION"));
  EXPECT_EQ(CheckMarkerOrder(Marker(5).marker, Marker(4).marker).code(), Code::kInternal);
}

TEST(Adoption, GoesOnWithTheSameProgram) {
  EXPECT_EQ(CheckManifest(SampleManifest(), SampleGraph()).value(), Adoption::kGoOn);
}

TEST(Adoption, NamesEveryReasonAgainstIt) {
  GraphFacts graph = SampleGraph();
  graph.job = "other";
  graph.key_groups = 64;
  graph.hash_version = 2;
  graph.operators[0].source_identity = "cluster-2";
  graph.operators[2].shape.id = "out2";
  graph.operators.push_back({{"new", OperatorRole::kStateful, 1}, ""});
  const std::string message = CheckManifest(SampleManifest(), graph).status().message();
  for (const char* reason : {"job other", "128 key groups", "version 1", "cluster-2", "sink out", "operator new"}) {
    EXPECT_THAT(message, HasSubstr(reason));
  }
}

TEST(Adoption, RefusesAProgramThatLostAnOperatorWithState) {
  GraphFacts graph = SampleGraph();
  graph.operators.erase(graph.operators.begin() + 1);
  EXPECT_THAT(CheckManifest(SampleManifest(), graph).status().message(), HasSubstr("operator count has state"));
}

TEST(Adoption, AllowsAnyParallelismOfEveryOperator) {
  GraphFacts graph = SampleGraph();
  graph.operators[0].shape.parallelism = 5;
  graph.operators[1].shape.parallelism = 2;
  graph.operators[2].shape.parallelism = 3;
  EXPECT_TRUE(CheckManifest(SampleManifest(), graph).ok());
}

TEST(Adoption, RefusesStateThatLacksAKeyGroupOrHasOneTwice) {
  Manifest manifest = SampleManifest();
  manifest.states.push_back(manifest.states[0]);
  manifest.states[1].index = TaskIndex{1};
  manifest.states[0].groups = {0, 60};
  manifest.states[1].groups = {61, 127};
  EXPECT_THAT(CheckManifest(manifest, SampleGraph()).status().message(),
              AllOf(HasSubstr("operator count has no state for its key groups 60 to 61"), HasSubstr("127 to 128")));
  manifest.states[1].groups = {59, 128};
  EXPECT_THAT(CheckManifest(manifest, SampleGraph()).status().message(),
              HasSubstr("operator count has two states for its key groups from 59 on"));
}

TEST(Adoption, RefusesAFinalCheckpointForALiveJob) {
  Manifest manifest = SampleManifest();
  manifest.drained = true;
  EXPECT_THAT(CheckManifest(manifest, SampleGraph()).status().message(),
              AllOf(HasSubstr("it is final"), HasSubstr("start over with --restore none"), HasSubstr(".follow = true"),
                    testing::Not(HasSubstr("Run the program that wrote it"))));
}

TEST(Adoption, GoesOnWithTheSameReplayOnly) {
  Manifest manifest = SampleManifest();
  GraphFacts graph = SampleGraph();
  graph.mode = RunMode::kReplay;
  graph.replay = ReplayPlan{"earliest", "now", 100, false};
  EXPECT_THAT(CheckManifest(manifest, graph).status().message(), HasSubstr("live run"));
  manifest.mode = RunMode::kReplay;
  manifest.replay = graph.replay;
  EXPECT_EQ(CheckManifest(manifest, graph).value(), Adoption::kGoOn);
  manifest.replay->finished = true;
  EXPECT_EQ(CheckManifest(manifest, graph).value(), Adoption::kAlreadyFinished);
  graph.replay->from = "5";
  EXPECT_THAT(CheckManifest(manifest, graph).status().message(), HasSubstr("take another job id"));
}

TEST(Adoption, DrainsAReplayThatWasOnlyStoppedAndDoesNotUndoADrain) {
  Manifest manifest = SampleManifest();
  GraphFacts graph = SampleGraph();
  manifest.mode = graph.mode = RunMode::kReplay;
  manifest.replay = graph.replay = ReplayPlan{"earliest", "now", 100, true};
  graph.drains = true;
  EXPECT_EQ(CheckManifest(manifest, graph).value(), Adoption::kGoOn);
  manifest.drained = true;
  EXPECT_EQ(CheckManifest(manifest, graph).value(), Adoption::kAlreadyFinished);
  graph.drains = false;
  EXPECT_THAT(CheckManifest(manifest, graph).status().message(), HasSubstr("cannot end with --end stop"));
}

}  // namespace
}  // namespace weir
