// Internal: what a KeyedFunction must have, said in one sentence each.
#pragma once

#include <type_traits>

#include "operators/collector.h"
#include "operators/process/context.h"
#include "operators/process/keyed_function.h"

namespace weir::internal {

template <class F, class K, class Out>
inline constexpr bool kHasOnTimer = requires(F& f, const K& key, Timer timer, Context& ctx, Collector<Out>& out) {
  f.OnTimer(key, timer, ctx, out);
};
template <class F, class K, class Out>
inline constexpr bool kHasOnWallTimer = requires(F& f, const K& key, WallTimer timer, Context& ctx, Collector<Out>& out) {
  f.OnWallTimer(key, timer, ctx, out);
};

/// Fails to compile, with one sentence that says why, unless F is a function for keys K that makes rows Out.
template <class F, class K, class Out>
consteval bool RequireKeyedFunction() {
  constexpr bool kKeyed = std::is_base_of_v<KeyedFunction<K>, F>;
  static_assert(kKeyed, "Process takes a function that derives from weir::KeyedFunction<K>, where K is the key of the stream "
                        "(std::string for a std::string_view).");
  if constexpr (kKeyed) {
    constexpr bool kTimer = kHasOnTimer<F, K, Out> || !requires { &F::OnTimer; };
    static_assert(kTimer, "OnTimer must be: void OnTimer(const K&, weir::Timer, weir::Context&, weir::Collector<Out>&).");
    constexpr bool kWall = kHasOnWallTimer<F, K, Out> || !requires { &F::OnWallTimer; };
    static_assert(kWall, "OnWallTimer must be: void OnWallTimer(const K&, weir::WallTimer, weir::Context&, "
                         "weir::Collector<Out>&).");
    return kTimer && kWall;
  }
  return false;
}

}  // namespace weir::internal
