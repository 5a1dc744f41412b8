#include "operators/window/window_parts.h"

namespace weir::internal {

std::optional<uint64_t> UntypedWindowParts::rows_processed() const { return processed_; }

Result<bool> UntypedWindowParts::OnWatermark(EventTime watermark, Emitter& out) {
  WEIR_RETURN_IF_ERROR(EmitParts(out));
  passed_ = watermark;
  return true;
}

Status UntypedWindowParts::Flush(Emitter& out) { return EmitParts(out); }

}  // namespace weir::internal
