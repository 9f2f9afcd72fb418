#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/index.h"
#include "models/network/network.h"
#include "models/network/shape.h"

/// Every operator once more, in double precision and in the plainest way, from the text of the ONNX
/// operator reference (opsets 7 to 21): what the kernels are held against.
namespace hardware::reference {

using models::at;
using models::ElementType;
using models::Shape;

/// A tensor row by row. Real types are held in double precision, all others exactly: unsigned
/// integers of 64 bits by their bits, booleans as 0 and 1.
struct Array {
  ElementType type = ElementType::float32;
  Shape shape;
  std::vector<double> reals;           ///< of real types, else empty
  std::vector<std::int64_t> integers;  ///< of all others, else empty

  Array() = default;
  Array(ElementType the_type, Shape the_shape);  ///< of zeros
  bool real() const { return models::is_real(type); }
  std::size_t count() const { return at(models::elements_of(shape)); }
  std::size_t rank() const { return shape.size(); }
  /// The element as a number, whatever its type.
  double number(std::size_t i) const;
  /// Rounds or wraps to the type.
  void set(std::size_t i, double value);
  void set(std::size_t i, std::int64_t value);
};
using Inputs = std::vector<std::optional<Array>>;

/// What an operator is asked to compute.
struct Call {
  const models::Operator& op;
  int opset = 17;
  const Inputs& inputs;

  bool has(std::size_t i) const { return i < inputs.size() && inputs[i].has_value(); }
  const Array& in(std::size_t i) const { return inputs.at(i).value(); }
  bool given(const std::string& name) const { return op.attributes.contains(name); }
  std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
  double real(const std::string& name, double otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  std::vector<std::int64_t> integers(const std::string& name) const;  ///< empty if absent
  std::vector<double> reals(const std::string& name) const;           ///< empty if absent
  std::vector<std::string> texts(const std::string& name) const;      ///< empty if absent
  /// From the input where it is there, else from the attribute.
  std::vector<std::int64_t> integers(const std::string& name, std::size_t input) const;
};

using Arrays = std::vector<Array>;
struct Row {
  std::string_view type;
  Arrays (*compute)(const Call&);
};

/// nullptr for a type without a reference.
const Row* find(std::string_view type);
/// The operator's outputs. Throws std::runtime_error for what the operator reference forbids.
Arrays outputs_of(const models::Operator& op, int opset, const Inputs& inputs);

std::span<const Row> unary_rows();
std::span<const Row> binary_rows();
std::span<const Row> casting_rows();
std::span<const Row> moving_rows();
std::span<const Row> shaping_rows();
std::span<const Row> picking_rows();
std::span<const Row> reducing_rows();
std::span<const Row> product_rows();
std::span<const Row> quantizing_rows();
std::span<const Row> pooling_rows();
std::span<const Row> normalizing_rows();
std::span<const Row> recurrent_rows();
std::span<const Row> resizing_rows();

// What they share.

/// The nearest value of a real type, ties to even; overflow becomes infinite.
double rounded(ElementType type, double value);
/// Modulo 2 to the type's width.
std::int64_t wrapped(ElementType type, std::int64_t value);
/// Whether a < b, both integers of that type.
bool below(ElementType type, std::int64_t a, std::int64_t b);
/// Least and greatest integers of a type of at most 32 bits, or of int64.
std::int64_t lowest(ElementType type);
std::int64_t highest(ElementType type);

/// A possibly negative axis as an index. Throws std::runtime_error.
std::size_t axis_of(std::int64_t axis, std::size_t rank);
/// Calls `action(place)` for every place in a tensor of that shape, row by row.
void each(const Shape& shape, const std::function<void(const Shape&)>& action);
/// Where the element at `place` lies, row by row.
std::size_t position(const Shape& shape, const Shape& place);
/// The same when a tensor of that shape is broadcast to a shape that `place` is in.
std::size_t broadcast_position(const Shape& shape, const Shape& place);
/// Throws std::runtime_error.
Shape broadcast(const Shape& a, const Shape& b);
/// Its element at each place is the one of `from` that `source` points to.
Array picked(const Array& from, const Shape& shape,
             const std::function<std::size_t(const Shape&)>& source);
void copy(const Array& from, std::size_t i, Array& to, std::size_t k);
/// The same in other words: all elements as numbers.
Array as_reals(const Array& from);

/// A window that slides over the axes after the first two.
struct Window {
  Shape kernel, strides, dilations, pads;  ///< pads: begins, then ends
  Shape made;                              ///< how many places it has along each axis
};
Window window_of(const Call& call, const Shape& input, const Shape& kernel);
/// Calls `action(inside, tap)` for every element of the window at `place` (of the axes after the
/// first two) that lies on the input: where there, and where in the window.
void each_tap(const Window& window, const Shape& input, const Shape& place,
              const std::function<void(const Shape& inside, const Shape& tap)>& action);
/// The convolution of real numbers with a weight, without a bias.
Array convolved(const Call& call, const Array& x, const Array& w);
/// The product of real matrices with broadcasting, as NumPy's matmul.
Array multiplied(const Array& a, const Array& b);

}  // namespace hardware::reference
