#include "tests/fault/harness/live_judge.h"

#include <fmt/format.h>

#include <utility>

namespace weir::test {
namespace {

constexpr Millis kTopicMax{30'000};
constexpr Millis kReadMax{10'000};
constexpr Millis kEndMax{60'000};
constexpr Millis kPause{50};
constexpr size_t kShownMax = 20;

}  // namespace

Result<std::unique_ptr<LiveJudge>> LiveJudge::Start(const JobPlaces& places) {
  WEIR_ASSIGN_OR_RETURN(auto input, CommittedReader::Open(places.bootstrap, places.input, kTopicMax));
  WEIR_ASSIGN_OR_RETURN(auto output, CommittedReader::Open(places.bootstrap, places.topic, kTopicMax));
  WEIR_ASSIGN_OR_RETURN(auto markers,
                        CommittedReader::Open(places.bootstrap, "weir.markers." + places.job, kTopicMax));
  return std::unique_ptr<LiveJudge>(
      new LiveJudge(std::move(input), std::move(output), std::move(markers), places.job));
}

LiveJudge::LiveJudge(CommittedReader input, CommittedReader output, CommittedReader markers, std::string job)
    : input_(std::move(input)), output_(std::move(output)), markers_(std::move(markers)), job_(std::move(job)),
      thread_([this] { Run(); }) {}

LiveJudge::~LiveJudge() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LiveJudge::Run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    // The broker is away now and then: what was not read this time is read the next.
    (void)Look();
    lock.lock();
    changed_.wait_for(lock, kPause, [this] { return ending_; });
  }
}

Status LiveJudge::Look() {
  WEIR_RETURN_IF_ERROR(markers_.ReadCommitted(kReadMax));
  WEIR_RETURN_IF_ERROR(TakeMarkers());
  WEIR_RETURN_IF_ERROR(output_.ReadCommitted(kReadMax));
  // Whatever has an output was in the input before.
  WEIR_RETURN_IF_ERROR(input_.ReadCommitted(kReadMax));
  WEIR_RETURN_IF_ERROR(TakeRecords());
  // Partitions learn of a commit one by one; all of them know of an epoch once the next one has a marker.
  if (epochs_.newest() > 1) Note(epochs_.Settle(epochs_.newest() - 1));
  settled_ = epochs_.settled();
  return {};
}

Status LiveJudge::TakeMarkers() {
  for (const ReadRecord& record : markers_.Take()) {
    if (record.key != job_) continue;
    Marker marker = MarkerOf(record);
    epochs_.AddMarker(marker.n, marker.records, marker.timestamp_ms);
    if (epochs_seen_++ > 0 && (marker.n != last_.n + 1 || marker.incarnation != last_.incarnation)) {
      Note({fmt::format("marker {} of {} follows marker {} of {}", marker.n, marker.incarnation, last_.n,
                        last_.incarnation)});
    }
    last_ = std::move(marker);
  }
  return {};
}

Status LiveJudge::TakeRecords() {
  for (const ReadRecord& record : input_.Take()) {
    demo::Bid bid{record.partition, record.offset, 0, 0};
    if (!text_.ReadBid(record.value, &bid)) return Internal("no bid: " + record.value);
    judge_.AddBid(bid);
  }
  for (const ReadRecord& record : output_.Take()) {
    epochs_.AddRecord(record.partition, record.offset, record.timestamp_ms);
    demo::Total total;
    const demo::OutputPlace place{record.partition, record.offset};
    if (text_.ReadTotal(record.value, &total)) judge_.JudgeTotal(total, place);
    else judge_.JudgeUnreadable(record.value, place);
  }
  return {};
}

void LiveJudge::Note(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) {
    if (problem_count_++ < kShownMax) fmt::print("WRONG: {}\n", problem);
    problems_.push_back(problem);
  }
}

Result<LiveVerdict> LiveJudge::Finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
  WEIR_RETURN_IF_ERROR(markers_.ReadToEnd(kEndMax));
  WEIR_RETURN_IF_ERROR(TakeMarkers());
  WEIR_RETURN_IF_ERROR(output_.ReadToEnd(kEndMax));
  WEIR_RETURN_IF_ERROR(input_.ReadToEnd(kEndMax));
  WEIR_RETURN_IF_ERROR(TakeRecords());
  Note(epochs_.Settle());
  return LiveVerdict{judge_.Finish(), epochs_.settled(), std::move(problems_)};
}

}  // namespace weir::test
