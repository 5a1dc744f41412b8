#include "tools/demo_support/window_jobs.h"

#include <array>

namespace demo {
namespace {

constexpr std::array<WindowJob, 2> kJobs{{
    {.name = "hot-auctions",
     .rule = {.size_ms = 10'000, .slide_ms = 2'000, .disorder_ms = 4'000},
     .key = "auction",
     .time = "dateTime",
     .rows = "bids",
     .keys = 2'000,
     .hot_keys = 100,
     .step_ms = 1},
    {.name = "sessions",
     .rule = {.size_ms = 1'800'000, .disorder_ms = 60'000},
     .key = "user",
     .time = "time",
     .rows = "clicks",
     .keys = 20'000,
     .hot_keys = 2'000,
     .step_ms = 200},
}};

}  // namespace

const WindowJob* FindWindowJob(std::string_view name) {
  for (const WindowJob& job : kJobs) {
    if (job.name == name) return &job;
  }
  return nullptr;
}

std::string WindowJobNames() {
  std::string names;
  for (const WindowJob& job : kJobs) names += (names.empty() ? "" : ", ") + std::string(job.name);
  return names;
}

}  // namespace demo
