// Where the loader puts its bids.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace demo {

/// One thread. All failures end the program with a message.
class LoadTarget {
 public:
  virtual ~LoadTarget() = default;
  /// Takes a bid for one of its partitions, by `choice`. May wait for room.
  virtual void Add(uint64_t choice, std::string_view json) = 0;
  /// Passes on what it holds; called many times a second.
  virtual void Pass() = 0;
  /// Waits until everything has arrived.
  virtual void Finish() = 0;
  /// Bids that have arrived.
  virtual uint64_t arrived() const = 0;
};

/// Produces to all partitions of a topic, each bid once, by an idempotent producer.
std::unique_ptr<LoadTarget> NewTopicTarget(const std::string& bootstrap, const std::string& topic, int32_t partitions);

/// Appends lines to input-0.json, input-1.json, ... in `folder`, in chunks of whole lines. Makes the files at once.
std::unique_ptr<LoadTarget> NewFolderTarget(const std::string& folder, int32_t files);

}  // namespace demo
