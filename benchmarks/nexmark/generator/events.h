// What the generator makes: one of three kinds of event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nexmark {

enum class Kind : uint8_t { kPerson = 0, kAuction = 1, kBid = 2 };

struct Person {
  int64_t id = 0;
  std::string name;
  std::string email_address;
  std::string credit_card;
  std::string_view city;
  std::string_view state;
  int64_t millis = 0;
  std::string_view extra;
};

struct Auction {
  int64_t id = 0;
  std::string item_name;
  std::string description;
  int64_t initial_bid = 0;
  int64_t reserve = 0;
  int64_t millis = 0;
  int64_t expires_millis = 0;
  int64_t seller = 0;
  int64_t category = 0;
  std::string_view extra;
};

struct Bid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  std::string_view channel;
  std::string_view url;
  int64_t millis = 0;
  std::string_view extra;
};

/// Only the member that `kind` names means anything. Views live as long as the generator.
struct Event {
  Kind kind = Kind::kBid;
  Person person;
  Auction auction;
  Bid bid;
};

}  // namespace nexmark
