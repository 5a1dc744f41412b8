// The Nexmark queries as pipelines. To add one: a function here, its source beside stateless.cc, a line in queries.cc;
// its test and its place in benchmarks/run are there already.
// Its output row is defined in benchmarks/nexmark/README.md, which the oracle holds it to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "operators/pipeline.h"

namespace nexmark {

struct Topics {
  std::string input;
  std::string output;
};

/// Adds the query to an empty pipeline.
using BuildQuery = void (*)(const Topics& topics, weir::Pipeline& pipeline);

/// Null if there is none.
BuildQuery QueryNamed(std::string_view name);
std::vector<std::string_view> QueryNames();

void BuildQ0(const Topics& topics, weir::Pipeline& pipeline);
void BuildQ1(const Topics& topics, weir::Pipeline& pipeline);
void BuildQ2(const Topics& topics, weir::Pipeline& pipeline);
void BuildQ5(const Topics& topics, weir::Pipeline& pipeline);
void BuildQ7(const Topics& topics, weir::Pipeline& pipeline);
void BuildQ8(const Topics& topics, weir::Pipeline& pipeline);
void BuildQ11(const Topics& topics, weir::Pipeline& pipeline);
void BuildQ12(const Topics& topics, weir::Pipeline& pipeline);

}  // namespace nexmark
