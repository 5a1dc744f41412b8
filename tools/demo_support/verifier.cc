// demo_verifier: reads what went into auction-totals and what came out of it, and judges whether the output is
// exactly right (judge.h). Exit code 0 if it is, 1 if not, 3 if it could not be read. The last line is for programs:
//   verdict in=100 out=100 lost=0 duplicated=0 wrong=0 out_of_order=0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tools/demo_support/die.h"
#include "tools/demo_support/file_numbers.h"
#include "tools/demo_support/judge.h"
#include "tools/demo_support/line_reader.h"
#include "tools/demo_support/record_text.h"
#include "tools/demo_support/topic_reader.h"

namespace demo {
namespace {

struct Asked {
  std::string bootstrap;   ///< Empty: input and output are folders.
  std::string input;
  std::string output;
  uint64_t expected = 0;
  bool only_count = false;
};

uint64_t CountOutput(const Asked& asked) {
  if (!asked.bootstrap.empty()) {
    return ReadTopic(asked.bootstrap, asked.output, [](int32_t, int64_t, std::string_view) {});
  }
  uint64_t records = 0;
  for (const std::string& path : ListPublished(asked.output)) {
    ReadLines(path, [&](int64_t, std::string_view) { ++records; });
  }
  return records;
}

Verdict JudgeTopics(const Asked& asked) {
  Judge judge;
  RecordText text;
  ReadTopic(asked.bootstrap, asked.input, [&](int32_t partition, int64_t offset, std::string_view value) {
    Bid bid{partition, offset, 0, 0};
    if (!text.ReadBid(value, &bid)) Die(fmt::format("{}/{} offset {} is no bid", asked.input, partition, offset));
    judge.AddBid(bid);
  });
  ReadTopic(asked.bootstrap, asked.output, [&](int32_t partition, int64_t offset, std::string_view value) {
    Total total;
    if (!text.ReadTotal(value, &total)) return judge.JudgeUnreadable(value, {partition, offset});
    judge.JudgeTotal(total, {partition, offset});
  });
  return judge.Finish();
}

std::vector<std::vector<Bid>> ReadBidFiles(const std::string& folder) {
  RecordText text;
  std::vector<std::vector<Bid>> files;
  for (const std::string& path : ListFiles(folder)) {
    const auto number = static_cast<int64_t>(files.size());
    std::vector<Bid>& bids = files.emplace_back();
    ReadLines(path, [&](int64_t offset, std::string_view line) {
      Bid bid{number, offset, 0, 0};
      if (!text.ReadBid(line, &bid)) Die(fmt::format("{}: the line at byte {} is no bid", path, offset));
      bids.push_back(bid);
    });
  }
  return files;
}

// All published files are one output partition: their order is that of the checkpoints, and an auction has one task.
Verdict JudgeFolders(const Asked& asked) {
  Judge judge;
  RecordText text;
  const std::vector<std::vector<Bid>> files = ReadBidFiles(asked.input);
  for (const std::vector<Bid>& bids : files) {
    for (const Bid& bid : bids) judge.AddBid(bid);
  }
  std::vector<Total> totals;
  for (const std::string& path : ListPublished(asked.output)) {
    ReadLines(path, [&](int64_t, std::string_view line) {
      Total total;
      if (text.ReadTotal(line, &total)) return totals.push_back(total);
      judge.JudgeUnreadable(line, {0, static_cast<int64_t>(totals.size())});
    });
  }
  const auto file_of = MatchFileNumbers(files, totals);
  for (size_t i = 0; i < totals.size(); ++i) {
    const auto file = file_of.find(totals[i].partition);
    totals[i].partition = file == file_of.end() ? -1 : file->second;
    judge.JudgeTotal(totals[i], {0, static_cast<int64_t>(i)});
  }
  return judge.Finish();
}

int Report(const Verdict& verdict, uint64_t expected) {
  static constexpr const char* kNames[kFaults] = {"lost", "duplicated", "wrong", "out of order"};
  for (size_t fault = 0; fault < kFaults; ++fault) {
    for (const std::string& example : verdict.examples[fault]) fmt::print("{}: {}\n", kNames[fault], example);
  }
  if (verdict.in != expected) fmt::print("the input has {} records, expected were {}\n", verdict.in, expected);
  if (verdict.out != expected) fmt::print("the output has {} records, expected were {}\n", verdict.out, expected);
  fmt::print("verdict in={} out={} lost={} duplicated={} wrong={} out_of_order={}\n", verdict.in, verdict.out,
             verdict.of(Fault::kLost), verdict.of(Fault::kDuplicated), verdict.of(Fault::kWrong),
             verdict.of(Fault::kOutOfOrder));
  return verdict.IsClean(expected) ? 0 : 1;
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  CLI::App app{"Judges the output of auction-totals against its input."};
  demo::Asked asked;
  app.add_option("--bootstrap", asked.bootstrap, "the broker's host:port; without it input and output are folders");
  app.add_option("--input", asked.input, "topic or folder of the bids")->required();
  app.add_option("--output", asked.output, "topic or folder of the totals")->required();
  app.add_option("--expect", asked.expected, "how many bids were loaded");
  app.add_flag("--count", asked.only_count, "only print the number of records in the output");
  CLI11_PARSE(app, argc, argv);
  if (asked.only_count) {
    fmt::print("{}\n", demo::CountOutput(asked));
    return 0;
  }
  return demo::Report(asked.bootstrap.empty() ? demo::JudgeFolders(asked) : demo::JudgeTopics(asked), asked.expected);
}
