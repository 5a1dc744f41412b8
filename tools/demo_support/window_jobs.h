// The jobs with windows that the demo can run: what their records look like, and which windows they are to make. Written
// down a second time on purpose: nothing here is the job's own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace demo {

struct WindowRule {
  int64_t size_ms = 0;       ///< Of a session: the gap that ends it.
  int64_t slide_ms = 0;      ///< 0: sessions.
  int64_t disorder_ms = 0;   ///< A partition's watermark is its greatest time less this.

  bool sessions() const { return slide_ms == 0; }
};

struct WindowJob {
  std::string_view name;
  WindowRule rule;
  std::string_view key;      ///< Fields of the input ...
  std::string_view time;
  std::string_view rows;     ///< ... and of the output, beside the key and `window`.

  // What is loaded: half of it for the hot keys, the others for any.
  uint64_t keys = 1;
  uint64_t hot_keys = 1;
  int64_t step_ms = 1;       ///< Event time between two records.
};

/// Null if there is none of that name.
const WindowJob* FindWindowJob(std::string_view name);

/// "hot-auctions, sessions"
std::string WindowJobNames();

}  // namespace demo
