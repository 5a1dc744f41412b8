// A store with two ordered tables, and plain maps that say what they must hold.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "state/ordered_table.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {

struct OrderedRow {
  int64_t time = 0;
  std::string value;   // encoded
  bool marked = false;
  friend auto operator<=>(const OrderedRow&, const OrderedRow&) = default;
};
/// Encoded key -> rows, in order.
using OrderedImage = std::map<std::string, std::vector<OrderedRow>>;

template <class T>
std::string BinaryOf(const T& value) {
  std::string bytes;
  EncodeBinary(value, bytes);
  return bytes;
}
template <class K>
std::string KeyOf(const K& key, const char* table) {
  std::string bytes = table;
  EncodeKey(key, bytes);
  return bytes;
}

/// The operator "join", with the states "rows" and "texts".
struct OrderedInstance {
  OrderedInstance(FileSystem& files, BaseStoreFactory& base, const std::string& root, const std::string& attempt)
      : frame(files, base, root, attempt) {}

  Status Start(const StateSnapshot* from = nullptr, const std::string& directory = "") {
    frame.store = std::make_unique<StateStore>(frame.options);
    rows = &frame.store->AddOrdered<int64_t, TextValue>("rows");
    texts = &frame.store->AddOrdered<std::string, int64_t>("texts");
    rows->SetStep(8);
    texts->SetStep(64);
    return RestoreOne(*frame.store, from, directory);
  }

  OrderedImage Image() const {
    std::map<std::string, std::vector<std::tuple<int64_t, uint32_t, std::string, bool>>> sorted;
    rows->ForEach([&](int64_t key, EventTime time, uint32_t sequence, const TextValue& value, bool marked) {
      sorted[KeyOf(key, "r")].emplace_back(time.millis, sequence, BinaryOf(value), marked);
    });
    texts->ForEach([&](const std::string& key, EventTime time, uint32_t sequence, int64_t value, bool marked) {
      sorted[KeyOf(key, "t")].emplace_back(time.millis, sequence, BinaryOf(value), marked);
    });
    OrderedImage image;
    for (auto& [key, list] : sorted) {
      std::sort(list.begin(), list.end());
      for (auto& [time, sequence, value, marked] : list) image[key].push_back({time, value, marked});
    }
    return image;
  }

  Instance frame;   // Its own tables stay null.
  OrderedTable<int64_t, TextValue>* rows = nullptr;
  OrderedTable<std::string, int64_t>* texts = nullptr;
};

}  // namespace weir::test
