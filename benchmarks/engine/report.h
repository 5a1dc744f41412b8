// How a benchmark of one worker is asked and what it prints: two lines a case, the throughput and the steps, each with its
// target.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/engine/one_worker.h"

namespace weir::bench {

/// The command line.
struct Asked {
  int runs = 5;
  int64_t rows = 0;
  std::string only;        ///< A case; empty: all.
  std::string directory;   ///< Where checkpoints go; emptied first.

  bool Wants(const std::string& name) const { return only.empty() || only == name; }
};

/// Ends the process where there is something wrong with it, or help was asked for.
Asked Parse(int argc, char** argv, const std::string& what, const std::vector<std::string>& cases, int64_t default_millions);

struct CaseNumbers {
  std::string name;
  int64_t keys = 0;
  double target_millions = 0;   ///< Rows a CPU-second of the worker; zero: none.
  bool steps_count = true;      ///< Its steps have targets.
};

/// Runs the case `asked.runs` times for its throughput and once for its steps, and prints both.
void Report(const Asked& asked, const CaseNumbers& numbers, const std::function<Figures(Timing)>& run_once);

}  // namespace weir::bench
