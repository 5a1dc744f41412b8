#include "runtime/engine/progress_board.h"

#include <algorithm>
#include <utility>

#include "runtime/engine/on_queue.h"

namespace weir {

std::string ReaderName(const std::string& job, const std::string& operator_id) {
  return "weir." + job + "." + operator_id;
}

void ProgressBoard::Show(CheckpointId n, std::vector<SourceState> positions, std::function<void()> done) {
  waiting_ = Notice{n, std::move(positions), std::move(done)};
  if (!busy_) ShowNext();
}

void ProgressBoard::ShowNext() {
  busy_ = true;
  Notice notice = std::move(*std::exchange(waiting_, std::nullopt));
  RunOnQueue(queue_, mailbox_,
             [this, positions = std::move(notice.positions)] { return ShowOnQueue(positions); },
             [this, n = notice.n, done = std::move(notice.done)](Status status) {
               busy_ = false;
               Tell(n, status);
               if (done) return done();
               if (waiting_.has_value()) ShowNext();
             });
}

Status ProgressBoard::ShowOnQueue(const std::vector<SourceState>& positions) const {
  Status first;
  for (const auto& [node, source] : sources_) {
    const std::string& id = graph_.nodes[node].id;
    const auto found = std::ranges::find(positions, id, &SourceState::operator_id);
    if (found == positions.end()) continue;
    std::vector<SplitPosition> splits;
    for (const ManifestSplit& split : found->splits) splits.push_back({split.split, split.position});
    if (Status status = source->ShowProgress(ReaderName(graph_.job, id), splits); !status.ok() && first.ok()) {
      first = std::move(status);
    }
  }
  return first;
}

void ProgressBoard::Tell(CheckpointId n, const Status& status) {
  if (status.ok()) return;
  // The next checkpoint tries again, and may be luckier.
  if (status.code() == Code::kUnavailable) return logger_.Debug("progress_not_shown", status.message(), n.value());
  if (std::exchange(warned_, true)) return;
  logger_.Warning("progress_not_shown",
                  "lag monitors do not see how far this job has read; the job itself does not need it: " +
                      status.message(),
                  n.value());
}

}  // namespace weir
