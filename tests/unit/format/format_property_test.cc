// Random rows through every format, and random damage to what the encoders wrote.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iostream>

#include "connectors/format/csv.h"
#include "connectors/format/json.h"
#include "runtime/base/random.h"

namespace weir {
namespace {

enum class Side : int16_t { kBuy = -1, kSell = 1 };
struct Price {
  int32_t amount;
  std::string currency;
  uint8_t digits;
  friend bool operator==(const Price&, const Price&) = default;
};
struct Trade {
  int64_t trade_id;
  uint64_t hash;
  double weight;
  float share;
  bool open;
  Side side;
  std::string note;
  Price price;
  std::string_view symbol;
  EventTime date_time;
  Decimal<6> paid;
  friend bool operator==(const Trade&, const Trade&) = default;
};

/// Letters that formats treat specially, and some of several bytes.
std::string RandomText(Random& random) {
  static const std::string letters[] = {"a",    "\"",     "\\",         ",", "\n",    "\r",
                                        "\x01", "\u00e4", "\U0001F600", "/", "bcdefgh"};
  std::string text;
  for (uint64_t n = random.Below(20); n > 0; --n) text += letters[random.Below(std::size(letters))];
  return text;
}

template <class Float, class Bits>
Float RandomFloat(Random& random) {
  for (;;) {
    const auto number = std::bit_cast<Float>(static_cast<Bits>(random.Next()));
    if (std::isfinite(number)) return number;
  }
}

Trade RandomTrade(Random& random, Arena& arena) {
  Trade trade{};
  trade.trade_id = static_cast<int64_t>(random.Next());
  trade.hash = random.Next();
  trade.weight = RandomFloat<double, uint64_t>(random);
  trade.share = RandomFloat<float, uint32_t>(random);
  trade.open = random.OneIn(2);
  trade.side = random.OneIn(2) ? Side::kBuy : Side::kSell;
  trade.note = RandomText(random);
  trade.price = {static_cast<int32_t>(random.Next()), RandomText(random), static_cast<uint8_t>(random.Next())};
  trade.symbol = arena.Copy(RandomText(random));
  trade.date_time.millis = static_cast<int64_t>(random.Next());
  trade.paid = Decimal<6>::FromUnits(static_cast<int64_t>(random.Next()) * Int128{1'000'000'007} >> random.Below(90));
  return trade;
}

class AnyFormat : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const RowType& row = RowTypeOf<Trade>();
    const JsonOptions json{.names = NameStyle::kCamelCase, .unknown = UnknownFields::kRefuse,
                           .missing = MissingFields::kRefuse};
    const bool csv = GetParam() == std::string("csv");
    encoder_ = csv ? NewCsvEncoder(row) : NewJsonEncoder(row, json);
    decoder_ = csv ? NewCsvDecoder(row) : NewJsonDecoder(row, json);
    std::cout << "seed " << seed_ << "\n";
  }
  std::string Encoded(const Trade& trade) {
    std::string out;
    EXPECT_EQ(encoder_->Encode(&trade, out), Status::Ok());
    return out;
  }
  const uint64_t seed_ = SystemRandom().Next();
  SeededRandom random_{seed_};
  Arena arena_;
  std::unique_ptr<RowEncoder> encoder_;
  std::unique_ptr<RowDecoder> decoder_;
};

TEST_P(AnyFormat, ReadsBackWhatItWrites) {
  for (int i = 0; i < 5'000; ++i) {
    const Trade trade = RandomTrade(random_, arena_);
    const std::string bytes = Encoded(trade);
    Trade read{};
    ASSERT_EQ(decoder_->Decode(bytes, &read, arena_), Status::Ok()) << bytes;
    ASSERT_EQ(read, trade) << bytes;
  }
}

TEST_P(AnyFormat, SurvivesTenThousandDamagedRecords) {
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes = Encoded(RandomTrade(random_, arena_));
    if (random_.OneIn(2)) bytes.resize(random_.Below(bytes.size()));
    for (uint64_t n = random_.Below(4); n > 0 && !bytes.empty(); --n) {
      bytes[random_.Below(bytes.size())] ^= static_cast<char>(1 << random_.Below(8));
    }
    const std::unique_ptr<char[]> exact(new char[bytes.size()]);   // So that a sanitizer sees a byte too many.
    std::copy(bytes.begin(), bytes.end(), exact.get());
    Trade read{};
    const Status status = decoder_->Decode({exact.get(), bytes.size()}, &read, arena_);
    ASSERT_TRUE(status.ok() || status.code() == Code::kUserError) << status.ToString();
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, AnyFormat, testing::Values("json", "csv"),
                         [](const auto& format) { return std::string(format.param); });

}  // namespace
}  // namespace weir
