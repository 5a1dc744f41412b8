// The jobs of the simulated runs. Those without event time emit exactly one row for every row they read, which says where that
// row came from and what the state made of it, so that the whole output can be judged; for the others see timed_jobs.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "operators/pipeline.h"
#include "tests/simulation/world/timed_jobs.h"

namespace weir::simulation {

enum class JobKind {
  kAuctionTotals,  ///< Source, keyBy, aggregate, topic: the example of the same name.
  kTwoExchanges,   ///< Two sources, union, keyBy, aggregate, keyBy, process that forgets keys, topic.
  kFiles,          ///< As kAuctionTotals, into files: commits by CURRENT.
  kBothSinks,      ///< Source, keyBy, aggregate, keyBy, reduce, and the same rows into a topic and into files.
  kCopies,         ///< Source, filter, map, no state, and the same rows into two topics.
  kWindows,        ///< Sliding windows and sessions.
  kTimers,         ///< A function with timers, in the place of windows.
  kJoins,          ///< Two sources joined by interval and by window; one of them in the order of time.
  kDiamond,        ///< The same, where both sides are of one source.
};
inline constexpr JobKind kJobKinds[] = {JobKind::kAuctionTotals, JobKind::kTwoExchanges, JobKind::kFiles,
                                        JobKind::kBothSinks, JobKind::kCopies,
                                        JobKind::kWindows, JobKind::kTimers, JobKind::kJoins, JobKind::kDiamond};
std::string_view NameOf(JobKind kind);

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
  int64_t source = 0;
  int64_t partition = 0;   // Where it was read, as `offset`: not part of its bytes.
  int64_t offset = 0;
};

struct Total {
  int64_t auction = 0;
  int64_t source = 0;
  int64_t partition = 0;
  int64_t offset = 0;
  int64_t price = 0;
  int64_t count = 0;         // Of the auction, with this bid.
  int64_t sum = 0;
  int64_t group = 0;
  int64_t group_count = 0;   // Of the group, in the jobs with a second exchange.
  int64_t group_sum = 0;
};

inline constexpr int64_t kGroups = 5;
inline int64_t GroupOf(int64_t price) { return price % kGroups; }

/// What a judge must know of a job.
struct JobShape {
  std::string job;
  std::vector<std::string> input_topics;   ///< By Bid::source.
  bool topic_sink = true;
  bool file_sink = false;
  bool second_topic = false;
  bool counts = true;                      ///< Rows say how many of their auction came before.
  bool second_exchange = false;
  int64_t lap = 0;                         ///< A group's count starts again after so many rows; 0: never.
  bool timed = false;                      ///< Rows have times, and facts come out.
};
JobShape ShapeOf(JobKind kind);

inline constexpr const char* kOutputTopic = "totals";
inline constexpr const char* kSecondTopic = "copies";
inline constexpr const char* kOutputDirectory = "/out/totals";
inline constexpr const char* kCheckpointDirectory = "/checkpoints";

/// `output_partitions`: of the output topic, which the job creates. `times`: of jobs that are timed.
Pipeline MakePipeline(JobKind kind, int32_t output_partitions, const EventTimes& times);

/// The bytes of a bid as a producer would write them.
std::string BidBytes(int64_t auction, int64_t price, int64_t source);

}  // namespace weir::simulation
