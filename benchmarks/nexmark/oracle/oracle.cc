// nexmark_oracle: is the output of a Nexmark query exactly what the events of the input topic demand? Reads both topics
// as any consumer of committed records does and shares no code with Weir or with the generator. Prints one line;
// exit code 0: equal, 1: not, 2: it could not be decided.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "benchmarks/nexmark/oracle/expectation.h"
#include "benchmarks/nexmark/oracle/judge.h"
#include "benchmarks/nexmark/oracle/output_rows.h"
#include "benchmarks/nexmark/oracle/topic_scan.h"

namespace {

constexpr size_t kUnreadableShown = 5;

struct Asked {
  std::string bootstrap;
  std::string input;
  std::string output;
  std::string query;
  uint64_t events = 0;
};

uint64_t VisitExpected(const Asked& asked, oracle::Query query, const oracle::RowVisitor& visit) {
  const auto expectation = oracle::NewExpectation(query);
  oracle::EventReader reader;
  oracle::InputEvent event;
  const uint64_t events = oracle::ScanTopic(asked.bootstrap, asked.input, [&](std::string_view value) {
    if (!reader.Read(value, event)) throw oracle::ScanError(fmt::format("no event: {}", value));
    expectation->Add(event, visit);
  });
  expectation->Finish(visit);
  if (asked.events != 0 && events != asked.events) {
    throw oracle::ScanError(fmt::format("topic {} has {} events, not {}", asked.input, events, asked.events));
  }
  return events;
}

template <class OnUnreadable>
void VisitOutput(const Asked& asked, oracle::Query query, const oracle::RowVisitor& visit, OnUnreadable unreadable) {
  oracle::OutputRows rows(query);
  oracle::ScanTopic(asked.bootstrap, asked.output, [&](std::string_view value) {
    if (!rows.Add(value, visit)) unreadable(value);
  });
  rows.Finish(visit);
}

/// Rows were compared by their hashes: a second pass finds the texts of the few to show.
void ShowExamples(const Asked& asked, oracle::Query query, oracle::Verdict verdict) {
  VisitExpected(asked, query, [&](const oracle::Row& row) {
    if (verdict.examples_expected.erase(oracle::HashOf(row)) > 0) fmt::print("  expected   {}\n", row.Describe());
  });
  size_t shown = 0;
  const auto show = [&](const oracle::Row& row) {
    if (verdict.examples_found.erase(oracle::HashOf(row)) > 0) fmt::print("  found      {}\n", row.Describe());
  };
  VisitOutput(asked, query, show, [&](std::string_view value) {
    if (++shown <= kUnreadableShown) fmt::print("  unreadable {}\n", value);
  });
}

int Judge(const Asked& asked, oracle::Query query) {
  oracle::Judge judge;
  const uint64_t events = VisitExpected(asked, query, [&](const oracle::Row& row) { judge.Expect(row); });
  VisitOutput(asked, query, [&](const oracle::Row& row) { judge.Find(row); },
              [&](std::string_view) { judge.FindUnreadable(); });
  const oracle::Verdict verdict = judge.Finish();
  fmt::print("{}: {} events, {} rows expected, {} found: {} missing, {} unexpected, {} wrong\n", asked.query, events,
             verdict.expected, verdict.found, verdict.missing, verdict.unexpected, verdict.wrong);
  if (!verdict.IsClean()) ShowExamples(asked, query, verdict);
  return verdict.IsClean() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Compares the output of a Nexmark query with what its input demands"};
  Asked asked;
  app.add_option("--bootstrap", asked.bootstrap)->required();
  app.add_option("--input", asked.input, "topic of events")->required();
  app.add_option("--output", asked.output, "topic of rows")->required();
  app.add_option("--query", asked.query, "q0, q1, q2, q5, q7, q8, q11 or q12")->required();
  app.add_option("--events", asked.events, "refuse another number of events; 0: any");
  CLI11_PARSE(app, argc, argv);
  const std::optional<oracle::Query> query = oracle::QueryNamed(asked.query);
  if (!query) {
    fmt::print(stderr, "nexmark_oracle: no query is called {}\n", asked.query);
    return 2;
  }
  int code = 2;
  try {
    code = Judge(asked, *query);
  } catch (const std::exception& error) {
    fmt::print(stderr, "nexmark_oracle: {}\n", error.what());
  }
  std::fflush(stdout);
  std::_Exit(code);   // Closing the consumers would take seconds.
}
