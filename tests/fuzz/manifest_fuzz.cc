// The MANIFEST of a checkpoint: what is read is written and read again without a change.
#include "runtime/checkpoint/manifest.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {

bool FuzzManifest(std::string_view bytes) {
  const Result<Manifest> read = ParseManifest(bytes);
  if (!read.ok()) {
    WEIR_CHECK(read.status().code() == Code::kCorruption || read.status().code() == Code::kInvalidArgument,
               read.status().ToString());
    return false;
  }
  for (const OperatorState& state : read->states) {
    WEIR_CHECK(state.groups.first <= state.groups.last && state.groups.last <= read->key_groups, "key groups");
    for (const ManifestFile& file : state.deltas) WEIR_CHECK(IsCheckpointFileName(file.name), file.name);
  }
  const Result<std::string> written = ManifestToJson(*read);
  WEIR_CHECK(written.ok(), written.status().ToString());
  const Result<Manifest> again = ParseManifest(*written);
  WEIR_CHECK(again.ok() && *again == *read, "it is not read as it was written: " + *written);
  WEIR_CHECK(PositionsDigest(again->sources) == PositionsDigest(read->sources), "two digests");
  return true;
}

}  // namespace weir::fuzz
