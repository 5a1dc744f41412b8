#include "tests/fault/harness/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <tuple>

#include "tests/fault/harness/epoch_counter.h"
#include "tools/demo_support/judge.h"
#include "tools/demo_support/record_text.h"

namespace weir::test {
namespace {

constexpr Millis kReadMax{30'000};
constexpr size_t kExamplesShownMax = 3;
constexpr int64_t kFolderPartition = 0;

/// A file of the file sink, and the epoch in its name.
struct PublishedFile {
  uint64_t epoch = 0;
  uint64_t task = 0;
  std::string path;
};

Result<std::vector<ReadRecord>> ReadTopic(const std::string& bootstrap, const std::string& topic) {
  WEIR_ASSIGN_OR_RETURN(CommittedReader reader, CommittedReader::Open(bootstrap, topic, kReadMax));
  WEIR_RETURN_IF_ERROR(reader.ReadToEnd(kReadMax));
  return reader.records();
}

/// In commit order; claims are left out.
Result<std::vector<Marker>> ReadMarkers(const std::string& bootstrap, const std::string& job) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<ReadRecord> records, ReadTopic(bootstrap, "weir.markers." + job));
  std::vector<Marker> markers;
  for (const ReadRecord& record : records) {
    if (record.key == job) markers.push_back(MarkerOf(record));
  }
  return markers;
}

std::vector<PublishedFile> ListPublished(const std::string& folder) {
  static const std::regex kName(R"(part-(\d+)-(\d+)-[0-9a-f]+\.json)");
  std::vector<PublishedFile> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::smatch match;
    const std::string name = entry.path().filename().string();
    if (!std::regex_match(name, match, kName)) continue;
    files.push_back({std::stoull(match[1].str()), std::stoull(match[2].str()), entry.path().string()});
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return std::tie(a.epoch, a.task) < std::tie(b.epoch, b.task); });
  return files;
}

/// A file of the job's that is neither published nor a lock.
void FindOrphans(const std::string& folder, Judgement& judgement) {
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (!entry.is_regular_file() || path.ends_with(".lock")) continue;
    if (entry.path().parent_path() != std::filesystem::path(folder)) judgement.problems.push_back(path + " is left over");
  }
}

void Take(const demo::Verdict& verdict, const std::string& sink, Judgement& judgement) {
  static constexpr const char* kNames[demo::kFaults] = {"lost", "duplicated", "wrong", "out of order"};
  judgement.in = verdict.in;
  judgement.out = verdict.out;
  if (verdict.in != verdict.out) {
    judgement.problems.push_back(fmt::format("{}: {} in, {} out", sink, verdict.in, verdict.out));
  }
  for (size_t fault = 0; fault < demo::kFaults; ++fault) {
    if (verdict.faults[fault] == 0) continue;
    judgement.problems.push_back(fmt::format("{}: {} {}", sink, verdict.faults[fault], kNames[fault]));
    for (size_t i = 0; i < std::min(kExamplesShownMax, verdict.examples[fault].size()); ++i) {
      judgement.problems.push_back("  " + verdict.examples[fault][i]);
    }
  }
}

Status AddBids(const JobPlaces& places, demo::Judge& judge, demo::RecordText& text) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<ReadRecord> input, ReadTopic(places.bootstrap, places.input));
  for (const ReadRecord& record : input) {
    demo::Bid bid{record.partition, record.offset, 0, 0};
    if (!text.ReadBid(record.value, &bid)) return Internal("no bid: " + record.value);
    judge.AddBid(bid);
  }
  return {};
}

void JudgeLine(const std::string& line, demo::OutputPlace place, demo::RecordText& text, demo::Judge& judge) {
  demo::Total total;
  if (text.ReadTotal(line, &total)) return judge.JudgeTotal(total, place);
  judge.JudgeUnreadable(line, place);
}

void JudgeEpochs(const std::string& sink, std::map<uint64_t, uint64_t> counts, const std::vector<Marker>& markers,
                 Judgement& judgement) {
  for (const Marker& marker : markers) {
    const uint64_t visible = counts[marker.n];
    counts.erase(marker.n);
    if (visible == marker.records) continue;
    judgement.problems.push_back(fmt::format("{}: torn epoch {}: its marker states {} records, {} are visible", sink,
                                             marker.n, marker.records, visible));
  }
  for (const auto& [n, records] : counts) {
    judgement.problems.push_back(fmt::format("{}: {} records of epoch {}, which has no marker", sink, records, n));
  }
}

