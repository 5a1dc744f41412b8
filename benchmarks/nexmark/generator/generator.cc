#include "benchmarks/nexmark/generator/generator.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace nexmark {
namespace {

constexpr int64_t kAuctionsPerEpoch = 3;
constexpr int64_t kFirstPerson = 1000;
constexpr int64_t kFirstAuction = 1000;
constexpr int64_t kFirstCategory = 10;
constexpr int64_t kCategories = 5;
constexpr int64_t kActivePeople = 1000;
constexpr int64_t kAuctionsInFlight = 100;
constexpr int64_t kLead = 10;
constexpr int64_t kHotGroup = 100;   // Of so many ids, one is hot.
constexpr int64_t kHotAuctionRatio = 2;
constexpr int64_t kHotSellersRatio = 4;
constexpr int64_t kHotBiddersRatio = 4;
constexpr int64_t kHotChannelsRatio = 2;
constexpr int kChannels = 10'000;
constexpr int64_t kPersonBytes = 200;
constexpr int64_t kAuctionBytes = 500;
constexpr int64_t kBidBytes = 100;
constexpr size_t kFillerBytes = 1 << 20;
// Streams of what is made once; events have the small numbers.
constexpr uint64_t kFillerStream = uint64_t{1} << 63;
constexpr uint64_t kHotChannelStream = kFillerStream + 1;
constexpr uint64_t kChannelStream = kFillerStream + 1000;

constexpr std::array<std::string_view, 11> kFirstNames = {"Peter", "Paul",  "Luke",   "John",   "Saul", "Vicky",
                                                          "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::array<std::string_view, 9> kLastNames = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                                        "Walton", "Smith",  "Jones",   "Noris"};
constexpr std::array<std::string_view, 10> kCities = {"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
                                                      "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
constexpr std::array<std::string_view, 6> kStates = {"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::array<std::string_view, 4> kHotChannels = {"Google", "Facebook", "Baidu", "Apple"};

template <size_t N>
std::string_view Pick(Draws& draws, const std::array<std::string_view, N>& from) {
  return from[static_cast<size_t>(draws.Below(N))];
}

int64_t LastPerson(int64_t event) { return event / kEventsPerEpoch; }

int64_t LastAuction(int64_t event) {
  const int64_t epoch = event / kEventsPerEpoch;
  const int64_t place = event % kEventsPerEpoch;
  if (place < 1) return (epoch - 1) * kAuctionsPerEpoch + kAuctionsPerEpoch - 1;
  return epoch * kAuctionsPerEpoch + std::min(place - 1, kAuctionsPerEpoch - 1);
}

/// One of the last persons, or of those to come soon.
int64_t NextPerson(int64_t event, Draws& draws) {
  const int64_t people = LastPerson(event) + 1;
  const int64_t active = std::min(people, kActivePeople);
  return people - active + draws.Below(active + kLead);
}

int64_t NextAuction(int64_t event, Draws& draws) {
  const int64_t max = LastAuction(event);
  const int64_t min = std::max<int64_t>(max - kAuctionsInFlight, 0);
  return min + draws.Below(max - min + 1 + kLead);
}

int64_t HotOf(int64_t last) { return last / kHotGroup * kHotGroup; }

/// Cents from 1.00 to 1,000,000.00, uniform on a logarithmic scale.
int64_t Price(Draws& draws) { return std::llround(std::pow(10.0, draws.Unit() * 6) * 100); }

/// A word of 3 to max - 1 letters, now and then with a special one, without blanks around it.
void AppendWord(Draws& draws, int64_t max, char special, std::string& out) {
  const size_t begin = out.size();
  for (int64_t left = 3 + draws.Below(max - 3); left > 0; --left) {
    out += draws.Below(13) == 0 ? special : static_cast<char>('a' + draws.Below(26));
  }
  while (out.size() > begin && out.back() == ' ') out.pop_back();
  const size_t first = std::min(out.find_first_not_of(' ', begin), out.size());
  out.erase(begin, first - begin);
}

std::string Url(Draws& draws) {
  std::string url = "https://www.nexmark.com/";
  for (int folder = 0; folder < 3; ++folder) {
    AppendWord(draws, 5, '_', url);
    url += '/';
  }
  return url + "item.htm?query=1";
}

uint32_t ReverseBits(uint32_t bits) {
  uint32_t reversed = 0;
  for (int i = 0; i < 32; ++i, bits >>= 1) reversed = (reversed << 1) | (bits & 1);
  return reversed;
}

std::string MakeFiller(GeneratorOptions options) {
  Draws draws(options.seed, kFillerStream);
  std::string filler;
  while (filler.size() < kFillerBytes) {
    const auto letter = static_cast<int>(draws.Below(26));
    const bool below = options.filler == Filler::kFaithful && draws.Below(2) > 0;
    filler += static_cast<char>('a' + (below ? -letter : letter));
  }
  return filler;
}

}  // namespace

Generator::Generator(GeneratorOptions options) : options_(options), filler_(MakeFiller(options)) {
  for (size_t i = 0; i < kHotChannels.size(); ++i) {
    Draws draws(options.seed, kHotChannelStream + i);
    hot_channels_.push_back({std::string(kHotChannels[i]), Url(draws)});
  }
  for (int i = 0; i < kChannels; ++i) channels_.push_back(MakeChannel(i));
}

Generator::Channel Generator::MakeChannel(int number) const {
  Draws draws(options_.seed, kChannelStream + static_cast<uint64_t>(number));
  std::string url = Url(draws);
  if (draws.Below(10) > 0) {
    const auto id = static_cast<int32_t>(ReverseBits(static_cast<uint32_t>(number)));
    url += fmt::format("&channel_id={}", std::abs(int64_t{id}));
  }
  return {fmt::format("channel-{}", number), std::move(url)};
}

void Generator::Make(int64_t event, Event& out) const {
  Draws draws(options_.seed, static_cast<uint64_t>(event));
  const int64_t place = event % kEventsPerEpoch;
  if (place < 1) {
    out.kind = Kind::kPerson;
    MakePerson(event, draws, out.person);
  } else if (place < 1 + kAuctionsPerEpoch) {
    out.kind = Kind::kAuction;
    MakeAuction(event, draws, out.auction);
  } else {
    out.kind = Kind::kBid;
    MakeBid(event, draws, out.bid);
  }
}

void Generator::MakePerson(int64_t event, Draws& draws, Person& person) const {
  person.id = kFirstPerson + LastPerson(event);
  person.name = Pick(draws, kFirstNames);
  person.name += ' ';
  person.name += Pick(draws, kLastNames);
  person.email_address.clear();
  AppendWord(draws, 7, ' ', person.email_address);
  person.email_address += '@';
  AppendWord(draws, 5, ' ', person.email_address);
  person.email_address += ".com";
  person.credit_card.clear();
  for (int group = 0; group < 4; ++group) {
    fmt::format_to(std::back_inserter(person.credit_card), FMT_COMPILE("{}{:04}"), group == 0 ? "" : " ",
                   draws.Below(10'000));
  }
  person.city = Pick(draws, kCities);
  person.state = Pick(draws, kStates);
  person.millis = MillisOf(event);
  const size_t texts = person.name.size() + person.email_address.size() + person.credit_card.size() +
                       person.city.size() + person.state.size();
  person.extra = Extra(draws, 8 + static_cast<int64_t>(texts), kPersonBytes);
}

void Generator::MakeAuction(int64_t event, Draws& draws, Auction& auction) const {
  auction.id = kFirstAuction + LastAuction(event);
  auction.seller = kFirstPerson + (draws.Below(kHotSellersRatio) > 0 ? HotOf(LastPerson(event))
                                                                     : NextPerson(event, draws));
  auction.category = kFirstCategory + draws.Below(kCategories);
  auction.initial_bid = Price(draws);
  auction.millis = MillisOf(event);
  // Until about as many auctions are made as are in flight.
  const int64_t events_ahead = kAuctionsInFlight * kEventsPerEpoch / kAuctionsPerEpoch;
  const int64_t horizon = MillisOf(event + events_ahead) - auction.millis;
  auction.expires_millis = auction.millis + 1 + draws.Below(std::max<int64_t>(2 * horizon, 1));
  auction.item_name.clear();
  AppendWord(draws, 20, ' ', auction.item_name);
  auction.description.clear();
  AppendWord(draws, 100, ' ', auction.description);
  auction.reserve = auction.initial_bid + Price(draws);
  const size_t texts = auction.item_name.size() + auction.description.size();
  auction.extra = Extra(draws, 8 + static_cast<int64_t>(texts) + 40, kAuctionBytes);
}

void Generator::MakeBid(int64_t event, Draws& draws, Bid& bid) const {
  bid.auction = kFirstAuction + (draws.Below(kHotAuctionRatio) > 0 ? HotOf(LastAuction(event))
                                                                   : NextAuction(event, draws));
  bid.bidder = kFirstPerson + (draws.Below(kHotBiddersRatio) > 0 ? HotOf(LastPerson(event)) + 1
                                                                 : NextPerson(event, draws));
  bid.price = Price(draws);
  const std::vector<Channel>& channels = draws.Below(kHotChannelsRatio) > 0 ? hot_channels_ : channels_;
  const Channel& channel = channels[static_cast<size_t>(draws.Below(static_cast<int64_t>(channels.size())))];
  bid.channel = channel.name;
  bid.url = channel.url;
  bid.millis = MillisOf(event);
  bid.extra = Extra(draws, 32, kBidBytes);
}

std::string_view Generator::Extra(Draws& draws, int64_t size_now, int64_t size_wanted) const {
  if (size_now > size_wanted) return {};
  const int64_t average = size_wanted - size_now;
  const int64_t spread = std::llround(0.2 * static_cast<double>(average));
  const int64_t size = average - spread + (spread > 0 ? draws.Below(2 * spread) : 0);
  const int64_t begin = draws.Below(static_cast<int64_t>(filler_.size()) - size);
  return std::string_view(filler_).substr(static_cast<size_t>(begin), static_cast<size_t>(size));
}

}  // namespace nexmark
