#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "models/network/tensor_value.h"

namespace results {

/// How an array lies in an .npy file (NumPy's format specification, numpy.lib.format, versions 1 to
/// 3).
struct NpyLayout {
  models::ElementType type = models::ElementType::float32;
  models::Shape shape;
  bool columns_first = false;  ///< "fortran_order"
  bool swapped = false;        ///< bytes of elements in the other order than this machine's
  std::size_t start = 0;       ///< of the elements, in bytes
};

/// Longest header that is read: NumPy itself refuses more than this unless told to trust the file.
inline constexpr std::size_t longest_npy_header = 1 << 16;

/// From the first bytes of the file, `longest_npy_header` of them or all. Throws InputError
/// starting with `source`: an object array (a pickle), texts, complex numbers, structures.
NpyLayout npy_layout(std::string_view start, const std::string& source);

/// Elements in their final order. `bytes` are those behind the header, as many as it takes.
models::TensorValue npy_elements(const NpyLayout& layout, std::string_view bytes);

/// A whole file. Throws InputError starting with `source`, also where it is cut short or too long.
models::TensorValue npy_value(std::string_view bytes, const std::string& source);

/// A file of version 1, row by row. bfloat16 as uint16.
std::string npy_bytes(const models::TensorValue& value);

}  // namespace results
