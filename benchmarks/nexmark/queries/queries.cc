#include "benchmarks/nexmark/queries/queries.h"

#include <utility>

namespace nexmark {
namespace {

constexpr std::pair<std::string_view, BuildQuery> kQueries[] = {
    {"q0", BuildQ0}, {"q1", BuildQ1}, {"q2", BuildQ2}, {"q5", BuildQ5},
    {"q7", BuildQ7}, {"q8", BuildQ8}, {"q11", BuildQ11}, {"q12", BuildQ12},
};

}  // namespace

BuildQuery QueryNamed(std::string_view name) {
  for (const auto& [known, build] : kQueries) {
    if (known == name) return build;
  }
  return nullptr;
}

std::vector<std::string_view> QueryNames() {
  std::vector<std::string_view> names;
  for (const auto& [name, _] : kQueries) names.push_back(name);
  return names;
}

}  // namespace nexmark
