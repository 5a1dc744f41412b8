#include "tools/demo_support/file_numbers.h"

#include <algorithm>

namespace demo {
namespace {

constexpr size_t kSample = 200;

bool Fits(const std::vector<Bid>& bids, const Total& total) {
  const auto found = std::lower_bound(bids.begin(), bids.end(), total.offset,
                                      [](const Bid& bid, int64_t wanted) { return bid.offset < wanted; });
  return found != bids.end() && found->offset == total.offset && found->auction == total.auction &&
         found->price == total.price;
}

}  // namespace

std::unordered_map<int64_t, int64_t> MatchFileNumbers(const std::vector<std::vector<Bid>>& bids,
                                                      const std::vector<Total>& totals) {
  struct Votes {
    size_t sampled = 0;
    std::vector<size_t> of_file;
  };
  std::unordered_map<int64_t, Votes> votes;
  for (const Total& total : totals) {
    Votes& mine = votes.try_emplace(total.partition, Votes{0, std::vector<size_t>(bids.size())}).first->second;
    if (mine.sampled == kSample) continue;
    ++mine.sampled;
    for (size_t file = 0; file < bids.size(); ++file) mine.of_file[file] += Fits(bids[file], total) ? 1 : 0;
  }
  std::unordered_map<int64_t, int64_t> matched;
  for (const auto& [number, mine] : votes) {
    const auto best = std::max_element(mine.of_file.begin(), mine.of_file.end());
    if (best != mine.of_file.end() && *best > 0) matched[number] = best - mine.of_file.begin();
  }
  return matched;
}

}  // namespace demo
