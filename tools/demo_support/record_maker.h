// What the loader loads.
#pragma once

#include <cstdint>
#include <string>

namespace demo {

/// The n-th record depends on the seed and n alone, so that a run can be repeated.
class RecordMaker {
 public:
  virtual ~RecordMaker() = default;
  /// Replaces `json` by the n-th record; returns a number by which to choose its partition, unrelated to its key.
  virtual uint64_t Make(uint64_t n, std::string* json) const = 0;
};

}  // namespace demo
