#include "benchmarks/nexmark/generator/generator.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "benchmarks/nexmark/generator/envelope.h"

namespace nexmark {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

std::string Envelope(const Generator& generator, int64_t number) {
  Event event;
  generator.Make(number, event);
  std::string json;
  AppendEnvelope(event, json);
  return json;
}

class NexmarkGenerator : public testing::Test {
 protected:
  /// Calls `visit` with every event of the first `events`.
  template <class Visit>
  void ForEach(int64_t events, Visit visit) {
    Event event;
    for (int64_t number = 0; number < events; ++number) {
      generator_.Make(number, event);
      visit(number, event);
    }
  }
  const Generator generator_{{}};
};

TEST_F(NexmarkGenerator, MakesAnEventFromItsNumberAndTheSeedAlone) {
  const Generator other({});
  EXPECT_EQ(Envelope(other, 123'456), Envelope(generator_, 123'456));
  EXPECT_EQ(Envelope(other, 7), Envelope(generator_, 7));
  EXPECT_NE(Envelope(Generator({.seed = 2}), 7), Envelope(generator_, 7));
}

// Loaded topics and figures of different days are comparable only as long as this holds.
TEST_F(NexmarkGenerator, MakesWhatItMadeYesterday) {
  EXPECT_EQ(Envelope(generator_, 1'000'007),
            R"({"event_type":2,"person":null,"auction":null,"bid":{"auction":61000,"bidder":21001,"price":3295,"channel":"Google",)"
            R"("url":"https://www.nexmark.com/axl/jsep/cvv/item.htm?query=1",)"
            R"("dateTime":"2015-07-15 00:00:10.000","extra":"talxxbdvqcclxgcykoofhtbkmvolwyhdwzenwdupedbhpuknfolrvxjndfqmwpbsdawpltwuejadl"}})");
}

TEST_F(NexmarkGenerator, MakesOnePersonThreeAuctionsAnd46BidsOf50) {
  std::array<int, 3> kinds{};
  ForEach(5000, [&](int64_t, const Event& event) { ++kinds[static_cast<size_t>(event.kind)]; });
  EXPECT_THAT(kinds, testing::ElementsAre(100, 300, 4600));
}

TEST_F(NexmarkGenerator, NumbersPersonsAndAuctionsWithoutGaps) {
  int64_t persons = 1000;
  int64_t auctions = 1000;
  ForEach(5000, [&](int64_t, const Event& event) {
    if (event.kind == Kind::kPerson) { EXPECT_EQ(event.person.id, persons++); }
    if (event.kind == Kind::kAuction) { EXPECT_EQ(event.auction.id, auctions++); }
  });
}

TEST_F(NexmarkGenerator, PutsAHundredThousandEventsIntoASecond) {
  Event event;
  generator_.Make(100'004, event);
  EXPECT_EQ(event.bid.millis, 1'436'918'401'000);
  EXPECT_THAT(Envelope(generator_, 100'004), HasSubstr(R"("dateTime":"2015-07-15 00:00:01.000")"));
}

TEST_F(NexmarkGenerator, BidsOnAuctionsAndByPersonsThatExistOrComeSoon) {
  ForEach(100'000, [&](int64_t number, const Event& event) {
    if (event.kind != Kind::kBid) return;
    const int64_t epoch = number / kEventsPerEpoch;
    const int64_t last_auction = epoch * 3 + 2;
    EXPECT_THAT(event.bid.auction - 1000, AllOf(Ge(last_auction / 100 * 100 - 100), Le(last_auction + 10)));
    EXPECT_THAT(event.bid.bidder - 1000, AllOf(Ge(epoch - 1000), Le(epoch + 10)));
  });
}

TEST_F(NexmarkGenerator, HasTheHotShares) {
  int64_t bids = 0, hot_auction = 0, hot_bidder = 0, hot_channel = 0;
  ForEach(500'000, [&](int64_t, const Event& event) {
    if (event.kind != Kind::kBid) return;
    ++bids;
    hot_auction += event.bid.auction % 100 == 0 ? 1 : 0;
    hot_bidder += event.bid.bidder % 100 == 1 ? 1 : 0;
    hot_channel += event.bid.channel.starts_with("channel-") ? 0 : 1;
  });
  const auto share = [&](int64_t part) { return static_cast<double>(part) / static_cast<double>(bids); };
  EXPECT_NEAR(share(hot_auction), 0.5 + 0.5 * 0.01, 0.01);
  EXPECT_NEAR(share(hot_bidder), 0.75 + 0.25 * 0.01, 0.01);
  EXPECT_NEAR(share(hot_channel), 0.5, 0.01);
}

TEST_F(NexmarkGenerator, DrawsPricesUniformlyOnALogarithmicScale) {
  std::array<int, 6> decades{};
  ForEach(100'000, [&](int64_t, const Event& event) {
    if (event.kind != Kind::kBid) return;
    ASSERT_THAT(event.bid.price, AllOf(Ge(100), Le(100'000'000)));
    ++decades[std::min<size_t>(static_cast<size_t>(std::log10(static_cast<double>(event.bid.price))) - 2, 5)];
  });
  for (const int decade : decades) EXPECT_NEAR(decade, 92'000 / 6.0, 600);
}

TEST_F(NexmarkGenerator, FillsRowsToTheirSizes) {
  size_t bytes = 0;
  constexpr int64_t kEvents = 100'000;
  ForEach(kEvents, [&](int64_t number, const Event& event) {
    if (event.kind == Kind::kBid) { EXPECT_THAT(event.bid.extra.size(), AllOf(Ge(54u), Le(81u))); }
    if (event.kind == Kind::kAuction) { EXPECT_GT(event.auction.expires_millis, event.auction.millis); }
    bytes += Envelope(generator_, number).size();
  });
  EXPECT_NEAR(static_cast<double>(bytes) / kEvents, 334, 5);
}

TEST_F(NexmarkGenerator, KnowsTenThousandChannels) {
  std::set<std::string_view> channels;
  ForEach(500'000, [&](int64_t, const Event& event) {
    if (event.kind == Kind::kBid) channels.insert(event.bid.channel);
  });
  EXPECT_EQ(channels.size(), 10'004u);
}

TEST(NexmarkFiller, NeedsEscapesOnlyWhereItIsFaithful) {
  const Generator clean({});
  const Generator faithful({.filler = Filler::kFaithful});
  std::string clean_bytes;
  std::string faithful_bytes;
  for (int64_t number = 0; number < 1000; ++number) {
    clean_bytes += Envelope(clean, number);
    faithful_bytes += Envelope(faithful, number);
  }
  EXPECT_THAT(clean_bytes, Not(HasSubstr("\\")));
  EXPECT_THAT(faithful_bytes, AllOf(HasSubstr("\\\\"), HasSubstr("["), HasSubstr("H")));
}

}  // namespace
}  // namespace nexmark
