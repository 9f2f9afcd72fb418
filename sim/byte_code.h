#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sim {

// Things in bytes, for a process that was built together with this one and runs on the same
// machine: numbers and arrays as they lie in memory. Whatever is to be carried over is named once,
// in a function that both the writer and the reader are given.

template <class T>
concept Plain = std::is_trivially_copyable_v<T>;

class ByteWriter {
 public:
  template <Plain T>
  void operator()(const T& value) {
    array(&value, 1);
  }
  template <Plain T>
  void operator()(std::span<const T> values) {
    operator()(values.size());
    array(values.data(), values.size());
  }
  template <Plain T>
  void operator()(const std::vector<T>& values) {
    operator()(std::span<const T>(values));
  }
  void operator()(const std::string& text) { operator()(std::span<const char>(text)); }
  /// As many as `things`, each by `each`.
  template <class T, class Each>
  void list(const std::vector<T>& things, Each each) {
    operator()(things.size());
    for (const auto& thing : things) each(thing);
  }

  std::string bytes;

 private:
  template <class T>
  void array(const T* first, std::size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t) / 2);
    if (count > 0) bytes.append(reinterpret_cast<const char*>(first), count * sizeof(T));
    bytes.resize((bytes.size() + 7) / 8 * 8);
  }
};

/// Throws std::out_of_range where bytes are missing.
class ByteReader {
 public:
  /// The bytes start at a multiple of 8, and outlive the spans that are read from them.
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) { require(bytes.size() % 8 == 0); }

  template <Plain T>
  void operator()(T& value) {
    std::memcpy(&value, take(sizeof(T)), sizeof(T));
  }
  template <Plain T>
  void operator()(std::span<const T>& values) {
    const auto count = size(sizeof(T));
    values = {reinterpret_cast<const T*>(take(count * sizeof(T))), count};
  }
  template <Plain T>
  void operator()(std::vector<T>& values) {
    std::span<const T> view;
    operator()(view);
    values.assign(view.begin(), view.end());
  }
  void operator()(std::string& text) {
    std::span<const char> view;
    operator()(view);
    text.assign(view.begin(), view.end());
  }
  template <class T, class Each>
  void list(std::vector<T>& things, Each each) {
    things.resize(size(1));
    for (auto& thing : things) each(thing);
  }
  /// Call when everything has been read.
  void finish() const { require(bytes_.empty()); }

 private:
  static void require(bool holds) {
    if (!holds) throw std::out_of_range("bytes are missing or left over");
  }
  std::size_t size(std::size_t of_one) {
    std::size_t count = 0;
    operator()(count);
    require(count <= bytes_.size() / of_one);
    return count;
  }
  const char* take(std::size_t count) {
    require(count <= bytes_.size());
    const auto* start = bytes_.data();
    bytes_.remove_prefix((count + 7) / 8 * 8);
    return start;
  }

  std::string_view bytes_;
};

}  // namespace sim
