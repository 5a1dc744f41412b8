// Bytes inside JSON: base64 as of RFC 4648, section 4, padded. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

namespace weir::internal {

std::string EncodeBase64(std::string_view bytes);
/// False unless `text` is exactly what EncodeBase64 writes for some bytes.
[[nodiscard]] bool DecodeBase64(std::string_view text, std::string* out);

}  // namespace weir::internal
