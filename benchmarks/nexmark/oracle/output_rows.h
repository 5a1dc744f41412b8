// Rows as the oracle reads them from the output topic's bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "benchmarks/nexmark/oracle/expectation.h"

namespace oracle {

/// One thread.
class OutputRows {
 public:
  explicit OutputRows(Query query);
  ~OutputRows();
  /// Gives one row, or none where rows are summed up (q12). False if the bytes are not exactly such a row: a column
  /// that is missing, unknown, there twice or of another kind, or a window that is none of the query's.
  bool Add(std::string_view bytes, const RowVisitor& visit);
  /// Gives the sums.
  void Finish(const RowVisitor& visit);

 private:
  struct Parser;
  bool IsWindow() const;
  void SumUp();

  const Query query_;
  std::unique_ptr<Parser> parser_;
  Row row_;
  std::unordered_map<int64_t, int64_t> sums_;
};

}  // namespace oracle
