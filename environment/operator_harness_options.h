// How an operator is run in a test of it.
#pragma once

#include <cstdint>

namespace weir::test {

struct OperatorHarnessOptions {
  uint32_t parallelism = 1;
  /// Of each input. Split s is read by instance s modulo the parallelism, as in a job.
  uint32_t splits = 1;
  /// kAsWritten: a call returns when all that follows from it was done. kDrawn: rows and watermarks wait until something is
  /// asked for (Run, RunSteps, Barrier, Take...); then splits are read in an order that the seed decides, as in a job.
  enum class Order { kAsWritten, kDrawn } order = Order::kAsWritten;
  /// kOneSlot: every channel holds one message, and what takes the output refuses every second one.
  enum class Output { kTaken, kOneSlot } output = Output::kTaken;
  uint64_t seed = 1;
};

}  // namespace weir::test
