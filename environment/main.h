// The main function of a job's program.
//
//   int main(int argc, char** argv) {
//     weir::Pipeline pipeline{"totals"};
//     ...
//     return weir::Main(argc, argv, pipeline);
//   }
//
//   totals run    [--restore latest|none] [-D key=value]... [--config job.yaml]
//   totals replay --from earliest --to now [--end stop|drain] [-D ...]
//   totals plan   [--dot]        the physical graph, without connecting to anything
//   totals info                  names, folders and configuration of the job
#pragma once

#include "operators/pipeline.h"

namespace weir {

/// Runs what the command line says and returns the process's exit code (environment/exit_codes.h). SIGTERM and SIGINT
/// end the job with a last checkpoint; a second signal ends the process at once. Call it once, from main, before any
/// other thread is started.
int Main(int argc, char** argv, const Pipeline& pipeline);

}  // namespace weir
