#include "connectors/format/timestamp.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace weir {
namespace {

constexpr int64_t kMillisPerMinute = 60'000;
constexpr int64_t kMillisPerDay = 24 * 60 * kMillisPerMinute;

class TimestampReader {
 public:
  explicit TimestampReader(std::string_view text) : rest_(text) {}

  bool Read(int64_t& millis) {
    if (!ReadDate(millis)) return false;
    if (rest_.empty()) return true;
    if (!Take('T') && !Take('t') && !Take(' ')) return false;
    return ReadTime(millis) && ReadZone(millis) && rest_.empty();
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `digits` digits that make at most `max`.
  bool Number(size_t digits, int max, int& number) {
    if (rest_.size() < digits) return false;
    number = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return number <= max;
  }

  bool ReadDate(int64_t& millis) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (!(Number(4, 9999, year) && Take('-') && Number(2, 12, month) && Take('-') && Number(2, 31, day))) return false;
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return false;
    millis = int64_t{std::chrono::sys_days{date}.time_since_epoch().count()} * kMillisPerDay;
    return true;
  }

  bool ReadTime(int64_t& millis) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!(Number(2, 23, hour) && Take(':') && Number(2, 59, minute))) return false;
    millis += (hour * 60 + minute) * kMillisPerMinute;
    if (!Take(':')) return true;
    if (!Number(2, 59, second)) return false;
    millis += second * int64_t{1000};
    if (!Take('.')) return true;
    size_t digits = 0;
    for (int worth = 100; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; worth /= 10, ++digits) {
      millis += (rest_.front() - '0') * worth;
      rest_.remove_prefix(1);
    }
    return digits > 0;
  }

  bool ReadZone(int64_t& millis) {
    if (rest_.empty() || Take('Z') || Take('z')) return true;
    const bool ahead = Take('+');
    if (!ahead && !Take('-')) return false;
    int hours = 0;
    int minutes = 0;
    if (!Number(2, 23, hours)) return false;
    const bool colon = Take(':');
    if ((colon || !rest_.empty()) && !Number(2, 59, minutes)) return false;
    const int64_t offset = (hours * 60 + minutes) * kMillisPerMinute;
    millis += ahead ? -offset : offset;
    return true;
  }

  std::string_view rest_;
};

constexpr std::string_view kUsual = "0000-00-00 00:00:00.000";

/// More than 9 if it is none.
constexpr uint32_t Digit(char c) { return static_cast<unsigned char>(c - '0'); }

/// Days from 1970-01-01 by the Gregorian calendar. REQUIRES: a date that there is, of the years 0 to 9999.
constexpr int64_t DaysOf(int64_t year, int64_t month, int64_t day) {
  // Years are counted from March, so that the leap day ends one.
  const int64_t years = month > 2 ? year : year - 1;
  const int64_t months = month > 2 ? month - 3 : month + 9;
  constexpr int64_t kDaysBefore1970 = 719'468;   // From 0000-03-01.
  const int64_t in_years = 365 * years + (years + 400) / 4 - (years + 400) / 100 + (years + 400) / 400;
  constexpr int64_t kLeapDaysOf400Years = 97;
  return in_years - kLeapDaysOf400Years + (153 * months + 2) / 5 + day - 1 - kDaysBefore1970;
}

/// The form that records are full of, "2015-07-15 00:00:00.000", also with T and Z. False if it is another or no date.
bool ReadUsual(std::string_view text, int64_t& millis) {
  if (text.size() == kUsual.size() + 1 && text.back() == 'Z') text.remove_suffix(1);
  if (text.size() != kUsual.size()) return false;
  const auto two = [&](size_t at) { return Digit(text[at]) * 10 + Digit(text[at + 1]); };
  uint32_t largest = 0;
  for (const size_t at : {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22}) {
    largest = std::max(largest, Digit(text[at]));
  }
  const bool shaped = text[4] == '-' && text[7] == '-' && (text[10] == ' ' || text[10] == 'T') && text[13] == ':' &&
                      text[16] == ':' && text[19] == '.';
  const uint32_t month = two(5);
  const uint32_t day = two(8);
  // Days that only some months have are left to the reader of all forms.
  if (!shaped || largest > 9 || month - 1 > 11 || day - 1 > 27 || two(11) > 23 || two(14) > 59 || two(17) > 59) {
    return false;
  }
  millis = DaysOf(two(0) * 100 + two(2), month, day) * kMillisPerDay + two(11) * 60 * kMillisPerMinute +
           two(14) * kMillisPerMinute + two(17) * 1000 + Digit(text[20]) * 100 + two(21);
  return true;
}

}  // namespace

bool ParseTimestamp(std::string_view text, EventTime* out) {
  int64_t millis = 0;
  if (ReadUsual(text, millis)) {
    *out = EventTime{millis};
    return true;
  }
  if (!TimestampReader(text).Read(millis)) return false;
  *out = EventTime{millis};
  return true;
}

bool AppendTimestamp(EventTime time, std::string& out) {
  using std::chrono::milliseconds;
  constexpr int64_t kFirst = -62'167'219'200'000;   // 0000-01-01T00:00:00.000Z
  constexpr int64_t kLast = 253'402'300'799'999;    // 9999-12-31T23:59:59.999Z
  if (time.millis < kFirst || time.millis > kLast) return false;
  const std::chrono::sys_time<milliseconds> point{milliseconds{time.millis}};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const int64_t of_day = (point - day).count();
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z"),
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                 of_day / 3'600'000, of_day / kMillisPerMinute % 60, of_day / 1000 % 60, of_day % 1000);
  return true;
}

}  // namespace weir
