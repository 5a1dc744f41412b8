// Finds out which input file a job means by each of the numbers that its totals give as partition.
//
// Weir makes such a number from the file's name in a way of its own, which the verifier does not share: it
// recognises the file by its contents. Offsets, auctions and prices of a sample of the totals fit one file only.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "tools/demo_support/records.h"

namespace demo {

/// `bids`: one entry a file, the files' numbers being 0, 1, ... Returns the file for each number in `totals`: the
/// one that most of its sample fit; a number that fits no file is left out.
std::unordered_map<int64_t, int64_t> MatchFileNumbers(const std::vector<std::vector<Bid>>& bids,
                                                      const std::vector<Total>& totals);

}  // namespace demo
