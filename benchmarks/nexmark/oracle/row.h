// A row of output in the one form in which rows are compared.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/nexmark/oracle/query.h"

namespace oracle {

/// Values are given in the order of the columns, after Clear. Reused from row to row; one thread.
class Row {
 public:
  explicit Row(const std::vector<Column>& columns) : columns_(columns) {}

  void Clear() {
    bytes_.clear();
    identity_.clear();
    next_ = 0;
  }
  void Number(int64_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    Append({bytes, sizeof bytes});
  }
  void Text(std::string_view text) {
    // Its length before it: two texts in a row cannot lend each other letters.
    const auto size = static_cast<uint64_t>(text.size());
    char bytes[sizeof size];
    std::memcpy(bytes, &size, sizeof size);
    whole_.assign(bytes, sizeof bytes);
    whole_.append(text);
    Append(whole_);
  }

  std::string_view bytes() const { return bytes_; }
  std::string_view identity() const { return identity_; }
  const std::vector<Column>& columns() const { return columns_; }
  /// As JSON, for people.
  std::string Describe() const;

 private:
  void Append(std::string_view bytes) {
    bytes_.append(bytes);
    if (columns_[next_].identifies) identity_.append(bytes);
    ++next_;
  }

  const std::vector<Column>& columns_;
  std::string bytes_;
  std::string identity_;
  std::string whole_;
  size_t next_ = 0;
};

}  // namespace oracle
