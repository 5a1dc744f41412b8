// What tasks acknowledge, added up.
#include "runtime/engine/manifest_builder.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(ManifestBuilder, CountsARowThatTwoOperatorsFindLateAsReadOnce) {
  TaskAcknowledgement reading;
  reading.rows_read = 10;
  reading.poison = 2;
  TaskAcknowledgement windows;
  windows.counts = {{"by-second", 8, 7, 1, 0}, {"by-minute", 8, 7, 1, 0}};
  for (const uint64_t earlier : {0, 100}) {
    Manifest head;
    head.counts = {.processed = earlier, .late = 0, .poison = 0};
    ManifestBuilder builder(head, {}, {});
    builder.Add(reading);
    builder.Add(windows);
    const Manifest made = builder.Finish();
    EXPECT_EQ(made.counts, (LedgerCounts{.processed = earlier + 8, .late = 2, .poison = 2}));
    ASSERT_EQ(made.operator_counts.size(), 2u);
    for (const OperatorCounts& counts : made.operator_counts) {
      EXPECT_EQ(counts.rows_in, counts.counts.processed + counts.counts.late + counts.counts.poison);
    }
  }
}

}  // namespace
}  // namespace weir
