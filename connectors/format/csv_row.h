// Internal: the two halves of the CSV format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/format/csv.h"
#include "connectors/format/leaves.h"

namespace weir::internal {

/// Appends `text`, in quotes if a reader would take it apart otherwise.
void AppendCsvText(std::string_view text, char delimiter, std::string& out);

class CsvDecoder : public RowDecoder {
 public:
  CsvDecoder(const RowType& row, CsvOptions options);
  Status Decode(std::string_view bytes, void* row, Arena& arena) override;

 private:
  struct Cell {
    std::string_view text;   ///< Of `bytes`, or of unquoted_.
    bool quoted = false;
  };

  /// Cuts the next cell off `rest`. False with failure_ set where the quoting is wrong.
  bool TakeCell(std::string_view& rest, Cell& cell);
  bool TakeQuotedCell(std::string_view& rest, Cell& cell);
  bool ReadCell(const Cell& cell, const Leaf& leaf, char* field, Arena& arena);
  Status Refuse(size_t column, std::string_view reason) const;

  const RowType& row_;
  const CsvOptions options_;
  const std::vector<Leaf> columns_;
  std::string unquoted_;
  std::string failure_;
};

class CsvEncoder : public RowEncoder {
 public:
  CsvEncoder(const RowType& row, CsvOptions options);
  Status Encode(const void* row, std::string& out) override;

 private:
  bool AppendCell(const Leaf& leaf, const char* field, std::string& out) const;
  bool AppendText(std::string_view text, std::string& out) const;

  const RowType& row_;
  const CsvOptions options_;
  const std::vector<Leaf> columns_;
};

}  // namespace weir::internal
