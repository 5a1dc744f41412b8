// Whether one output of a job can be what came out of its input, as its readers see it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/simulation/world/input_model.h"
#include "tests/simulation/world/problem.h"

namespace weir::simulation {

/// What a checkpoint has read.
struct Reached {
  Positions positions;
  Positions ends = {};    ///< Partitions that stand there hold event time back no more.
  bool drained = false;   ///< Event time has come to its end.
};

/// Takes the records of one output in the order in which its readers see those of a key. One thread.
class OutputModel {
 public:
  virtual ~OutputModel() = default;

  virtual void Take(const std::string& bytes, Problems& problems) = 0;
  /// A record of the ledger of late rows.
  virtual void TakeLate(const std::string& bytes, Problems& problems) {
    problems.push_back({Damage::kWrong, "a late row, in a job without event time: " + bytes});
  }
  virtual void Clear() = 0;
  /// All that comes of what was read at `least` was taken, and nothing that comes of more than `most`.
  virtual void CheckCovers(const Reached& least, const Reached& most, const std::string& when,
                           Problems& problems) const = 0;
  uint64_t rows() const { return rows_; }

 protected:
  uint64_t rows_ = 0;
};

}  // namespace weir::simulation
