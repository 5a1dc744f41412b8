// Runs a pipeline without a broker on one worker, with a real checkpoint (RocksDB, fsync) every second, and measures the CPU
// of that worker alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "operators/pipeline.h"
#include "runtime/base/clock.h"

namespace weir::bench {

struct Figures {
  double rows_per_worker_second = 0;
  double worker_seconds = 0;
  double other_seconds = 0;        ///< CPU of all other threads.
  double wall_seconds = 0;
  double step_p999_ms = 0;         ///< CPU time of a step; only with Timing::kSteps.
  double step_max_ms = 0;
  uint64_t commits = 0;
  uint64_t entries_max = 0;        ///< Of keyed state, at a checkpoint.
};

/// Timing each step costs a little itself.
enum class Timing { kWhole, kSteps };

/// Until its bounded sources, of `rows` rows, are drained. `directory`: where checkpoints go; emptied first. `pacing_ahead`:
/// as in EngineOptions.
Figures RunOnOneWorker(const Pipeline& pipeline, int64_t rows, Timing how, const std::string& directory,
                       Duration pacing_ahead = Duration::max());

double Median(std::vector<double> values);

}  // namespace weir::bench
