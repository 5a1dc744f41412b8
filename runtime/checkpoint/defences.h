// Switches that take parts of the commit protocol away, for tests that must then see the damage. Test-only: no
// configuration reaches them, a running job always has them as they are here.
#pragma once

namespace weir {

struct Defences {
  /// Off: "commit answered OK" counts as committed, without waiting for the marker to be delivered.
  bool witness = true;
  /// Off: the producer is kept although its EndTxn was sent more than once.
  bool producer_replacement = true;
  /// Off: the marker is written in a transaction of its own, after the one that carries the output.
  bool marker_inside_transaction = true;
  /// On: recovery takes the newest checkpoint that is PREPARED on disk, as if its transaction could be resumed.
  bool textbook_order = false;
  /// Off: checkpoint directories are named by number alone, and an attempt may write over another's.
  bool attempt_in_directory_name = true;
};

}  // namespace weir
