#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

/// ONNX files written byte by byte after onnx.proto, so that the reader is tested against something
/// that shares no code with it. Every function gives the bytes of one message or field.
namespace onnx_bytes {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}

inline std::string number(int field, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(static_cast<std::uint64_t>(value));
}

inline std::string text(int field, std::string_view bytes) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(bytes.size()) +
         std::string(bytes);
}

inline constexpr int float32 = 1, int64 = 7, string = 8;

/// Dimensions of a declared tensor: a number, or a name.
struct Dim {
  Dim(std::int64_t size) : bytes(number(1, size)) {}
  Dim(const char* name) : bytes(text(2, name)) {}
  std::string bytes;
};

inline std::string info(std::string_view name, const std::vector<Dim>& dims, int type = float32) {
  std::string shape;
  for (const auto& dim : dims) shape += text(1, dim.bytes);
  return text(1, name) + text(2, text(1, number(1, type) + text(2, shape)));
}

inline std::string tensor(std::string_view name, const std::vector<std::int64_t>& shape, int type,
                          const std::string& rest = "") {
  std::string bytes;
  for (const auto size : shape) bytes += number(1, size);
  return bytes + number(2, type) + text(8, name) + rest;
}

inline std::string integers(std::string_view name, const std::vector<std::int64_t>& values) {
  std::string data;
  for (const auto value : values) data += number(7, value);
  return tensor(name, {static_cast<std::int64_t>(values.size())}, int64, data);
}

inline std::string attribute(std::string_view name, std::int64_t value) {
  return text(5, text(1, name) + number(3, value) + number(20, 2));
}

inline std::string attribute(std::string_view name, const std::vector<std::int64_t>& values) {
  std::string bytes = text(1, name);
  for (const auto value : values) bytes += number(8, value);
  return text(5, bytes + number(20, 7));
}

inline std::string node(std::string_view type, std::string_view name,
                        const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::string& attributes = "",
                        std::string_view domain = "") {
  std::string bytes;
  for (const auto& input : inputs) bytes += text(1, input);
  for (const auto& output : outputs) bytes += text(2, output);
  return bytes + text(3, name) + text(4, type) + attributes + text(7, domain);
}

struct Graph {
  std::vector<std::string> nodes, weights, inputs, outputs, infos;

  std::string bytes() const {
    std::string all = text(2, "graph");
    const auto add = [&](int field, const std::vector<std::string>& list) {
      for (const auto& item : list) all += text(field, item);
    };
    add(1, nodes);
    add(5, weights);
    add(11, inputs);
    add(12, outputs);
    add(13, infos);
    return all;
  }
};

inline std::string model(const Graph& graph, int opset = 17, const std::string& rest = "") {
  return number(1, 8) + text(7, graph.bytes()) + text(8, text(1, "") + number(2, opset)) + rest;
}

/// A file that lives as long as this does.
class File {
 public:
  explicit File(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("partwise_" + std::to_string(getpid()) + ".onnx")) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { std::filesystem::remove(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace onnx_bytes
