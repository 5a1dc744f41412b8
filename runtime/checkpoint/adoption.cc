// CheckManifest: whether a program may go on from a checkpoint, all reasons against it at once.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/checkpoint/recovery_plan.h"

namespace weir {
namespace {

class Adopting {
 public:
  Adopting(const Manifest& manifest, const GraphFacts& graph) : manifest_(manifest), graph_(graph) {
    for (const GraphFacts::Operator& op : graph.operators) running_[op.shape.id] = &op;
    for (const ManifestOperator& op : manifest.operators) saved_[op.id] = &op;
  }

  Result<Adoption> Check() {
    CheckJob();
    for (const ManifestOperator& op : manifest_.operators) CheckSaved(op);
    for (const GraphFacts::Operator& op : graph_.operators) CheckRunning(op);
    CheckSources();
    CheckStaged();
    const bool finished = CheckMode();
    if (problems_.empty()) return finished ? Adoption::kAlreadyFinished : Adoption::kGoOn;
    return InvalidArgument(fmt::format(
        "this program cannot go on from checkpoint {} of job {}:\n  {}\n{}", manifest_.n.value(), manifest_.job,
        fmt::join(problems_, "\n  "), WayOut()));
  }

 private:
  template <class... Args>
  void Problem(fmt::format_string<Args...> format, Args&&... args) {
    problems_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  const GraphFacts::Operator* Running(const std::string& id) const {
    const auto found = running_.find(id);
    return found == running_.end() ? nullptr : found->second;
  }

  /// The program that wrote what is final would be refused, too.
  const char* WayOut() const {
    if (!final_) return "Run the program that wrote it, or start over with --restore none: all input is read again";
    return "To read what came since, start over with --restore none: all input is read again, and its output appended to what is "
           "there. A job that is to go on reads topics, or files with .follow = true; a replay that is to go on ends with --end stop";
  }

  void CheckJob() {
    if (manifest_.job != graph_.job) Problem("it belongs to job {}, this is job {}", manifest_.job, graph_.job);
    if (manifest_.incarnation != graph_.incarnation) {
      Problem("it is of incarnation {}, the commit point names {}", manifest_.incarnation.ToString(),
              graph_.incarnation.ToString());
    }
    if (manifest_.key_groups != graph_.key_groups) {
      Problem("its state is divided into {} key groups, the program has {}", manifest_.key_groups, graph_.key_groups);
    }
    if (manifest_.hash_version != graph_.hash_version) {
      Problem("its keys were hashed by version {}, the program has {}", manifest_.hash_version, graph_.hash_version);
    }
  }

  void CheckSaved(const ManifestOperator& saved) {
    const bool matters = saved.role == OperatorRole::kStateful || saved.role == OperatorRole::kSource;
    const GraphFacts::Operator* op = Running(saved.id);
    if (op == nullptr) {
      if (matters) Problem("operator {} has state or positions in it, the program has no such operator", saved.id);
      return;
    }
    if (matters && op->shape.role != saved.role) {
      Problem("operator {} was of another kind (source, stateful, stateless or sink)", saved.id);
    }
  }

  void CheckRunning(const GraphFacts::Operator& op) {
    const bool matters = op.shape.role == OperatorRole::kStateful || op.shape.role == OperatorRole::kSource;
    if (matters && !saved_.contains(op.shape.id)) {
      Problem("operator {} has nothing in it: a new stateful operator or source would miss what was read before",
              op.shape.id);
    }
    if (op.shape.role != OperatorRole::kStateful) return;
    if (saved_.contains(op.shape.id) && manifest_.key_groups == graph_.key_groups) CheckKeyGroups(op.shape.id);
  }

  /// Each key group is in the state of one old task, whatever the parallelism was and will be.
  void CheckKeyGroups(const std::string& id) {
    std::vector<KeyGroupRange> ranges;
    for (const OperatorState& state : manifest_.states) {
      if (state.operator_id == id) ranges.push_back(state.groups);
    }
    std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    uint16_t next = 0;
    for (const KeyGroupRange& range : ranges) {
      if (range.first > next) Problem("operator {} has no state for its key groups {} to {}", id, next, range.first);
      if (range.first < next) Problem("operator {} has two states for its key groups from {} on", id, range.first);
      next = std::max(next, range.last);
    }
    if (next < graph_.key_groups) {
      Problem("operator {} has no state for its key groups {} to {}", id, next, graph_.key_groups);
    }
  }

  void CheckSources() {
    for (const SourceState& source : manifest_.sources) {
      const GraphFacts::Operator* op = Running(source.operator_id);
      if (op == nullptr || op->source_identity == source.identity) continue;
      Problem("source {} was reading from {}, now from {}: its positions mean nothing there", source.operator_id,
              source.identity, op->source_identity);
    }
  }

  void CheckStaged() {
    for (const ManifestStaged& staged : manifest_.staged) {
      if (staged.bytes.empty() || Running(staged.operator_id) != nullptr) continue;
      Problem("sink {} has output of its last epoch in it that may not be published yet, the program has no such sink",
              staged.operator_id);
    }
  }

  /// True if the run asked for is complete already.
  bool CheckMode() {
    const bool replaying = graph_.mode == RunMode::kReplay && graph_.replay.has_value();
    if (!replaying) {
      final_ = manifest_.drained;
      if (final_) Problem("it is final: the run came to the end of its input, all windows fired, nothing can follow");
      return false;
    }
    if (manifest_.mode != RunMode::kReplay || !manifest_.replay) {
      Problem("it was written by a live run; a replay under the same job id would mix with it: give weir::Pipeline another job id");
      return false;
    }
    const ReplayPlan& was = *manifest_.replay;
    const ReplayPlan& now = *graph_.replay;
    if (was.from != now.from || was.to != now.to) {
      Problem("it is a replay from {} to {}, this one is from {} to {}: take another job id", was.from, was.to,
              now.from, now.to);
      return false;
    }
    if (manifest_.drained && !graph_.drains) {
      Problem("it is final: this replay was drained and all windows fired, so it cannot end with --end stop any more; take "
              "another job id");
    }
    // One that was stopped at its end has only windows and timers left to fire.
    return was.finished && manifest_.drained == graph_.drains;
  }

  const Manifest& manifest_;
  const GraphFacts& graph_;
  bool final_ = false;
  std::map<std::string, const GraphFacts::Operator*> running_;
  std::map<std::string, const ManifestOperator*> saved_;
  std::vector<std::string> problems_;
};

}  // namespace

Result<Adoption> CheckManifest(const Manifest& manifest, const GraphFacts& graph) {
  return Adopting(manifest, graph).Check();
}

}  // namespace weir
