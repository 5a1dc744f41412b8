// What a query must give for the events of the input: each query written from its definition, over the whole input at
// once, in whatever order events come.
#pragma once

#include <functional>
#include <memory>

#include "benchmarks/nexmark/oracle/input_events.h"
#include "benchmarks/nexmark/oracle/row.h"

namespace oracle {

using RowVisitor = std::function<void(const Row& row)>;

/// One thread. Rows are given during Add or Finish, whenever they are known.
class Expectation {
 public:
  virtual ~Expectation() = default;
  virtual void Add(const InputEvent& event, const RowVisitor& visit) = 0;
  virtual void Finish(const RowVisitor& visit) = 0;
};

std::unique_ptr<Expectation> NewExpectation(Query query);

}  // namespace oracle
