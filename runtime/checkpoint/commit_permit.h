// Leave to publish checkpoint n: hold one and you know that n is committed. Only what has seen the commit point can
// make one: CommitProtocol (a witnessed marker) and CheckpointStore (the rename of CURRENT).
#pragma once

#include <cstdint>

#include "runtime/base/ids.h"

namespace weir {

/// Immutable value.
class CommitPermit {
 public:
  CheckpointId n() const { return n_; }
  const Id128& incarnation() const { return incarnation_; }
  /// The attempt whose checkpoint it is; after a recovery not the running one.
  const Id128& attempt() const { return attempt_; }
  /// Where the marker lies in the marker topic, -1 for a job that commits by CURRENT.
  int64_t marker_offset() const { return marker_offset_; }

 private:
  friend class CommitProtocol;
  friend class CheckpointStore;
  CommitPermit(Id128 incarnation, CheckpointId n, Id128 attempt, int64_t marker_offset)
      : incarnation_(incarnation), n_(n), attempt_(attempt), marker_offset_(marker_offset) {}

  Id128 incarnation_;
  CheckpointId n_;
  Id128 attempt_;
  int64_t marker_offset_;
};

}  // namespace weir
