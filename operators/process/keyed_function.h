// A function with state: what KeyedStream::Process takes. States are members; each call sees those of its own key.
//
//   struct Alerts : weir::KeyedFunction<int64_t> {
//     ValueState<double> last{"last"};
//     ListState<Payment> recent{"recent"};
//     MapState<std::string, int64_t> by_country{"by-country"};
//
//     void OnRow(const int64_t& card, const Payment& payment, weir::Context& ctx, weir::Collector<Alert>& out) {
//       last.Mutable() = payment.amount;
//       ctx.SetTimer(weir::EventTime{ctx.time().millis + 60'000});
//     }
//     void OnTimer(const int64_t& card, weir::Timer timer, weir::Context& ctx, weir::Collector<Alert>& out) {   // optional
//       last.Clear();
//     }
//   };
//
// OnWallTimer is the same for processing time. Each task has a copy of the function; other members than states are no
// state: they begin anew at every start. A function that needs the event time of rows and sets no timers says
// `static constexpr bool kUsesEventTime = true;`.
#pragma once

#include "operators/process/context.h"
#include "operators/process/keyed_states.h"

namespace weir {

/// What functions with state derive from; K is the key of the stream they are applied to.
template <class K>
class KeyedFunction {
 public:
  using Key = K;
  static constexpr bool kUsesEventTime = false;

  /// One value a key.
  template <class V>
  using ValueState = internal::KeyedValueState<K, V>;
  /// A list a key; appending costs the same however long it is.
  template <class E>
  using ListState = internal::KeyedListState<K, E>;
  /// A map a key; a change costs the same however large it is.
  template <class S, class V>
  using MapState = internal::KeyedMapState<K, S, V>;
  /// A map that all tasks have alike; see KeyedStream::Connect of a broadcast stream.
  template <class S, class V>
  using BroadcastState = internal::BroadcastMapState<S, V>;
};

}  // namespace weir
