#include "operators/window/window_node.h"

#include <utility>

#include "operators/window/window_firing.h"

namespace weir::internal {

WindowNode::WindowNode(GraphBuilder& builder, const WindowSettings& settings, std::string id, std::string_view kind,
                       Repeatable repeatable)
    : builder_(builder), settings_(settings), id_(std::move(id)), kind_(kind), repeatable_(repeatable) {}
WindowNode::~WindowNode() = default;

TimeNeeds WindowNode::Needs() const {
  if (!settings_.rule.needs_event_time() || !settings_.Problem().empty()) return {};
  return {.event_time = true, .span_ms = settings_.rule.size + settings_.late_updates_ms, .step_ms = settings_.rule.slice};
}

Repeatability WindowNode::Class() const {
  using Kind = WindowRule::Kind;
  if (settings_.rule.processing_time || settings_.early_ms > 0) return Repeatability::kNone;
  if (settings_.early_rows > 0 || settings_.rule.kind == Kind::kCount || repeatable_ == Repeatable::kByArrival) return Repeatability::kArrival;
  return settings_.late_updates_ms > 0 ? Repeatability::kFinalValue : Repeatability::kExact;
}

uint32_t WindowNode::AddParts(uint32_t from, Make make) {
  const std::string id = id_ + ".parts";
  const bool timed = settings_.rule.needs_event_time();
  NodeSpec spec{.id = id, .kind = "window_parts", .prepares = true, .time = Needs()};
  if (timed) spec.late.push_back({kLatePort, late_row, id_});
  return builder_.Add(spec, {from}, Partitioning::kForward, std::move(make));
}

uint32_t WindowNode::AddWindow(uint32_t parts, Make make) {
  const bool timed = settings_.rule.needs_event_time();
  NodeSpec spec{.id = id_, .kind = kind_, .row = row, .stateful = true, .repeatability = Class(), .time = Needs(),
                .drops_times = !timed};
  if (timed) spec.late.push_back({kLatePort, &RowTypeOf<LatePart>(), id_});
  return AddSecond(parts, spec, std::move(make));
}

uint32_t WindowNode::AddKeyBy(uint32_t from, Make make) {
  return builder_.Add({.kind = "key_by", .prepares = true}, {from}, Partitioning::kForward, std::move(make));
}

uint32_t WindowNode::AddCount(uint32_t keyed, Make make) {
  return AddSecond(keyed, {.id = id_, .kind = kind_, .row = row, .stateful = true, .repeatability = Class()},
                   std::move(make));
}

uint32_t WindowNode::AddSecond(uint32_t input, const NodeSpec& spec, Make make) {
  NodeSpec said = spec;
  if (const std::string problem = settings_.Problem(); !problem.empty()) {
    said.problem = std::string(kind_) + " '" + id_ + "': " + problem;
  }
  const uint32_t node = builder_.Add(said, {input}, Partitioning::kKeyGroup, std::move(make));
  if (whole) builder_.SetParallelism(node, 1);
  return node;
}

}  // namespace weir::internal
