// The two records of the demo's job as the verifier sees them.
#pragma once

#include <cstdint>

namespace demo {

/// A record of the input: a bid and where it stands there.
struct Bid {
  int64_t partition = 0;   ///< Of the topic, or a number given to a file.
  int64_t offset = 0;      ///< Of the record, or the byte where the file's line starts.
  int64_t auction = 0;
  int64_t price = 0;
};

/// A record of the output: what the job says about one bid.
struct Total {
  int64_t auction = 0;
  int64_t partition = 0;
  int64_t offset = 0;
  int64_t price = 0;
  int64_t count = 0;
  int64_t sum = 0;
};

/// Where a record of the output was found.
struct OutputPlace {
  int64_t partition = 0;
  int64_t offset = 0;
};

}  // namespace demo
