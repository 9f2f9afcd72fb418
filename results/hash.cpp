#include "results/hash.h"

namespace results {

std::string Hash::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) {
    text += digits[(state_ >> shift) & 15];
    if (shift % 16 == 0 && shift > 0) text += '-';
  }
  return text;
}

std::string hash_of(std::string_view content) {
  Hash hash;
  hash.add(content);
  return hash.text();
}

}  // namespace results
