// A delta whose checksum is right and whose content is anything: restored, or refused. What was restored can be saved, and
// restores to the same.
#include "runtime/base/simulated_file_system.h"
#include "state/run_file.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/unit/state/state_harness.h"

namespace weir::fuzz {

bool FuzzDelta(std::string_view bytes) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  test::Instance instance(*files, base, "job", "a");
  WEIR_CHECK(instance.Start().ok(), "no instance");
  instance.Checkpoint(1);
  StateSnapshot snapshot = instance.snapshots.at(1);
  const std::string name = StateFileNames("agg", TaskIndex{0}).Delta(CheckpointId{1});
  const std::string path = JoinPath(instance.DirectoryOf(1), name);
  WEIR_CHECK(WriteDurably(*files, path, bytes).ok(), "no file");
  snapshot.deltas = {MeasureFile(*files, path).value()};

  test::Instance restored(*files, base, "job", "b");
  const Status status = restored.Start(&snapshot, instance.DirectoryOf(1));
  if (!status.ok()) {
    WEIR_CHECK(status.code() == Code::kCorruption, status.ToString());
    return false;
  }
  const test::Image image = test::ImageOf(restored);
  restored.counts->Mutable(7) += 0;
  restored.Checkpoint(2);
  WEIR_CHECK(restored.failures.empty(), restored.failures.begin()->second.ToString());
  test::Instance again(*files, base, "job", "c");
  WEIR_CHECK(again.Start(&restored.snapshots.at(2), restored.DirectoryOf(2)).ok(), "it cannot be restored again");
  WEIR_CHECK(test::ImageOf(again) == test::ImageOf(restored), "it was restored to something else");
  return !image.empty();
}

}  // namespace weir::fuzz
