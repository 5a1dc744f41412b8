// Internal: the two nodes of a window in the job graph.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "operators/graph_builder.h"
#include "operators/window/window_aggregators.h"
#include "operators/window/window_rule.h"

namespace weir::internal {

class WindowNode {
 public:
  using Make = std::function<std::unique_ptr<Operator>()>;

  WindowNode(GraphBuilder& builder, const WindowSettings& settings, std::string id, std::string_view kind,
             Repeatable repeatable);
  ~WindowNode();

  uint32_t AddParts(uint32_t from, Make make);
  uint32_t AddWindow(uint32_t parts, Make make);
  uint32_t AddKeyBy(uint32_t from, Make make);
  uint32_t AddCount(uint32_t keyed, Make make);

  RowLabel row;
  const RowType* late_row = nullptr;
  bool whole = false;

 private:
  uint32_t AddSecond(uint32_t input, const NodeSpec& spec, Make make);
  TimeNeeds Needs() const;
  Repeatability Class() const;

  GraphBuilder& builder_;
  const WindowSettings settings_;
  const std::string id_;
  const std::string_view kind_;
  const Repeatable repeatable_;
};

}  // namespace weir::internal
