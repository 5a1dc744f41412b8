// Shows how far committed checkpoints have read, to whoever watches lag.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/executor.h"
#include "runtime/base/log.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/graph/job_graph.h"
#include "runtime/io/source.h"

namespace weir {

/// Name under which the positions of a source are shown; for Kafka the consumer group: weir.<job>.<operator id>.
std::string ReaderName(const std::string& job, const std::string& operator_id);

/// Beside the checkpoints, which never wait for it but the last. A failure is a log line: nothing is ever read back.
/// One thread, that of the mailbox.
class ProgressBoard {
 public:
  using Sources = std::map<uint32_t, std::unique_ptr<SplitSource>>;   ///< By node.

  /// All outlive it; calls run on `queue`, results come back through `mailbox`.
  ProgressBoard(const JobGraph& graph, const Sources& sources, SerialQueue& queue,
                Mailbox<std::function<void()>>& mailbox, Logger logger)
      : graph_(graph), sources_(sources), queue_(queue), mailbox_(mailbox), logger_(std::move(logger)) {}

  /// Where the last call is still under way, these positions replace what waits behind it. `done`, which only the last
  /// call of a run may have, is called when they were shown or could not be.
  void Show(CheckpointId n, std::vector<SourceState> positions, std::function<void()> done = {});

 private:
  struct Notice {
    CheckpointId n;
    std::vector<SourceState> positions;
    std::function<void()> done;
  };
  void ShowNext();
  Status ShowOnQueue(const std::vector<SourceState>& positions) const;
  void Tell(CheckpointId n, const Status& status);

  const JobGraph& graph_;
  const Sources& sources_;
  SerialQueue& queue_;
  Mailbox<std::function<void()>>& mailbox_;
  const Logger logger_;
  std::optional<Notice> waiting_;
  bool busy_ = false;
  bool warned_ = false;
};

}  // namespace weir
