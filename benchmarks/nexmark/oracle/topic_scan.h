// All committed records of a topic, from its beginning to the end it has now.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace oracle {

using RecordVisitor = std::function<void(std::string_view value)>;

struct ScanError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How many there were. Throws ScanError, also where a transaction stays open at the end: what it holds is undecided.
uint64_t ScanTopic(const std::string& bootstrap, const std::string& topic, const RecordVisitor& visit);

}  // namespace oracle
