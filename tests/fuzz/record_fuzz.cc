// Records of one line: marker, claim, CURRENT, COMMITTED, and the file sink's entry in a manifest.
#include "connectors/file/staged_file.h"
#include "runtime/base/checksum.h"
#include "runtime/base/simulated_file_system.h"
#include "runtime/checkpoint/checkpoint_store.h"
#include "runtime/checkpoint/markers.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {
namespace {

bool ReadsTopicRecord(std::string_view key, std::string_view value) {
  const Result<MarkerTopicRecord> read = ParseMarkerTopicRecord("job", key, value);
  if (!read.ok()) return false;
  const auto* marker = std::get_if<MarkerRecord>(&*read);
  const std::string written = marker != nullptr ? FormatMarker(*marker) : FormatClaim(std::get<ClaimRecord>(*read));
  WEIR_CHECK(written == value, "two texts mean one record: " + written);
  return true;
}

bool Names(const Status& refusal, const std::string& path) { return refusal.message().find(path) != std::string::npos; }

/// The checksum is made right, else nothing behind it would be read.
bool ReadsRecordOfStore(std::string_view words) {
  const std::string sealed = std::string(words) + " check=" + FileChecksum(words) + "\n";
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  // A path of such a length is on the heap, where every sanitizer sees who uses it for too long.
  CheckpointStore store(*files, CheckpointPaths("/checkpoints-of-the-fuzzer", "job"));
  WEIR_CHECK(store.Open().ok(), "no folder");
  WEIR_CHECK(WriteDurably(*files, store.paths().current(), sealed).ok(), "no CURRENT");
  WEIR_CHECK(WriteDurably(*files, store.paths().committed(), sealed).ok(), "no COMMITTED");
  const auto current = store.ReadCurrent();
  const auto hint = store.ReadCommittedHint();
  WEIR_CHECK(!current.ok() || current->has_value(), "a file that is there was taken for none");
  WEIR_CHECK(!hint.ok() || hint->has_value(), "a file that is there was taken for none");
  WEIR_CHECK(current.ok() || Names(current.status(), store.paths().current()), current.status().ToString());
  WEIR_CHECK(hint.ok() || Names(hint.status(), store.paths().committed()), hint.status().ToString());
  return current.ok() || hint.ok();
}

bool ReadsStagedFile(std::string_view bytes) {
  const Result<StagedFile> read = DecodeStagedFile(bytes);
  if (!read.ok()) return false;
  WEIR_CHECK(read->final_name.find('/') == std::string::npos, read->final_name);
  WEIR_CHECK(("/" + read->temporary_name + "/").find("/../") == std::string::npos, read->temporary_name);
  const Result<StagedFile> again = DecodeStagedFile(EncodeStagedFile(*read));
  WEIR_CHECK(again.ok() && *again == *read, "it is not read as it was written");
  return true;
}

}  // namespace

bool FuzzRecord(std::string_view bytes) {
  bool accepted = ReadsTopicRecord("job", bytes);
  accepted |= ReadsTopicRecord("job/claim", bytes);
  accepted |= ReadsRecordOfStore(bytes);
  return accepted | ReadsStagedFile(bytes);
}

}  // namespace weir::fuzz
