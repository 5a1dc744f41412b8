// What a judge finds wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::simulation {

enum class Damage {
  kLost,       ///< A row that was read, and whose epoch is committed, is not in the output.
  kDuplicated,
  kWrong,      ///< A row's count, sum or other content.
  kDisorder,
  kTorn,       ///< Output and marker disagree about what an epoch holds.
  kProtocol,   ///< An invariant of the commit protocol; the output itself may still be right.
  kLeftover,   ///< Something that the job should have cleaned up.
  kRefused,    ///< The job does not run, though it should.
  kStuck,      ///< The job runs and gets nowhere.
};
std::string_view NameOf(Damage damage);

struct Problem {
  Damage damage;
  std::string text;
};
using Problems = std::vector<Problem>;

}  // namespace weir::simulation
