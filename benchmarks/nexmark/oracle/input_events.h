// Events as the oracle reads them from the input topic's bytes; it knows nothing of who made them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace oracle {

/// `type` is the envelope's event_type. Of the fields only those of that type mean anything; views are of the reader.
struct InputEvent {
  enum Type { kPerson = 0, kAuction = 1, kBid = 2 };
  int64_t type = kBid;
  int64_t millis = 0;
  int64_t id = 0;              ///< Person, auction.
  std::string_view name;       ///< Person.
  int64_t seller = 0;          ///< Auction.
  int64_t auction = 0;         ///< Bid, as all below.
  int64_t bidder = 0;
  int64_t price = 0;
  std::string_view extra;
};

/// One thread.
class EventReader {
 public:
  EventReader();
  ~EventReader();
  /// False if the bytes are no event. Views live until the next call.
  bool Read(std::string_view bytes, InputEvent& event);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Reads "2015-07-15 00:00:00.000", also with T in the middle and Z at the end, and without the fraction.
bool ReadTime(std::string_view text, int64_t& millis);

}  // namespace oracle
