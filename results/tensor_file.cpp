#include "results/tensor_file.h"

#include <array>
#include <new>

#include "models/error.h"
#include "results/hdf5_tensors.h"
#include "results/npy.h"
#include "results/npz.h"
#include "results/output.h"

namespace results {
namespace {

using models::InputError;
using models::NamedTensor;
using Tensors = std::vector<NamedTensor>;

constexpr const char* ends = ".pb, .npy, .npz, .h5 or .hdf5";

enum class Format : std::uint8_t { none, pb, npy, npz, hdf5 };

struct End {
  std::string_view text;
  Format format;
};
constexpr auto known_ends = std::to_array<End>({{".pb", Format::pb},
                                                {".npy", Format::npy},
                                                {".npz", Format::npz},
                                                {".h5", Format::hdf5},
                                                {".hdf5", Format::hdf5}});

/// A path taken apart: "all.npz:x" is all.npz and x.
struct Path {
  std::string file;
  std::string name;  ///< of one tensor; "" for all
  Format format = Format::none;
};

Path path_of(const std::string& path) {
  for (const auto& end : known_ends) {
    if (path.ends_with(end.text)) return {path, "", end.format};
    const auto colon = path.find(std::string(end.text) + ":");
    const bool several = end.format == Format::npz || end.format == Format::hdf5;
    if (!several || colon == std::string::npos) continue;
    auto name = path.substr(colon + end.text.size() + 1);
    name.erase(0, name.find_first_not_of('/'));
    return {path.substr(0, colon + end.text.size()), name, end.format};
  }
  return {path, "", Format::none};
}

[[noreturn]] void refuse_end(const std::string& path) {
  throw InputError(path + ": is no file of tensors by its name; use one that ends in " + ends);
}

std::string names_of(const Tensors& tensors) {
  std::string text;
  for (std::size_t i = 0; i < tensors.size() && i < 20; ++i)
    text += (i > 0 ? ", '" : "'") + tensors[i].name + "'";
  return text + (tensors.size() > 20 ? ", ..." : "");
}

Tensors read(const Path& path) {
  switch (path.format) {
    case Format::pb:
      return {models::tensor_of_proto(read_file(path.file), path.file)};
    case Format::npy:
      return {{"", npy_value(read_file(path.file), path.file)}};
    case Format::npz:
      return npz_tensors(read_file(path.file), path.file, path.name);
    case Format::hdf5:
      return hdf5_tensors(read_file(path.file), path.file, path.name);
    case Format::none:
      break;
  }
  refuse_end(path.file);
}

}  // namespace

Tensors read_tensors(const std::string& path) {
  try {
    auto tensors = read(path_of(path));
    if (tensors.empty()) throw InputError(path + ": it holds no tensors");
    return tensors;
  } catch (const std::bad_alloc&) {
    throw InputError(path + ": it holds more than fits in memory");
  }
}

models::TensorValue read_tensor(const std::string& path) {
  auto tensors = read_tensors(path);
  if (tensors.size() == 1) return std::move(tensors[0].value);
  throw InputError(path + ": it holds " + std::to_string(tensors.size()) +
                   " tensors; name one: " + path + ":NAME with one of " + names_of(tensors));
}

bool is_tensor_file(const std::string& path) {
  return path_of(path).format != Format::none;
}

void write_tensors(const std::string& file, const Tensors& tensors) {
  const auto path = path_of(file);
  const bool single = path.format == Format::pb || path.format == Format::npy;
  if (single && tensors.size() != 1)
    throw InputError(file + ": holds one tensor, and there are " + std::to_string(tensors.size()) +
                     "; use .npz or .h5");
  if (path.format == Format::none || path.file != file) refuse_end(file);
  if (path.format == Format::pb) write_file(file, models::proto_of(tensors[0], file));
  if (path.format == Format::npy) write_file(file, npy_bytes(tensors[0].value));
  if (path.format == Format::npz) write_file(file, npz_bytes(tensors));
  if (path.format == Format::hdf5) write_file(file, hdf5_tensor_bytes(tensors));
}

void write_tensor(const std::string& file, const models::TensorValue& value,
                  const std::string& name) {
  write_tensors(file, {{name, value}});
}

}  // namespace results
