// Hand-driven stand-ins for what the engine gives the file connector.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/file/file_source.h"
#include "runtime/base/executor.h"
#include "runtime/base/simulated_file_system.h"

namespace weir {

class ManualQueue : public SerialQueue {
 public:
  void Post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  void RunAll() {
    while (!jobs_.empty()) {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
  }

 private:
  std::deque<std::function<void()>> jobs_;
};

class CountingWaker : public Waker {
 public:
  void Wake() override { ++wakes; }
  void WakeAt(Instant when) override { wake_at = when; }
  int wakes = 0;
  Instant wake_at{};
};

class ManualClock : public Clock {
 public:
  Instant Now() const override { return now; }
  int64_t WallMillis() const override { return 0; }
  Instant now{};
};

inline void PutFile(FileSystem& files, const std::string& path, const std::string& bytes) {
  ASSERT_TRUE(files.CreateDirectories(ParentOf(path)).ok());
  auto file = files.Create(path, Replace::kExisting);
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  ASSERT_TRUE((*file)->Append(bytes).ok());
  ASSERT_TRUE((*file)->Close().ok());
}

inline void AppendFile(FileSystem& files, const std::string& path, const std::string& bytes) {
  auto file = files.OpenForAppend(path, *files.Size(path));
  ASSERT_TRUE((*file)->Append(bytes).ok());
  ASSERT_TRUE((*file)->Close().ok());
}

using Lines = std::vector<std::pair<int64_t, std::string>>;

/// Reads one split until it waits or ends.
inline Lines ReadAll(RecordReader& reader, size_t index, Status* status = nullptr, size_t rows_max = 3) {
  Lines lines;
  for (;;) {
    const auto result = reader.Read(index, rows_max, [&](const RawRecord& record) {
      lines.emplace_back(record.offset.value(), std::string(record.value));
    });
    if (!result.ok()) {
      if (status == nullptr) ADD_FAILURE() << result.status().ToString();
      else *status = result.status();
      return lines;
    }
    if (result->state != SplitState::kMore) return lines;
  }
}

}  // namespace weir
