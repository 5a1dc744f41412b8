// Where a function that makes any number of rows puts them.
#pragma once

#include <memory>
#include <utility>

#include "runtime/channel/batch.h"

namespace weir {

/// Valid during the call it is passed to.
template <class T>
class Collector {
 public:
  explicit Collector(Batch<T>& batch) : batch_(batch) {}
  void Emit(T row) { batch_.rows.push_back(std::move(row)); }

 private:
  Batch<T>& batch_;
};

}  // namespace weir
