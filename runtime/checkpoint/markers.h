// The records of a job's marker topic: markers, which make a checkpoint the truth, and claims, which say who owns the
// job from here on. ASCII, so that any Kafka client shows them; below 1 KiB.
//
//   key "<job>"        weir-marker 1 incarnation=<hex> n=42 attempt=<hex> manifest=<sha256> positions=<hex> records=7
//   key "<job>/claim"  weir-claim 1 attempt=<hex> sequence=1
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"

namespace weir {

inline constexpr uint32_t kMarkerVersion = 1;

/// "Checkpoint n of this attempt is committed", once visible to read_committed.
struct MarkerRecord {
  Id128 incarnation;
  CheckpointId n;
  Id128 attempt;
  std::string manifest_sha256;   ///< 64 hexadecimal digits.
  std::string positions_digest;  ///< 32 hexadecimal digits; see PositionsDigest in manifest.h.
  uint64_t records = 0;          ///< Written to transactional sinks in epoch n: what a test for torn epochs counts.
  friend bool operator==(const MarkerRecord&, const MarkerRecord&) = default;
};

/// "Every transaction before this one is finished, and this attempt finished them."
struct ClaimRecord {
  Id128 attempt;
  uint64_t sequence = 0;  ///< From 1 within an attempt: resolving an unknown commit must find its own claim, no other.
  friend bool operator==(const ClaimRecord&, const ClaimRecord&) = default;
};

using MarkerTopicRecord = std::variant<MarkerRecord, ClaimRecord>;

/// Names. REQUIRES: IsValidName(job).
std::string MarkerTopic(std::string_view job);      ///< weir.markers.<job>
std::string TransactionalId(std::string_view job);  ///< weir.<job>
std::string MarkerKey(std::string_view job);        ///< <job>
std::string ClaimKey(std::string_view job);         ///< <job>/claim

std::string FormatMarker(const MarkerRecord& marker);
std::string FormatClaim(const ClaimRecord& claim);

/// Reads exactly what Format* writes. Corruption: anything else, naming the field and an excerpt;
/// InvalidArgument: a version of the format that this program does not know.
Result<MarkerRecord> ParseMarker(std::string_view value);
Result<ClaimRecord> ParseClaim(std::string_view value);
/// By key. A key of neither kind is Corruption: somebody else writes to the job's marker topic.
Result<MarkerTopicRecord> ParseMarkerTopicRecord(std::string_view job, std::string_view key, std::string_view value);

}  // namespace weir
