// nexmark: a Nexmark query as a job. `nexmark q0 run -D kafka.bootstrap.servers=...`; the first argument is the query, the
// others are those of every job. NEXMARK_INPUT and NEXMARK_OUTPUT name the topics.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "benchmarks/nexmark/queries/queries.h"
#include "environment/main.h"

namespace {

std::string Setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

int PrintUsage() {
  std::fputs("usage: nexmark QUERY run|replay|plan|info ..., or nexmark list; queries:", stderr);
  for (const std::string_view name : nexmark::QueryNames()) std::fprintf(stderr, " %s", std::string(name).c_str());
  std::fputs("\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string query = argc > 1 ? argv[1] : "";
  if (query == "list") {
    for (const std::string_view name : nexmark::QueryNames()) std::printf("%s\n", std::string(name).c_str());
    return 0;
  }
  const nexmark::BuildQuery build = nexmark::QueryNamed(query);
  if (build == nullptr) return PrintUsage();
  // Job ids, and with them markers and checkpoints, differ by query.
  weir::Pipeline pipeline{"nexmark-" + query};
  build({Setting("NEXMARK_INPUT", "nexmark"), Setting("NEXMARK_OUTPUT", ("nexmark-" + query).c_str())}, pipeline);
  argv[1] = argv[0];
  return weir::Main(argc - 1, argv + 1, pipeline);
}
