#include "benchmarks/nexmark/oracle/expectation.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace oracle {
namespace {

constexpr int64_t kWindow = 10'000;
constexpr int64_t kSlide = 2'000;
constexpr int64_t kGap = 10'000;
constexpr int64_t kEveryAuction = 123;
constexpr int64_t kEurosInThousandths = 908;

int64_t FloorTo(int64_t millis, int64_t size) {
  const int64_t rest = millis % size;
  return millis - rest - (rest < 0 ? size : 0);
}

/// q0, q1, q2: a row a bid, or none.
class Stateless : public Expectation {
 public:
  explicit Stateless(Query query) : query_(query), row_(ColumnsOf(query)) {}

  void Add(const InputEvent& event, const RowVisitor& visit) override {
    if (event.type != InputEvent::kBid) return;
    if (query_ == Query::kQ2 && event.auction % kEveryAuction != 0) return;
    row_.Clear();
    row_.Number(event.auction);
    if (query_ != Query::kQ2) row_.Number(event.bidder);
    row_.Number(query_ == Query::kQ1 ? event.price * kEurosInThousandths : event.price);
    if (query_ != Query::kQ2) {
      row_.Number(event.millis);
      row_.Text(event.extra);
    }
    visit(row_);
  }
  void Finish(const RowVisitor&) override {}

 private:
  const Query query_;
  Row row_;
};

/// q5: of each sliding window, the auctions with the most bids.
class HottestAuctions : public Expectation {
 public:
  void Add(const InputEvent& event, const RowVisitor&) override {
    if (event.type == InputEvent::kBid) ++bids_[FloorTo(event.millis, kSlide)][event.auction];
  }

  void Finish(const RowVisitor& visit) override {
    std::set<int64_t> starts;
    for (const auto& [slide, _] : bids_) {
      for (int64_t start = slide + kSlide - kWindow; start <= slide; start += kSlide) starts.insert(start);
    }
    for (const int64_t start : starts) FinishWindow(start, visit);
  }

 private:
  void FinishWindow(int64_t start, const RowVisitor& visit) {
    std::unordered_map<int64_t, int64_t> counts;
    for (auto slide = bids_.lower_bound(start); slide != bids_.end() && slide->first < start + kWindow; ++slide) {
      for (const auto& [auction, bids] : slide->second) counts[auction] += bids;
    }
    int64_t most = 0;
    for (const auto& [_, bids] : counts) most = std::max(most, bids);
    for (const auto& [auction, bids] : counts) {
      if (bids < most) continue;
      row_.Clear();
      row_.Number(auction);
      row_.Number(bids);
      row_.Number(start);
      row_.Number(start + kWindow);
      visit(row_);
    }
  }

  std::map<int64_t, std::unordered_map<int64_t, int64_t>> bids_;   // By start of the slide, by auction.
  Row row_{ColumnsOf(Query::kQ5)};
};

/// q7: of each tumbling window, the bids with the highest price.
class HighestBids : public Expectation {
 public:
  void Add(const InputEvent& event, const RowVisitor&) override {
    if (event.type != InputEvent::kBid) return;
    Highest& highest = windows_[FloorTo(event.millis, kWindow)];
    if (event.price < highest.price) return;
    if (event.price > highest.price) highest = {event.price, {}};
    highest.bids.push_back({event.auction, event.bidder, event.millis, std::string(event.extra)});
  }

  void Finish(const RowVisitor& visit) override {
    for (const auto& [_, highest] : windows_) {
      for (const Bid& bid : highest.bids) {
        row_.Clear();
        row_.Number(bid.auction);
        row_.Number(bid.bidder);
        row_.Number(highest.price);
        row_.Number(bid.millis);
        row_.Text(bid.extra);
        visit(row_);
      }
    }
  }

 private:
  struct Bid {
    int64_t auction, bidder, millis;
    std::string extra;
  };
  struct Highest {
    int64_t price = -1;
    std::vector<Bid> bids;
  };

  std::map<int64_t, Highest> windows_;
  Row row_{ColumnsOf(Query::kQ7)};
};

/// q8: persons who came and opened an auction in the same tumbling window.
class NewSellers : public Expectation {
 public:
  void Add(const InputEvent& event, const RowVisitor&) override {
    const int64_t start = FloorTo(event.millis, kWindow);
    if (event.type == InputEvent::kPerson) persons_.emplace(start, event.id, event.name);
    if (event.type == InputEvent::kAuction) sellers_.emplace(start, event.seller);
  }

  void Finish(const RowVisitor& visit) override {
    for (const auto& [start, id, name] : persons_) {
      if (!sellers_.contains({start, id})) continue;
      row_.Clear();
      row_.Number(id);
      row_.Text(name);
      row_.Number(start);
      row_.Number(start + kWindow);
      visit(row_);
    }
  }

 private:
  std::set<std::tuple<int64_t, int64_t, std::string>> persons_;
  std::set<std::pair<int64_t, int64_t>> sellers_;
  Row row_{ColumnsOf(Query::kQ8)};
};

/// q11: bids of each bidder, cut where nothing came for as long as the gap.
class Sessions : public Expectation {
 public:
  void Add(const InputEvent& event, const RowVisitor&) override {
    if (event.type == InputEvent::kBid) bids_.emplace_back(event.bidder, event.millis);
  }

  void Finish(const RowVisitor& visit) override {
    std::sort(bids_.begin(), bids_.end());
    for (size_t begin = 0, end = 0; begin < bids_.size(); begin = end) {
      end = begin + 1;
      while (end < bids_.size() && bids_[end].first == bids_[begin].first &&
             bids_[end].second - bids_[end - 1].second < kGap) {
        ++end;
      }
      row_.Clear();
      row_.Number(bids_[begin].first);
      row_.Number(static_cast<int64_t>(end - begin));
      row_.Number(bids_[begin].second);
      row_.Number(bids_[end - 1].second + kGap);
      visit(row_);
    }
  }

 private:
  std::vector<std::pair<int64_t, int64_t>> bids_;
  Row row_{ColumnsOf(Query::kQ11)};
};

/// q12: which bid is in which window depends on when it was processed; how many a bidder has made does not.
class BidsInAll : public Expectation {
 public:
  void Add(const InputEvent& event, const RowVisitor&) override {
    if (event.type == InputEvent::kBid) ++bids_[event.bidder];
  }

  void Finish(const RowVisitor& visit) override {
    for (const auto& [bidder, bids] : bids_) {
      row_.Clear();
      row_.Number(bidder);
      row_.Number(bids);
      row_.Number(0);
      row_.Number(kWindow);
      visit(row_);
    }
  }

 private:
  std::unordered_map<int64_t, int64_t> bids_;
  Row row_{ColumnsOf(Query::kQ12)};
};

}  // namespace

std::unique_ptr<Expectation> NewExpectation(Query query) {
  switch (query) {
    case Query::kQ0:
    case Query::kQ1:
    case Query::kQ2: return std::make_unique<Stateless>(query);
    case Query::kQ5: return std::make_unique<HottestAuctions>();
    case Query::kQ7: return std::make_unique<HighestBids>();
    case Query::kQ8: return std::make_unique<NewSellers>();
    case Query::kQ11: return std::make_unique<Sessions>();
    case Query::kQ12: return std::make_unique<BidsInAll>();
  }
  return nullptr;
}

}  // namespace oracle
