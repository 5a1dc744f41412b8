#include "benchmarks/nexmark/oracle/input_events.h"

#include <simdjson.h>

#include <chrono>

namespace oracle {

namespace ondemand = simdjson::ondemand;

struct EventReader::Parser {
  ondemand::parser json;
  std::string buffer;
};

namespace {

bool Digits(std::string_view text, size_t at, size_t count, int64_t& number) {
  number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    number = number * 10 + (text[i] - '0');
  }
  return true;
}

/// The members that queries use; others are of no interest.
void ReadMember(std::string_view key, ondemand::value value, InputEvent& event) {
  if (key == "id") event.id = value.get_int64();
  else if (key == "name") event.name = value.get_string();
  else if (key == "seller") event.seller = value.get_int64();
  else if (key == "auction") event.auction = value.get_int64();
  else if (key == "bidder") event.bidder = value.get_int64();
  else if (key == "price") event.price = value.get_int64();
  else if (key == "extra") event.extra = value.get_string();
  else if (key == "dateTime" && !ReadTime(value.get_string(), event.millis)) {
    throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
  }
}

}  // namespace

EventReader::EventReader() : parser_(std::make_unique<Parser>()) {}
EventReader::~EventReader() = default;

bool EventReader::Read(std::string_view bytes, InputEvent& event) {
  static constexpr std::string_view kMembers[] = {"person", "auction", "bid"};
  std::string& buffer = parser_->buffer;
  buffer.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
  buffer.assign(bytes);
  event = {};
  try {
    ondemand::document document = parser_->json.iterate(buffer.data(), buffer.size(), buffer.capacity());
    ondemand::object envelope = document.get_object();
    event.type = envelope["event_type"].get_int64();
    if (event.type < InputEvent::kPerson || event.type > InputEvent::kBid) return false;
    for (auto member : envelope[kMembers[event.type]].get_object()) {
      ReadMember(member.unescaped_key(), member.value(), event);
    }
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
  return true;
}

bool ReadTime(std::string_view text, int64_t& millis) {
  if (!text.empty() && text.back() == 'Z') text.remove_suffix(1);
  if (text.size() < 19 || text.size() == 20 || text.size() > 23) return false;
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
  const bool shaped = text[4] == '-' && text[7] == '-' && (text[10] == ' ' || text[10] == 'T') && text[13] == ':' &&
                      text[16] == ':';
  if (!shaped || !Digits(text, 0, 4, year) || !Digits(text, 5, 2, month) || !Digits(text, 8, 2, day) ||
      !Digits(text, 11, 2, hour) || !Digits(text, 14, 2, minute) || !Digits(text, 17, 2, second)) {
    return false;
  }
  if (text.size() > 20) {
    if (text[19] != '.' || !Digits(text, 20, text.size() - 20, fraction)) return false;
    for (size_t digits = text.size() - 20; digits < 3; ++digits) fraction *= 10;
  }
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return false;
  const int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  millis = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + fraction;
  return true;
}

}  // namespace oracle
