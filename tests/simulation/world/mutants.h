// The mistakes that simulated runs are held against: each must be found, or what the runs say is worth nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/mutant.h"
#include "tests/simulation/world/scenario.h"

namespace weir::simulation {

struct MutantCase {
  std::string name;                        ///< For the command line.
  std::string mistake;                     ///< In a sentence, for the table.
  Mutant mutant = Mutant::kNone;           ///< Planted; or, where there is a switch for it already:
  std::function<void(Scenario&)> change = [](Scenario&) {};
};

const std::vector<MutantCase>& MutantCases();

}  // namespace weir::simulation
