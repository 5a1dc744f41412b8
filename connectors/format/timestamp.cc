#include "connectors/format/timestamp.h"

#include <fmt/compile.h>
#include <fmt/format.h>

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

}  // namespace

bool ParseTimestamp(std::string_view text, EventTime* out) {
  int64_t millis = 0;
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
