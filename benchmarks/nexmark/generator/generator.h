// Nexmark events, each a function of (seed, number of the event) alone. The rules are those of nexmark-flink with its
// defaults (1 person, 3 auctions, 46 bids of 50; 100,000 events a second of event time from 2015-07-15, in order), a
// single timeline, bidder numbers that begin where persons do.
//
//   Generator generator({.seed = 7});
//   Event event;
//   generator.Make(n, event);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/nexmark/generator/draws.h"
#include "benchmarks/nexmark/generator/events.h"

namespace nexmark {

/// What filler texts are made of.
enum class Filler : uint8_t {
  kClean,      ///< a to z.
  kFaithful,   ///< As nexmark-flink has it: half of it from H to `, with backslash and brackets.
};

struct GeneratorOptions {
  uint64_t seed = 1;
  Filler filler = Filler::kClean;
};

inline constexpr int64_t kFirstMillis = 1'436'918'400'000;   // 2015-07-15T00:00:00Z
inline constexpr int64_t kEventsPerSecond = 100'000;
inline constexpr int64_t kEventsPerEpoch = 50;

/// Event time of an event.
constexpr int64_t MillisOf(int64_t event) { return kFirstMillis + event * (1'000'000 / kEventsPerSecond) / 1000; }

/// One thread; some milliseconds to make.
class Generator {
 public:
  explicit Generator(GeneratorOptions options);

  /// Makes event number `event` (from 0). Texts of `out` are overwritten in place.
  void Make(int64_t event, Event& out) const;

 private:
  struct Channel {
    std::string name;
    std::string url;
  };

  void MakePerson(int64_t event, Draws& draws, Person& person) const;
  void MakeAuction(int64_t event, Draws& draws, Auction& auction) const;
  void MakeBid(int64_t event, Draws& draws, Bid& bid) const;
  Channel MakeChannel(int number) const;
  /// Brings a row of `size_now` bytes to about `size_wanted`.
  std::string_view Extra(Draws& draws, int64_t size_now, int64_t size_wanted) const;

  const GeneratorOptions options_;
  std::string filler_;
  std::vector<Channel> hot_channels_;
  std::vector<Channel> channels_;
};

}  // namespace nexmark
