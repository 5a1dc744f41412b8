#include "state/untyped_ordered_table.h"

#include <bit>

#include "runtime/reflect/key_codec.h"

namespace weir {
namespace {

constexpr int64_t kStepMax = int64_t{1} << 40;

}  // namespace

void UntypedOrderedTable::SetStep(int64_t step_ms) {
  WEIR_CHECK(step_ms > 0 && keys_ == 0, "the step of an ordered table is positive and set before its first row");
  bucket_shift_ = std::countr_zero(std::bit_ceil(static_cast<uint64_t>(std::min(step_ms, kStepMax))));
}

void UntypedOrderedTable::SaveExpired(KeyGroup group, const Expired& expired) {
  std::string begin;
  std::string end;
  EncodeKey(expired.from, begin);
  EncodeKey(expired.to, end);
  epochs_.delta->AddRange(number_, group, begin, end);
}

void UntypedOrderedTable::BeginRowKey(EventTime time) {
  key_scratch_.clear();
  EncodeKey(time, key_scratch_);
}

void UntypedOrderedTable::EndRowKey(uint32_t sequence) { EncodeKey(sequence, key_scratch_); }

bool UntypedOrderedTable::ParseRowKey(std::string_view bytes, EventTime& time, std::string_view& key,
                                      uint32_t& sequence) {
  if (bytes.size() < kTimeBytes + kSequenceBytes) return false;
  key = bytes.substr(kTimeBytes, bytes.size() - kTimeBytes - kSequenceBytes);
  return DecodeKey(bytes.substr(0, kTimeBytes), time) &&
         DecodeKey(bytes.substr(bytes.size() - kSequenceBytes), sequence);
}

void UntypedOrderedTable::CheckSameEpoch(CheckpointId began) const {
  WEIR_CHECK(began == epochs_.frozen_id, "state " + schema().state + ": a barrier overtook an expiry");
}

EventTime UntypedOrderedTable::BeginOf(int64_t bucket) const {
  return EventTime{static_cast<int64_t>(static_cast<uint64_t>(bucket) << bucket_shift_)};
}

EventTime UntypedOrderedTable::EndOf(int64_t bucket) const {
  if (bucket == kMaxEventTime.millis >> bucket_shift_) return kMaxEventTime;
  return BeginOf(bucket + 1);
}

}  // namespace weir
