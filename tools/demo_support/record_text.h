// Reads the fields that the verifier needs out of the JSON of input and output.
#pragma once

#include <memory>
#include <string_view>

#include "tools/demo_support/records.h"
#include "tools/demo_support/window_jobs.h"

namespace demo {

/// One thread.
class RecordText {
 public:
  RecordText();
  ~RecordText();
  /// False unless `json` is an object with an integer auction and price. Leaves the place alone.
  bool ReadBid(std::string_view json, Bid* bid);
  /// False unless `json` is an object in which all fields of a total are integers.
  bool ReadTotal(std::string_view json, Total* total);

  /// Of jobs with windows, whose fields have the names that `job` gives. False unless all of them are there.
  bool ReadTimed(std::string_view json, const WindowJob& job, TimedRow* row);
  bool ReadWindow(std::string_view json, const WindowJob& job, FoundWindow* window);
  bool ReadLate(std::string_view json, LateRow* late);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace demo
