#include "runtime/checkpoint/markers.h"

#include <fmt/format.h>

#include "runtime/checkpoint/key_values.h"

namespace weir {
namespace {

constexpr std::string_view kMarkerKind = "weir-marker";
constexpr std::string_view kClaimKind = "weir-claim";

}  // namespace

std::string MarkerTopic(std::string_view job) { return fmt::format("weir.markers.{}", job); }
std::string TransactionalId(std::string_view job) { return fmt::format("weir.{}", job); }
std::string MarkerKey(std::string_view job) { return std::string(job); }
std::string ClaimKey(std::string_view job) { return fmt::format("{}/claim", job); }

std::string FormatMarker(const MarkerRecord& marker) {
  return fmt::format("{} {} incarnation={} n={} attempt={} manifest={} positions={} records={}", kMarkerKind,
                     kMarkerVersion, marker.incarnation.ToString(), marker.n.value(), marker.attempt.ToString(),
                     marker.manifest_sha256, marker.positions_digest, marker.records);
}

std::string FormatClaim(const ClaimRecord& claim) {
  return fmt::format("{} {} attempt={} sequence={}", kClaimKind, kMarkerVersion, claim.attempt.ToString(),
                     claim.sequence);
}

Result<MarkerRecord> ParseMarker(std::string_view value) {
  internal::WordReader reader("the marker", value);
  reader.Kind(kMarkerKind, kMarkerVersion);
  MarkerRecord marker;
  marker.incarnation = reader.Id("incarnation");
  marker.n = CheckpointId{reader.Number("n")};
  marker.attempt = reader.Id("attempt");
  marker.manifest_sha256 = reader.Hex("manifest", 64);
  marker.positions_digest = reader.Hex("positions", 32);
  marker.records = reader.Number("records");
  WEIR_RETURN_IF_ERROR(reader.Finish());
  if (marker.n == CheckpointId{}) return Corruption("the marker is damaged at 'n': checkpoints count from 1, found 0");
  return marker;
}

Result<ClaimRecord> ParseClaim(std::string_view value) {
  internal::WordReader reader("the claim", value);
  reader.Kind(kClaimKind, kMarkerVersion);
  ClaimRecord claim;
  claim.attempt = reader.Id("attempt");
  claim.sequence = reader.Number("sequence");
  WEIR_RETURN_IF_ERROR(reader.Finish());
  if (claim.sequence == 0) return Corruption("the claim is damaged at 'sequence': claims count from 1, found 0");
  return claim;
}

Result<MarkerTopicRecord> ParseMarkerTopicRecord(std::string_view job, std::string_view key, std::string_view value) {
  if (key == MarkerKey(job)) {
    WEIR_ASSIGN_OR_RETURN(const MarkerRecord marker, ParseMarker(value));
    return MarkerTopicRecord(marker);
  }
  if (key == ClaimKey(job)) {
    WEIR_ASSIGN_OR_RETURN(const ClaimRecord claim, ParseClaim(value));
    return MarkerTopicRecord(claim);
  }
  return Corruption(fmt::format(
      "topic {} has a record with key '{}', which no Weir job {} writes: find out who writes to this topic, "
      "or run the job under another id", MarkerTopic(job), internal::Excerpt(key), job));
}

}  // namespace weir
