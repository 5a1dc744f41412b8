#include "runtime/base/checksum.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"

namespace weir {

struct FileChecksummer::State {
  XXH3_state_t* xxh = XXH3_createState();
  ~State() { XXH3_freeState(xxh); }
};

FileChecksummer::FileChecksummer() : state_(std::make_unique<State>()) { XXH3_128bits_reset(state_->xxh); }
FileChecksummer::~FileChecksummer() = default;
void FileChecksummer::Add(std::string_view bytes) { XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size()); }
std::string FileChecksummer::Finish() {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh);
  return Id128{hash.high64, hash.low64}.ToString();
}

std::string FileChecksum(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return Id128{hash.high64, hash.low64}.ToString();
}

std::string Sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  WEIR_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) == 1, "SHA-256 failed");
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

}  // namespace weir
