// What the suite of all operators reads: rows of five splits, out of order, some of them late, with the watermark that a split
// has after each of its rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::test {

/// The row of every input. `id` is unique; `lane` names the split that it was read from, of all inputs.
struct Event {
  int64_t key = 0;
  int64_t time = 0;
  int64_t id = 0;
  int64_t value = 0;
  int64_t lane = 0;
  std::string text;   ///< State must keep it as it was: see NamedId.
};
inline std::string TextOf(int64_t id) { return std::string(static_cast<size_t>(id % 40), 't'); }
/// The id of a row, unless its text is not what it was.
inline int64_t NamedId(const Event& event) { return event.text == TextOf(event.id) ? event.id : -1000 - event.id; }

/// The row of every output. Rows of one lane have an order that is promised, those of different lanes none.
struct Out {
  int64_t lane = 0;
  int64_t at = 0;
  int64_t a = 0;
  int64_t b = 0;
  int64_t time = 0;   ///< Its event time, filled in when it is taken.
  friend auto operator<=>(const Out&, const Out&) = default;
};

inline constexpr int64_t kDisorder = 20;
inline constexpr int64_t kNoWatermark = INT64_MIN;
inline constexpr size_t kSplits = 5;

struct ReadEvent {
  Event event;
  int64_t passed = kNoWatermark;     ///< Watermark of its split when it was read.
  int64_t watermark = kNoWatermark;  ///< And after it.
  bool late() const { return event.time < passed; }
};
using Split = std::vector<ReadEvent>;
using Input = std::vector<Split>;
using Data = std::vector<Input>;

struct DataShape {
  size_t inputs = 1;
  bool keys_in_one_split = false;    ///< For operators whose result depends on the order in which a key's rows arrive.
  bool second_on_time = false;       ///< The second input has no late rows.
};

/// Small numbers, which mean little by themselves, so that less of them means less.
struct DrawnRow {
  int key = 0;      ///< [0, 16): half of the rows are of key 0.
  int step = 0;     ///< [0, 9): how far time goes on.
  int behind = 0;   ///< [0, 60): how far the row is behind it; 59: as early as a row on time can be.
  int value = 0;    ///< [0, 10)
};
using DrawnSplit = std::vector<DrawnRow>;

inline Split ReadSplit(const DrawnSplit& drawn, const DataShape& shape, size_t input, size_t split) {
  Split made;
  int64_t now = 0;
  int64_t greatest = kNoWatermark;
  for (size_t i = 0; i < drawn.size(); ++i) {
    const DrawnRow& row = drawn[i];
    now += row.step * static_cast<int64_t>(split + 1) / 2;   // time itself is faster in some splits
    ReadEvent read;
    read.passed = greatest == kNoWatermark ? kNoWatermark : greatest - kDisorder;
    // Mostly within the disorder.
    int64_t behind = row.behind % 3 == 0 ? row.behind : row.behind / 3;
    if (row.behind == 59 && greatest != kNoWatermark) behind = now - read.passed;
    const int64_t key = row.key < 8 ? row.key : 0;
    const auto lane = static_cast<int64_t>(input * kSplits + split);
    read.event = {shape.keys_in_one_split ? key * static_cast<int64_t>(kSplits) + static_cast<int64_t>(split) : key,
                  now - behind, lane * 100'000 + static_cast<int64_t>(i), row.value, lane, {}};
    read.event.text = TextOf(read.event.id);
    if (read.late() && shape.second_on_time && input == 1) continue;
    greatest = std::max(greatest, read.event.time);
    read.watermark = greatest - kDisorder;
    made.push_back(read);
  }
  return made;
}

/// `drawn`: kSplits for each input.
inline Data ReadAll(const std::vector<DrawnSplit>& drawn, const DataShape& shape) {
  Data data(shape.inputs);
  for (size_t input = 0; input < shape.inputs; ++input) {
    for (size_t split = 0; split < kSplits; ++split) {
      data[input].push_back(ReadSplit(drawn[input * kSplits + split], shape, input, split));
    }
  }
  return data;
}

/// Split after split, each in its order.
inline std::vector<ReadEvent> AllOf(const Input& input) {
  std::vector<ReadEvent> all;
  for (const Split& split : input) all.insert(all.end(), split.begin(), split.end());
  return all;
}

}  // namespace weir::test
