// Each defence of the commit protocol and of the state tables, switched off: the simulated runs must see the damage in
// the output, else they would prove nothing about the defence. Every run here is the same each time.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/simulation/world/seed_runs.h"

namespace weir::simulation {
namespace {

constexpr uint64_t kSeedsMax = 400;

bool IsInTheOutput(Damage damage) {
  return damage == Damage::kLost || damage == Damage::kDuplicated || damage == Damage::kWrong ||
         damage == Damage::kDisorder || damage == Damage::kTorn;
}
/// Damage that recovery finds, and will not go on from: a checkpoint or a published file is not what it should be.
bool IsInTheOutputOrRefused(Damage damage) { return IsInTheOutput(damage) || damage == Damage::kRefused; }

/// Runs with only the faults that `change` asks for, judged by what a reader of the output sees.
std::string DamageWith(JobKind kind, const std::function<void(Scenario&)>& change,
                       const std::function<bool(Damage)>& counts = IsInTheOutput) {
  const auto only_these = [&](Scenario& scenario) {
    scenario.judge_output_only = true;
    scenario.faults = {};
    scenario.replay_rows_per_barrier = 0;
    change(scenario);
  };
  const std::optional<DamagedSeed> found = FindDamage(kind, kSeedsMax, only_these, counts);
  if (!found.has_value()) return "";
  const std::string text = "seed " + std::to_string(found->seed) + ": " + std::string(NameOf(found->problem.damage)) +
                           ": " + found->problem.text;
  std::cout << text << "\n";
  return text;
}

void OnlyKills(Scenario& scenario) {
  scenario.weights = {.kill = 1};
  scenario.disturbances = 12;
}

TEST(DefencesOff, NothingIsDamagedWhileAllAreOn) {
  EXPECT_EQ(DamageWith(JobKind::kAuctionTotals, [](Scenario& scenario) {
    OnlyKills(scenario);
    scenario.faults = {.commit_false_ok = 10, .commit_slices = 5};
  }), "");
}

TEST(DefencesOff, TheTextbookOrderLosesAnEpoch) {
  EXPECT_NE(DamageWith(JobKind::kAuctionTotals, [](Scenario& scenario) {
    OnlyKills(scenario);
    scenario.engine.defences.textbook_order = true;
  }), "");
}

TEST(DefencesOff, AMarkerOutsideOfTheTransactionDoublesAnEpoch) {
  EXPECT_NE(DamageWith(JobKind::kAuctionTotals, [](Scenario& scenario) {
    OnlyKills(scenario);
    scenario.engine.defences.marker_inside_transaction = false;
  }), "");
}

TEST(DefencesOff, WithoutSavingOnFirstTouchTheStateIsWrong) {
  EXPECT_NE(DamageWith(JobKind::kAuctionTotals, [](Scenario& scenario) {
    OnlyKills(scenario);
    scenario.engine.state_defences.save_on_first_touch = false;
  }), "");
}

TEST(DefencesOff, WithoutTheAttemptInItsNameAZombieSpoilsACheckpoint) {
  EXPECT_NE(DamageWith(JobKind::kAuctionTotals, [](Scenario& scenario) {
    scenario.weights = {.kill = 1, .successor = 3, .pause_with_successor = 3};
    scenario.disturbances = 12;
    scenario.engine.defences.attempt_in_directory_name = false;
  }, IsInTheOutputOrRefused), "");
}

TEST(DefencesOff, WithoutTheWitnessFilesRunAheadOfTheTopic) {
  EXPECT_NE(DamageWith(JobKind::kBothSinks, [](Scenario& scenario) {
    OnlyKills(scenario);
    scenario.faults = {.commit_false_ok = 5};
    scenario.engine.defences.witness = false;
  }, IsInTheOutputOrRefused), "");
}

TEST(DefencesOff, AKeptProducerLetsALateDuplicateCommitHalfAnEpoch) {
  EXPECT_NE(DamageWith(JobKind::kAuctionTotals, [](Scenario& scenario) {
    OnlyKills(scenario);
    scenario.faults = {.commit_slices = 3};
    scenario.engine.defences.producer_replacement = false;
  }), "");
}

}  // namespace
}  // namespace weir::simulation
