// What a window join refuses. What it gives is in tests/contract/operators.
#include "operators/join/window_join.h"

#include <gmock/gmock.h>

#include "connectors/generator/generator.h"
#include "operators/pipeline.h"

namespace weir::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

struct Event {
  int64_t key = 0;
  int64_t time = 0;
};

template <class W>
std::vector<std::string> ProblemsWith(W window) {
  Pipeline pipeline{"joins"};
  const auto source = [&](const char* id) {
    return pipeline.Source(id, generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
        .Timestamps(&Event::time, BoundedDisorder{20ms}).KeyBy(&Event::key);
  };
  generator::Discard(source("l").WindowJoin(source("r"), window)
                         .Inner("join", [](const Event& l, const Event&) { return l; }));
  return pipeline.graph().Problems();
}

TEST(WindowJoin, RefusesWindowsThatCannotBe) {
  EXPECT_THAT(ProblemsWith(Tumbling{0ms}),
              testing::Contains(HasSubstr("window_join 'join': ")));
  EXPECT_THAT(ProblemsWith(Sliding{.size = 10ms, .slide = 3ms}),
              testing::Contains(HasSubstr("window_join 'join': ")));
}

TEST(WindowJoin, DoesNotTakeWindowsOfProcessingTime) {
  EXPECT_THAT(ProblemsWith(Tumbling{10ms}.OnProcessingTime()),
              testing::Contains(HasSubstr("by event time")));
}

}  // namespace
}  // namespace weir::test
