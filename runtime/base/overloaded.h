// One function out of several, for std::visit:
//
//   std::visit(Overloaded{[](const A& a) { ... }, [](const B& b) { ... }}, either);
#pragma once

namespace weir {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;   // Clang 16 does not find it by itself.

}  // namespace weir
