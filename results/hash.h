#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace results {

/// FNV-1a, 64 bits: tells files and structures apart; no protection against intent. Every single
/// changed byte changes it.
class Hash {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) {
      state_ = (state_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
    }
  }
  /// Length first, so that "ab", "c" differs from "a", "bc".
  void add_text(std::string_view text) {
    add_number(static_cast<std::int64_t>(text.size()));
    add(text);
  }
  void add_number(std::int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) {
      const char byte = static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xff);
      add(std::string_view(&byte, 1));
    }
  }
  /// "53de-64a7-0b1c-9f02".
  std::string text() const;

 private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

/// Hash of a file's content, for RunFile::inputs.
std::string hash_of(std::string_view content);

}  // namespace results
