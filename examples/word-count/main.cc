// Counts words. Map, shuffle and reduce, over a folder of text files or over a topic; README.md says how to run it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/main.h"
#include "operators/pipeline.h"

namespace {

struct Line {
  std::string_view text;
};

struct Word {
  std::string_view text;
};

struct WordCount {
  std::string word;
  int64_t count = 0;
};

// Bytes of characters beyond ASCII count as letters, so that words of any language stay whole.
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

void SplitIntoWords(const Line& line, weir::Collector<Word>& words) {
  for (size_t begin = 0; begin < line.text.size();) {
    size_t end = begin;
    while (end < line.text.size() && IsLetter(line.text[end])) ++end;
    if (end > begin) words.Emit({line.text.substr(begin, end - begin)});
    begin = end + 1;
  }
}

/// The job, whatever its lines come from and its counts go to.
template <class LineSource, class CountSink>
void AddWordCount(weir::Pipeline& pipeline, const LineSource& lines, const CountSink& counts) {
  pipeline.Source("lines", lines)
      .template FlatMap<Word>(SplitIntoWords)
      .KeyBy(&Word::text)
      .Aggregate("counts", weir::Count{},
                 [](const std::string& word, int64_t count) { return WordCount{word, count}; },
                 weir::Emit::kFinalValues)
      .Sink("out", counts);
}

std::string Setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"word-count"};
  const std::string topic = Setting("WORD_COUNT_TOPIC", "");
  if (topic.empty()) {
    AddWordCount(pipeline,
                 weir::file::Source<Line>{.path = Setting("WORD_COUNT_INPUT", "texts"), .format = weir::Line},
                 weir::file::Sink<WordCount>{.directory = Setting("WORD_COUNT_OUTPUT", "word-counts")});
  } else {
    AddWordCount(pipeline, weir::kafka::Source<Line>{.topic = topic, .format = weir::Line},
                 weir::kafka::Sink<WordCount>{.topic = topic + "-counts",
                                              .key = weir::kafka::KeyOf(&WordCount::word),
                                              .create_partitions = 4});
  }
  return weir::Main(argc, argv, pipeline);
}
