#include "benchmarks/nexmark/generator/envelope.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace nexmark {
namespace {

void AppendText(std::string_view text, std::string& out) {
  out += '"';
  // What the generator makes is printable ASCII.
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void AppendTime(int64_t millis, std::string& out) {
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds{millis}};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const int64_t of_day = (point - day).count();
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("\"{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}\""),
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                 of_day / 3'600'000, of_day / 60'000 % 60, of_day / 1000 % 60, of_day % 1000);
}

/// Members of one object, in the order of the calls.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) {}
  void Number(std::string_view name, int64_t value) {
    Name(name);
    const fmt::format_int text(value);
    out_.append(text.data(), text.size());
  }
  void Text(std::string_view name, std::string_view value) {
    Name(name);
    AppendText(value, out_);
  }
  void Time(std::string_view name, int64_t millis) {
    Name(name);
    AppendTime(millis, out_);
  }
  void End() { out_ += '}'; }

 private:
  void Name(std::string_view name) {
    out_ += before_;
    before_ = ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  std::string& out_;
  char before_ = '{';
};

void AppendPerson(const Person& person, std::string& out) {
  Object object(out);
  object.Number("id", person.id);
  object.Text("name", person.name);
  object.Text("emailAddress", person.email_address);
  object.Text("creditCard", person.credit_card);
  object.Text("city", person.city);
  object.Text("state", person.state);
  object.Time("dateTime", person.millis);
  object.Text("extra", person.extra);
  object.End();
}

void AppendAuction(const Auction& auction, std::string& out) {
  Object object(out);
  object.Number("id", auction.id);
  object.Text("itemName", auction.item_name);
  object.Text("description", auction.description);
  object.Number("initialBid", auction.initial_bid);
  object.Number("reserve", auction.reserve);
  object.Time("dateTime", auction.millis);
  object.Time("expires", auction.expires_millis);
  object.Number("seller", auction.seller);
  object.Number("category", auction.category);
  object.Text("extra", auction.extra);
  object.End();
}

void AppendBid(const Bid& bid, std::string& out) {
  Object object(out);
  object.Number("auction", bid.auction);
  object.Number("bidder", bid.bidder);
  object.Number("price", bid.price);
  object.Text("channel", bid.channel);
  object.Text("url", bid.url);
  object.Time("dateTime", bid.millis);
  object.Text("extra", bid.extra);
  object.End();
}

}  // namespace

void AppendEnvelope(const Event& event, std::string& out) {
  switch (event.kind) {
    case Kind::kPerson:
      out += R"({"event_type":0,"person":)";
      AppendPerson(event.person, out);
      out += R"(,"auction":null,"bid":null})";
      return;
    case Kind::kAuction:
      out += R"({"event_type":1,"person":null,"auction":)";
      AppendAuction(event.auction, out);
      out += R"(,"bid":null})";
      return;
    case Kind::kBid:
      out += R"({"event_type":2,"person":null,"auction":null,"bid":)";
      AppendBid(event.bid, out);
      out += '}';
  }
}

}  // namespace nexmark
