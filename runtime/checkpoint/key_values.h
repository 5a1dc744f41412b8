// The one text form of markers, claims, CURRENT and COMMITTED: a kind, a version and name=value words in a fixed
// order, one space apart. Internal to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"

namespace weir::internal {

/// Takes the words one after another; the first that is not as expected decides the status, what follows is default.
class WordReader {
 public:
  /// `what` names the text in messages: "marker". `text` must live as long as the reader.
  WordReader(std::string what, std::string_view text);

  void Kind(std::string_view kind, uint64_t version);
  Id128 Id(std::string_view name);
  uint64_t Number(std::string_view name);
  int64_t Signed(std::string_view name);
  std::string Hex(std::string_view name, size_t digits);
  /// Corruption unless all was read.
  Status Finish();

 private:
  std::string_view Word();
  std::string_view Value(std::string_view name);
  void Fail(std::string_view name, std::string_view expected, std::string_view found);

  const std::string what_;
  std::string_view rest_;
  Status status_;
};

bool IsHex(std::string_view text, size_t digits);
/// At most 80 characters of foreign bytes for a message, control characters escaped.
std::string Excerpt(std::string_view bytes);

}  // namespace weir::internal
