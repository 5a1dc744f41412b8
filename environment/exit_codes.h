// How a job's process ends, for supervisors and scripts.
#pragma once

namespace weir {

enum ExitCode : int {
  kExitFinished = 0,         ///< All done and committed: the input ended, or a signal asked for the end.
  kExitRefused = 1,          ///< Needs a person: the last log line says what for.
  kExitUsage = 2,            ///< The command line or the configuration is wrong.
  kExitRestartProcess = 75,  ///< Start me again: a client call is hung, or the last checkpoint before the end failed.
  kExitFenced = 76,          ///< A successor owns the job: do not restart.
};

}  // namespace weir