void JudgeMarkers(const std::vector<Marker>& markers, Judgement& judgement) {
  judgement.markers = markers.size();
  for (size_t i = 1; i < markers.size(); ++i) {
    if (markers[i].n == markers[i - 1].n + 1 && markers[i].incarnation == markers[i - 1].incarnation) continue;
    judgement.problems.push_back(fmt::format("marker {} of {} follows marker {} of {}", markers[i].n,
                                             markers[i].incarnation, markers[i - 1].n, markers[i - 1].incarnation));
  }
}

Status JudgeTopic(const JobPlaces& places, const std::vector<Marker>& markers, Judgement& judgement) {
  demo::Judge judge;
  demo::RecordText text;
  WEIR_RETURN_IF_ERROR(AddBids(places, judge, text));
  WEIR_ASSIGN_OR_RETURN(const std::vector<ReadRecord> output, ReadTopic(places.bootstrap, places.topic));
  for (const ReadRecord& record : output) JudgeLine(record.value, {record.partition, record.offset}, text, judge);
  Take(judge.Finish(), "topic", judgement);
  JudgeMarkers(markers, judgement);
  EpochCounter epochs;
  for (const Marker& marker : markers) epochs.AddMarker(marker.n, marker.records, marker.timestamp_ms);
  for (const ReadRecord& record : output) epochs.AddRecord(record.partition, record.offset, record.timestamp_ms);
  for (const std::string& problem : epochs.Settle()) judgement.problems.push_back("topic: " + problem);
  return {};
}

Status JudgeFolder(const JobPlaces& places, const std::vector<Marker>& markers, Judgement& judgement) {
  demo::Judge judge;
  demo::RecordText text;
  WEIR_RETURN_IF_ERROR(AddBids(places, judge, text));
  std::map<uint64_t, uint64_t> counts;
  int64_t number = 0;
  for (const PublishedFile& file : ListPublished(places.folder)) {
    std::ifstream lines(file.path);
    for (std::string line; std::getline(lines, line);) {
      JudgeLine(line, {kFolderPartition, number++}, text, judge);
      ++counts[file.epoch];
    }
  }
  Take(judge.Finish(), "files", judgement);
  if (!places.topic.empty()) JudgeEpochs("files", std::move(counts), markers, judgement);
  FindOrphans(places.folder, judgement);
  return {};
}

Status JudgeAll(const JobPlaces& places, Judgement& judgement) {
  std::vector<Marker> markers;
  if (!places.topic.empty()) {
    WEIR_ASSIGN_OR_RETURN(markers, ReadMarkers(places.bootstrap, places.job));
    WEIR_RETURN_IF_ERROR(JudgeTopic(places, markers, judgement));
  }
  return places.folder.empty() ? Status::Ok() : JudgeFolder(places, markers, judgement);
}

}  // namespace

Marker MarkerOf(const ReadRecord& record) {
  Marker marker;
  marker.timestamp_ms = record.timestamp_ms;
  std::istringstream words(record.value);
  for (std::string word; words >> word;) {
    if (word.starts_with("n=")) marker.n = std::stoull(word.substr(2));
    if (word.starts_with("records=")) marker.records = std::stoull(word.substr(8));
    if (word.starts_with("incarnation=")) marker.incarnation = word.substr(12);
  }
  return marker;
}

Judgement JudgeJob(const JobPlaces& places) {
  Judgement judgement;
  if (Status status = JudgeAll(places, judgement); !status.ok()) judgement.problems.push_back(status.ToString());
  return judgement;
}

uint64_t CountPublished(const std::string& folder) {
  uint64_t lines = 0;
  for (const PublishedFile& file : ListPublished(folder)) {
    std::ifstream stream(file.path);
    for (std::string line; std::getline(stream, line);) ++lines;
  }
  return lines;
}

Result<std::map<int64_t, std::pair<int64_t, int64_t>>> LastTotals(const JobPlaces& places) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<ReadRecord> output, ReadTopic(places.bootstrap, places.topic));
  std::map<int64_t, std::pair<int64_t, int64_t>> last;
  demo::RecordText text;
  for (const ReadRecord& record : output) {
    demo::Total total;
    if (!text.ReadTotal(record.value, &total)) return Internal("no total: " + record.value);
    last[total.auction] = {total.count, total.sum};
  }
  return last;
}

Result<uint64_t> CountMarkers(const std::string& bootstrap, const std::string& job) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Marker> markers, ReadMarkers(bootstrap, job));
  return markers.size();
}

}  // namespace weir::test
