// Runs a job as Main does, with one defence of the commit protocol switched off. No configuration of a job can do that:
// this is what the fault tests show the worth of the defence with.
#pragma once

#include <string>

#include "operators/pipeline.h"

namespace weir::test {

/// `without`: "witness" or "producer-replacement". `argv`: "run", then "-D key=value" as often as wanted.
int RunWithout(const std::string& without, int argc, char** argv, const Pipeline& pipeline);

}  // namespace weir::test
