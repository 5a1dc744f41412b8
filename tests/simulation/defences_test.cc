// Each defence of the commit protocol and of the state tables, switched off: the simulated runs must see the damage in
// the output, else they would prove nothing about the defence. All of the output is judged at the end of a run: which
// rows are missing, there twice, wrong or out of order. With all defences on the same troubles must do no harm at all.
// Every run here is the same each time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "tests/simulation/world/seed_runs.h"

namespace weir::simulation {
namespace {

constexpr uint64_t kSeedsMax = 400;
constexpr uint64_t kSeedsUnharmed = 200;

/// What happens to the job, and to which job.
struct Trouble {
  const char* name;
  JobKind kind;
  DisturbanceWeights weights;
  BrokerFaultOdds faults;
};

constexpr Trouble kKills{"Kills", JobKind::kAuctionTotals, {.kill = 1}, {}};
constexpr Trouble kZombies{"Zombies", JobKind::kAuctionTotals,
                           {.kill = 1, .successor = 3, .pause_with_successor = 3}, {}};
constexpr Trouble kFalseAnswers{"FalseAnswers", JobKind::kBothSinks, {.kill = 1}, {.commit_false_ok = 5}};
constexpr Trouble kResentCommits{"ResentCommits", JobKind::kAuctionTotals, {.kill = 1}, {.commit_slices = 3}};

/// The first damage of this kind in `seeds` runs; nothing: of any kind.
std::string DamageOf(const Trouble& trouble, uint64_t seeds, std::optional<Damage> kind,
                     const std::function<void(EngineOptions&)>& change) {
  const auto apply = [&](Scenario& scenario) {
    scenario.judge_output_only = true;
    scenario.replay_rows_per_barrier = 0;
    scenario.disturbances = 12;
    scenario.weights = trouble.weights;
    scenario.faults = trouble.faults;
    change(scenario.engine);
  };
  const std::optional<DamagedSeed> found =
      FindDamage(trouble.kind, seeds, apply, [&](Damage damage) { return damage == kind.value_or(damage); });
  if (!found.has_value()) return "";
  const std::string text = "seed " + std::to_string(found->seed) + ": " + std::string(NameOf(found->problem.damage)) +
                           ": " + found->problem.text;
  std::cout << text << "\n";
  return text;
}

std::string DamageOf(const Trouble& trouble, Damage kind, const std::function<void(EngineOptions&)>& change) {
  return DamageOf(trouble, kSeedsMax, kind, change);
}

class DefencesOn : public testing::TestWithParam<Trouble> {};
INSTANTIATE_TEST_SUITE_P(Under, DefencesOn, testing::Values(kKills, kZombies, kFalseAnswers, kResentCommits),
                         [](const auto& trouble) { return trouble.param.name; });

TEST_P(DefencesOn, NothingIsDamaged) {
  EXPECT_EQ(DamageOf(GetParam(), kSeedsUnharmed, std::nullopt, [](EngineOptions&) {}), "");
}

TEST(DefencesOff, TheTextbookOrderLosesAnEpoch) {
  EXPECT_NE(DamageOf(kKills, Damage::kLost, [](EngineOptions& engine) { engine.defences.textbook_order = true; }), "");
}

TEST(DefencesOff, AMarkerOutsideOfTheTransactionDoublesAnEpoch) {
  EXPECT_NE(DamageOf(kKills, Damage::kDuplicated, [](EngineOptions& engine) {
    engine.defences.marker_inside_transaction = false;
  }), "");
}

TEST(DefencesOff, WithoutSavingOnFirstTouchTheStateIsWrong) {
  EXPECT_NE(DamageOf(kKills, Damage::kWrong, [](EngineOptions& engine) {
    engine.state_defences.save_on_first_touch = false;
  }), "");
}

// The only one whose damage is a refusal: the marker names the manifest by its hash, and the manifest its files by
// theirs, so what a zombie has written over or cleared away is never restored. The output stays right, and the job can
// never go on from it.
TEST(DefencesOff, WithoutTheAttemptInItsNameAZombieSpoilsTheCommittedCheckpoint) {
  EXPECT_THAT(DamageOf(kZombies, Damage::kRefused, [](EngineOptions& engine) {
    engine.defences.attempt_in_directory_name = false;
  }), testing::HasSubstr("its output is public"));
}

TEST(DefencesOff, WithoutTheWitnessFilesHoldWhatTheTopicLost) {
  EXPECT_NE(DamageOf(kFalseAnswers, Damage::kLost, [](EngineOptions& engine) { engine.defences.witness = false; }), "");
}

TEST(DefencesOff, AKeptProducerLetsALateDuplicateCommitHalfAnEpoch) {
  EXPECT_NE(DamageOf(kResentCommits, Damage::kDuplicated, [](EngineOptions& engine) {
    engine.defences.producer_replacement = false;
  }), "");
}

}  // namespace
}  // namespace weir::simulation
