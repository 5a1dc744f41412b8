// Streams beside the main one: rows of any type that a Process function sends elsewhere.
//
//   const weir::SideOutput<Rejected> kRejected{"rejected"};
//   ... ctx.Emit(kRejected, Rejected{...});                       // in the function
//   auto alerts = payments.KeyBy(...).Process<Alert>("alerts", Alerts{});
//   alerts.Side(kRejected).Sink("rejected", ...);                 // rows of a side output that nobody takes are dropped
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

namespace weir {

/// Names a side output and the type of its rows.
template <class U>
struct SideOutput {
  std::string name;
};

namespace internal {

/// Which side outputs of a node are taken. Filled while the pipeline is built, read by the operators that run.
struct SideOutputs {
  struct Side {
    std::string name;
    const std::type_info* row;
    uint32_t port;
  };
  std::vector<Side> taken;
};

}  // namespace internal
}  // namespace weir
