#include <algorithm>
#include <cmath>
#include <type_traits>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/products.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::Shape;

/// A matrix within an array: how far apart its rows, and the elements of a row, are.
struct Steps {
  std::int64_t row = 0, column = 0;
};

/// Where an operand is read for each element of a matrix that it is broadcast to.
Steps broadcast_steps(const models::Operator& op, Shape shape, std::int64_t rows,
                      std::int64_t columns) {
  if (shape.size() > 2) fail(op, "its third input has more than two axes");
  while (shape.size() < 2) shape.insert(shape.begin(), 1);
  if ((shape[0] != 1 && shape[0] != rows) || (shape[1] != 1 && shape[1] != columns))
    fail(op, "its third input of shape " + models::text_of(shape) + " does not fit its result");
  return {shape[0] == 1 ? 0 : shape[1], shape[1] == 1 ? 0 : 1};
}

/// Many products of matrices of one size.
struct Products {
  std::int64_t rows = 0, depth = 0, columns = 0;
  Steps left, right;
  std::vector<std::int64_t> from, by;  ///< where the factors of each product start
  bool has_addend = false;
  Steps addend;
  double alpha = 1, beta = 1;
};

template <class T>
class MatrixLoops : public Kernel {
 public:
  explicit MatrixLoops(Products products) : products_(std::move(products)) {}

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    const auto& [rows, depth, columns, left, right, from, by, has_addend, addend, alpha, beta] =
        products_;
    const auto* a = elements<T>(inputs, 0);
    const auto* b = elements<T>(inputs, 1);
    auto* y = elements<T>(outputs, 0);
    for (std::size_t product = 0; product < from.size(); ++product)
      for (std::int64_t row = 0; row < rows; ++row, y += columns) {
        std::fill_n(y, columns, T{0});
        multiply_row(a + from[product] + row * left.row, b + by[product], y);
        if (has_addend) add(elements<T>(inputs, 2) + row * addend.row, y);
      }
  }

 private:
  /// The row by the whole matrix, along whichever of its sides is contiguous.
  void multiply_row(const T* a, const T* b, T* y) const {
    const auto& right = products_.right;
    const auto step = products_.left.column;
    if (right.column == 1) {
      for (std::int64_t k = 0; k < products_.depth; ++k)
        for (std::int64_t j = 0; j < products_.columns; ++j)
          y[j] += a[k * step] * b[k * right.row + j];
    } else {
      for (std::int64_t j = 0; j < products_.columns; ++j)
        for (std::int64_t k = 0; k < products_.depth; ++k)
          y[j] += a[k * step] * b[k + j * right.column];
    }
    if (products_.alpha != 1)
      for (std::int64_t j = 0; j < products_.columns; ++j) y[j] = scaled(y[j], products_.alpha);
  }
  void add(const T* c, T* y) const {
    for (std::int64_t j = 0; j < products_.columns; ++j)
      y[j] += scaled(c[j * products_.addend.column], products_.beta);
  }
  static T scaled(T value, double factor) {
    if constexpr (std::is_floating_point_v<T>) {
      return value * static_cast<T>(factor);
    } else {
      return value * static_cast<T>(static_cast<std::int64_t>(factor));
    }
  }

  Products products_;
};

Products gemm_of(const Request& request) {
  const auto& op = *request.op;
  const auto& a = input_of(request, 0).shape;
  const auto& b = input_of(request, 1).shape;
  if (a.size() != 2 || b.size() != 2) fail(op, "its factors must be matrices");
  const bool left = integer_of(op, "transA", 0) != 0, right = integer_of(op, "transB", 0) != 0;
  Products made;
  made.rows = a[left ? 1 : 0];
  made.depth = a[left ? 0 : 1];
  made.columns = b[right ? 0 : 1];
  if (b[right ? 1 : 0] != made.depth)
    fail(op, "its factors of shape " + models::text_of(a) + " and " + models::text_of(b) +
                 " do not fit");
  made.left = left ? Steps{1, a[1]} : Steps{a[1], 1};
  made.right = right ? Steps{1, b[1]} : Steps{b[1], 1};
  made.from = made.by = {0};
  made.alpha = real_of(op, "alpha", 1);
  made.beta = real_of(op, "beta", 1);
  made.has_addend = has_input(request, 2);
  if (made.has_addend)
    made.addend = broadcast_steps(op, input_of(request, 2).shape, made.rows, made.columns);
  return made;
}

/// Where the matrices of an operand start, one for each of the result's.
std::vector<std::int64_t> starts(const Shape& own, const Shape& result) {
  std::vector<std::int64_t> all = {0};
  for (std::size_t axis = 0; axis + 2 < own.size(); ++axis) {
    std::vector<std::int64_t> finer;
    for (const auto start : all)
      for (std::int64_t i = 0; i < result[axis]; ++i)
        finer.push_back(start * own[axis] + (own[axis] == 1 ? 0 : i));
    all = std::move(finer);
  }
  for (auto& start : all) start *= own[own.size() - 2] * own.back();
  return all;
}

Products matmul_of(const Request& request) {
  const auto& op = *request.op;
  Shape a = input_of(request, 0).shape, b = input_of(request, 1).shape;
  if (a.empty() || b.empty()) fail(op, "a factor is a scalar");
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  const auto rank = std::max(a.size(), b.size());
  a.insert(a.begin(), rank - a.size(), 1);
  b.insert(b.begin(), rank - b.size(), 1);
  Shape batches;
  for (std::size_t axis = 0; axis + 2 < rank; ++axis) {
    if (a[axis] != b[axis] && a[axis] != 1 && b[axis] != 1)
      fail(op, "its factors' leading axes do not fit each other");
    batches.push_back(a[axis] == 1 ? b[axis] : a[axis]);
  }
  Products made;
  made.rows = a[rank - 2];
  made.depth = a[rank - 1];
  made.columns = b[rank - 1];
  if (b[rank - 2] != made.depth) fail(op, "its factors do not fit each other");
  made.left = {made.depth, 1};
  made.right = {made.columns, 1};
  made.from = starts(a, batches);
  made.by = starts(b, batches);
  return made;
}

}  // namespace

template <class T>
Prepared matrix_loops(const Request& request) {
  auto products = request.op->type == "Gemm" ? gemm_of(request) : matmul_of(request);
  const auto whole = [](double factor) {
    return std::abs(factor) < 0x1p31 && std::trunc(factor) == factor;
  };
  if (std::is_integral_v<T> && !(whole(products.alpha) && whole(products.beta)))
    throw NotSupported{"Gemm of integers by fractions"};
  auto made = as_asked(request, "own");
  made.held = (products.from.size() + products.by.size()) * sizeof(std::int64_t);
  made.kernel = std::make_unique<MatrixLoops<T>>(std::move(products));
  return made;
}

template Prepared matrix_loops<float>(const Request& request);
template Prepared matrix_loops<double>(const Request& request);
template Prepared matrix_loops<std::uint32_t>(const Request& request);
template Prepared matrix_loops<std::uint64_t>(const Request& request);

}  // namespace hardware
