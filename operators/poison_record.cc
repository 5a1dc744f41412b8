#include "operators/poison_record.h"

#include <openssl/evp.h>

#include <algorithm>

#include "operators/escaped_byte.h"

namespace weir {
namespace {

constexpr std::string_view kCut = " (bytes cut to fit the ledger)";
constexpr size_t kReasonBytesMin = 4 * kCut.size();

constexpr bool IsAsciiByte(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

template class Batch<PoisonRecord>;

std::string Base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::string AsciiText(std::string_view text) {
  std::string ascii;
  for (const char c : text) {
    if (IsAsciiByte(c)) ascii += c;
    else internal::AppendEscaped(c, ascii);
  }
  return ascii;
}

PoisonRecord AsciiPoison(const PoisonRecord& record) {
  PoisonRecord ascii = record;
  for (std::string* text : {&ascii.operator_id, &ascii.split, &ascii.reason}) *text = AsciiText(*text);
  return ascii;
}

bool IsAscii(const PoisonRecord& record) {
  const auto ascii = [](const std::string& text) { return std::all_of(text.begin(), text.end(), IsAsciiByte); };
  return ascii(record.operator_id) && ascii(record.split) && ascii(record.reason);
}

bool CanCutPoison(const PoisonRecord& record) {
  return !record.key_base64.empty() || !record.value_base64.empty() || record.reason.size() > kReasonBytesMin;
}

PoisonRecord CutPoison(const PoisonRecord& record) {
  // Four characters stand for three bytes: cut between such groups what is left can be decoded.
  const auto half = [](const std::string& text) { return text.substr(0, text.size() / 8 * 4); };
  PoisonRecord cut = record;
  cut.key_base64 = half(record.key_base64);
  cut.value_base64 = half(record.value_base64);
  if (record.key_base64.empty() && record.value_base64.empty()) cut.reason.resize(cut.reason.size() / 2);
  if (cut.reason.find(kCut) == std::string::npos) cut.reason += kCut;
  return cut;
}

}  // namespace weir
