// Reads the fields that the verifier needs out of the JSON of bids and totals.
#pragma once

#include <memory>
#include <string_view>

#include "tools/demo_support/records.h"

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

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace demo
