// demo_window_verifier: reads what went into a job with windows and what came out of it, and judges whether the output is
// exactly right (window_judge.h), after everything has fired. Exit code 0 if it is, 1 if not, 3 if it could not be read.
// The last line is for programs:
//   verdict in=100 expected=40 out=40 lost=0 doubled=0 wrong=0 unexpected=0 late=2 late_expected=2 late_wrong=0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "tools/demo_support/die.h"
#include "tools/demo_support/line_reader.h"
#include "tools/demo_support/record_text.h"
#include "tools/demo_support/topic_reader.h"
#include "tools/demo_support/window_judge.h"

namespace demo {
namespace {

struct Asked {
  std::string bootstrap;   ///< Empty: input, output and ledger are folders.
  std::string job;
  std::string input;
  std::string output;
  std::string late;
  uint64_t expected = 0;
};

class Reading {
 public:
  explicit Reading(const WindowJob& job) : job_(job), judge_(job.rule) {}

  void Row(int64_t partition, int64_t offset, std::string_view text, const std::string& from) {
    TimedRow row;
    if (!text_.ReadTimed(text, job_, &row)) Die(fmt::format("{} at {} is no record of {}", from, offset, job_.name));
    judge_.AddRow(partition, row);
  }
  void Window(int64_t partition, int64_t offset, std::string_view text) {
    FoundWindow window;
    if (!text_.ReadWindow(text, job_, &window)) return judge_.JudgeUnreadable(text, {partition, offset});
    judge_.JudgeWindow(window, {partition, offset});
  }
  void Late(std::string_view text) {
    LateRow late;
    if (!text_.ReadLate(text, &late)) return judge_.JudgeUnreadableLate(text);
    judge_.JudgeLate(late);
  }
  WindowVerdict Finish() { return judge_.Finish(); }

 private:
  const WindowJob& job_;
  RecordText text_;
  WindowJudge judge_;
};

void ReadTopics(const Asked& asked, Reading& reading) {
  ReadTopic(asked.bootstrap, asked.input, [&](int32_t partition, int64_t offset, std::string_view text) {
    reading.Row(partition, offset, text, fmt::format("{}/{}", asked.input, partition));
  });
  ReadTopic(asked.bootstrap, asked.output, [&](int32_t partition, int64_t offset, std::string_view text) {
    reading.Window(partition, offset, text);
  });
  ReadTopic(asked.bootstrap, asked.late, [&](int32_t, int64_t, std::string_view text) { reading.Late(text); });
}

void ReadFolders(const Asked& asked, Reading& reading) {
  int64_t number = 0;
  for (const std::string& path : ListFiles(asked.input)) {
    ReadLines(path, [&](int64_t offset, std::string_view line) { reading.Row(number, offset, line, path); });
    ++number;
  }
  number = 0;
  for (const std::string& path : ListPublished(asked.output)) {
    ReadLines(path, [&](int64_t offset, std::string_view line) { reading.Window(number, offset, line); });
    ++number;
  }
  if (!std::filesystem::exists(asked.late)) return;   // No row was late.
  for (const std::string& path : ListPublished(asked.late)) {
    ReadLines(path, [&](int64_t, std::string_view line) { reading.Late(line); });
  }
}

int Report(const WindowVerdict& verdict, uint64_t expected) {
  for (const std::string& example : verdict.examples) fmt::print("{}\n", example);
  if (verdict.in != expected) fmt::print("the input has {} records, expected were {}\n", verdict.in, expected);
  fmt::print("verdict in={} expected={} out={} lost={} doubled={} wrong={} unexpected={} late={} late_expected={} "
             "late_wrong={}\n", verdict.in, verdict.expected, verdict.out, verdict.lost, verdict.doubled, verdict.wrong,
             verdict.unexpected, verdict.late, verdict.late_expected, verdict.late_wrong);
  return verdict.faults() == 0 && verdict.in == expected ? 0 : 1;
}

int Verify(const Asked& asked) {
  const WindowJob* job = FindWindowJob(asked.job);
  if (job == nullptr) Die(fmt::format("there is no job {} with windows: {}", asked.job, WindowJobNames()));
  Reading reading(*job);
  if (asked.bootstrap.empty()) {
    ReadFolders(asked, reading);
  } else {
    ReadTopics(asked, reading);
  }
  return Report(reading.Finish(), asked.expected);
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  CLI::App app{"Judges the drained output of a job with windows against its input."};
  demo::Asked asked;
  app.add_option("--bootstrap", asked.bootstrap, "the broker's host:port; without it all are folders");
  app.add_option("--job", asked.job, demo::WindowJobNames())->required();
  app.add_option("--input", asked.input, "topic or folder of the input")->required();
  app.add_option("--output", asked.output, "topic or folder of the windows")->required();
  app.add_option("--late", asked.late, "topic or folder of the ledger of late rows")->required();
  app.add_option("--expect", asked.expected, "how many records were loaded");
  CLI11_PARSE(app, argc, argv);
  return demo::Verify(asked);
}
