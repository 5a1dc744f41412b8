// What one writes by hand with simdjson to read bids: the ceiling that Weir's decoder is held to.
#pragma once

#include <simdjson.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "benchmarks/nexmark/queries/input_rows.h"

namespace nexmark {

struct HandReadBid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  int64_t millis = 0;
  std::string_view extra;
};

/// Digits at fixed places of "2015-07-15 00:00:00.000".
inline int64_t MillisOf(std::string_view text) {
  const auto number = [&](size_t at, size_t digits) {
    int64_t value = 0;
    for (size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  if (text.size() != 23) throw std::runtime_error("no time: " + std::string(text));
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(number(0, 4))},
                                         std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                         std::chrono::day{static_cast<unsigned>(number(8, 2))}};
  const int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return (((days * 24 + number(11, 2)) * 60 + number(14, 2)) * 60 + number(17, 2)) * 1000 + number(20, 3);
}

/// One event at a time, by the members' order.
class HandReader {
 public:
  /// False if the event is no bid.
  bool Read(std::string_view json, HandReadBid& bid, bool with_extra) {
    buffer_.assign(json);
    buffer_.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document = parser_.iterate(buffer_.data(), json.size(), buffer_.capacity());
    simdjson::ondemand::object event = document.get_object();
    if (event.find_field("event_type").get_int64().value() != kBidEvent) return false;
    simdjson::ondemand::object fields = event.find_field("bid").get_object();
    bid.auction = fields.find_field("auction").get_int64();
    bid.bidder = fields.find_field("bidder").get_int64();
    bid.price = fields.find_field("price").get_int64();
    bid.millis = MillisOf(fields.find_field("dateTime").get_string());
    if (with_extra) bid.extra = fields.find_field("extra").get_string();
    return true;
  }

 private:
  simdjson::ondemand::parser parser_;
  std::string buffer_;
};

}  // namespace nexmark
