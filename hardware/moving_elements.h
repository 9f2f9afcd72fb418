#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hardware::moving {

/// Elements from and to anywhere, aligned or not.
template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
void store(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

/// As memcpy. GCC replaces that by an instruction that is slow to start where it believes that
/// little is to be copied; this it leaves to the library.
inline void copy_bytes(std::byte* to, const std::byte* from, std::size_t bytes) {
  std::memmove(to, from, bytes);
}

/// Runs of `bytes` each; of a known length they are moved without a call.
template <class Run>
void with_run(std::int64_t bytes, Run run) {
  const auto typed = [&]<class T>(T) {
    run([](std::byte* to, const std::byte* from) { store(to, load<T>(from)); });
  };
  switch (bytes) {
    case 1:
      return typed(std::uint8_t{});
    case 2:
      return typed(std::uint16_t{});
    case 4:
      return typed(std::uint32_t{});
    case 8:
      return typed(std::uint64_t{});
    default:
      run([size = static_cast<std::size_t>(bytes)](std::byte* to, const std::byte* from) {
        copy_bytes(to, from, size);
      });
  }
}

}  // namespace hardware::moving
