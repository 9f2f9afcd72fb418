#include <algorithm>
#include <array>
#include <vector>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/integers.h"
#include "hardware/onednn/integers.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::Shape;
using Inputs = std::span<const std::byte* const>;
using Outputs = std::span<std::byte* const>;

/// Where the operands are among the inputs, which differs between the two operators.
struct Places {
  std::size_t right = 1, left_zero = 2, right_zero = 3;
  std::size_t left_scale = 0, right_scale = 0, output_scale = 0, output_zero = 0;
  bool scaled = false;
};
constexpr Places integer_places;
constexpr Places linear_places = {3, 2, 5, 1, 4, 6, 7, true};

/// A parameter per tensor, per row or column, or per row or column of every matrix.
struct Lines {
  bool single = true;
  std::int64_t lines = 1;  ///< rows or columns of a matrix
  bool per_matrix = false;
  std::int64_t at(std::int64_t matrix, std::int64_t line) const {
    if (single) return 0;
    return per_matrix ? matrix * lines + line : line;
  }
};

struct Multiplication {
  Places places;
  std::int64_t rows = 1, columns = 1, depth = 1;
  /// Which matrix of each operand makes each matrix of the output.
  std::vector<std::int64_t> left, right;
  bool left_signed = false, right_signed = false, output_signed = false;
  Lines left_zero, right_zero, left_scale, right_scale, output_scale, output_zero;
  Storage storage;
};

/// Of an operand's matrices, the one that is broadcast to each of the output's.
std::vector<std::int64_t> matrices(const Request& request, std::span<const std::int64_t> own,
                                   std::span<const std::int64_t> all) {
  std::vector<std::int64_t> result = {0};
  const auto missing = all.size() - std::min(all.size(), own.size());
  for (std::size_t axis = 0; axis < all.size(); ++axis) {
    const auto size = axis < missing ? 1 : own[axis - missing];
    if (own.size() > all.size() || (size != 1 && size != all[axis]))
      fail(*request.op, "its operands' batches do not fit each other");
    std::vector<std::int64_t> longer;
    for (const auto matrix : result)
      for (std::int64_t i = 0; i < all[axis]; ++i)
        longer.push_back(matrix * size + (size == 1 ? 0 : i));
    result = std::move(longer);
  }
  return result;
}

Lines lines_of(const Request& request, std::size_t index, std::int64_t lines,
               std::int64_t matrices_there) {
  if (!has_input(request, index)) return {};
  const auto count = input_of(request, index).elements();
  if (count == 1) return {};
  if (count == lines) return {false, lines, false};
  if (count != lines * matrices_there)
    fail(*request.op, "its input " + std::to_string(index) + " has " + std::to_string(count) +
                          " elements where 1 or " + std::to_string(lines) + " are needed");
  return {false, lines, true};
}

void take_parameters(const Request& request, Multiplication& it, std::int64_t lefts,
                     std::int64_t rights) {
  const auto& places = it.places;
  require_type(request, places.left_zero, input_of(request, 0).type);
  require_type(request, places.right_zero, input_of(request, places.right).type);
  it.left_zero = lines_of(request, places.left_zero, it.rows, lefts);
  it.right_zero = lines_of(request, places.right_zero, it.columns, rights);
  if (!places.scaled) return;
  for (const auto index : {places.left_scale, places.right_scale, places.output_scale})
    if (input_of(request, index).type != models::ElementType::float32) refuse_type(request);
  for (const auto index : {places.left_zero, places.right_zero, places.output_zero})
    input_of(request, index);
  require_type(request, places.output_zero, it.storage.type);
  const auto all = std::ssize(it.left);
  it.left_scale = lines_of(request, places.left_scale, it.rows, lefts);
  it.right_scale = lines_of(request, places.right_scale, it.columns, rights);
  it.output_scale = lines_of(request, places.output_scale, it.rows, all);
  it.output_zero = lines_of(request, places.output_zero, it.rows, all);
}

Multiplication multiplication_of(const Request& request, const Places& places) {
  auto left = input_of(request, 0).shape, right = input_of(request, places.right).shape;
  if (left.empty() || right.empty()) fail(*request.op, "one of its operands is a scalar");
  if (left.size() == 1) left.insert(left.begin(), 1);
  if (right.size() == 1) right.push_back(1);
  Multiplication it;
  it.places = places;
  it.rows = left.end()[-2], it.depth = left.back(), it.columns = right.back();
  if (right.end()[-2] != it.depth)
    fail(*request.op, "its operands of shapes " + models::text_of(left) + " and " +
                          models::text_of(right) + " do not fit");
  const auto lefts = std::span(left).first(left.size() - 2);
  const auto rights = std::span(right).first(right.size() - 2);
  Shape all(std::max(lefts.size(), rights.size()), 1);
  for (const auto batch : {lefts, rights})
    for (std::size_t i = 0; i < batch.size(); ++i) {
      auto& size = all[all.size() - batch.size() + i];
      if (batch[i] != 1) size = batch[i];
    }
  it.left = matrices(request, lefts, all);
  it.right = matrices(request, rights, all);
  if (output_of(request, 0).elements() != std::ssize(it.left) * it.rows * it.columns)
    fail(*request.op, "its output is not of the product's shape");
  it.left_signed = is_signed(request, 0);
  it.right_signed = is_signed(request, places.right);
  it.storage = storage_of(request);
  it.output_signed = it.storage.type == models::ElementType::int8;
  if (places.scaled == (it.storage.type == models::ElementType::int32)) refuse_type(request);
  take_parameters(request, it, models::elements_of(lefts), models::elements_of(rights));
  return it;
}

/// Stores the sums of matrix `m` of the output, as they are or scaled.
void keep(const Multiplication& it, Inputs inputs, std::size_t m, const std::int32_t* sums,
          std::byte* output) {
  const auto size = it.rows * it.columns;
  const auto matrix = static_cast<std::int64_t>(m);
  if (!it.places.scaled) {
    std::copy_n(sums, size, reinterpret_cast<std::int32_t*>(output) + matrix * size);
    return;
  }
  const auto& places = it.places;
  const float* left = elements<float>(inputs, places.left_scale);
  const float* right = elements<float>(inputs, places.right_scale);
  const float* scale = elements<float>(inputs, places.output_scale);
  const auto zeros = narrow_of(inputs, places.output_zero, it.output_signed);
  auto* to = reinterpret_cast<std::uint8_t*>(output) + matrix * size;
  for (std::int64_t i = 0; i < it.rows; ++i) {
    const float zero = zeros.at(it.output_zero.at(matrix, i));
    const float row = left[it.left_scale.at(it.left[m], i)];
    const float divisor = scale[it.output_scale.at(matrix, i)];
    for (std::int64_t j = 0; j < it.columns; ++j) {
      const float factor = row * right[it.right_scale.at(it.right[m], j)] / divisor;
      *to++ = requantised(*sums++, factor, zero, it.storage);
    }
  }
}

class MultiplicationKernel final : public Kernel {
 public:
  explicit MultiplicationKernel(Multiplication it) : it_(std::move(it)) {}

  static std::size_t room(const Multiplication& it) {
    return at((it.rows + it.columns) * it.depth) * sizeof(std::int16_t) +
           at(it.rows * it.columns) * sizeof(std::int32_t);
  }

  void run(Inputs inputs, Outputs outputs, std::byte* workspace) override {
    sums_ = reinterpret_cast<std::int32_t*>(workspace);
    left_ = reinterpret_cast<std::int16_t*>(sums_ + it_.rows * it_.columns);
    right_ = left_ + it_.rows * it_.depth;
    for (std::size_t m = 0; m < it_.left.size(); ++m) {
      // The same matrix stays widened for all that it is multiplied by.
      if (m == 0 || it_.left[m] != it_.left[m - 1]) widen_left(inputs, it_.left[m]);
      if (m == 0 || it_.right[m] != it_.right[m - 1]) widen_right(inputs, it_.right[m]);
      multiply_rows(left_, it_.rows, right_, it_.columns, it_.depth, sums_, it_.columns);
      keep(it_, inputs, m, sums_, outputs[0]);
    }
  }

 private:
  void widen_left(Inputs inputs, std::int64_t matrix) {
    const auto elements = narrow_of(inputs, 0, it_.left_signed);
    const auto zeros = narrow_of(inputs, it_.places.left_zero, it_.left_signed);
    for (std::int64_t i = 0; i < it_.rows; ++i) {
      const auto zero = zeros ? zeros.at(it_.left_zero.at(matrix, i)) : std::int16_t{0};
      elements.widen((matrix * it_.rows + i) * it_.depth, 1, it_.depth, zero,
                     left_ + i * it_.depth);
    }
  }

  /// Turned, so that what is multiplied lies side by side.
  void widen_right(Inputs inputs, std::int64_t matrix) {
    const auto elements = narrow_of(inputs, it_.places.right, it_.right_signed);
    const auto zeros = narrow_of(inputs, it_.places.right_zero, it_.right_signed);
    for (std::int64_t j = 0; j < it_.columns; ++j) {
      const auto zero = zeros ? zeros.at(it_.right_zero.at(matrix, j)) : std::int16_t{0};
      elements.widen(matrix * it_.depth * it_.columns + j, it_.columns, it_.depth, zero,
                     right_ + j * it_.depth);
    }
  }

  Multiplication it_;
  std::int32_t* sums_ = nullptr;
  std::int16_t *left_ = nullptr, *right_ = nullptr;
};

/// By oneDNN, on the left as it is stored; what its zero points make of the sums is taken away
/// after.
class CorrectedSums final : public Kernel {
 public:
  CorrectedSums(Multiplication it, Prepared sums, std::span<const std::int8_t> right)
      : it_(std::move(it)), sums_(std::move(sums)), column_sums_(at(it_.columns), 0) {
    for (std::size_t i = 0; i < right.size(); ++i)
      column_sums_[i % column_sums_.size()] += right[i];
  }

  std::size_t room() const { return after_sums() + sums_.workspace; }
  std::size_t held() const { return sums_.held + column_sums_.size() * sizeof(std::int32_t); }

  void run(Inputs inputs, Outputs outputs, std::byte* workspace) override {
    const std::array<const std::byte*, 1> given = {inputs[0]};
    const std::array<std::byte*, 1> made = {workspace};
    sums_.kernel->run(given, made, workspace + after_sums());
    auto* sums = reinterpret_cast<std::int32_t*>(workspace);
    const auto zeros = narrow_of(inputs, it_.places.left_zero, it_.left_signed);
    for (std::size_t m = 0; m < it_.left.size(); ++m, sums += it_.rows * it_.columns) {
      for (std::int64_t i = 0; zeros && i < it_.rows; ++i)
        correct(sums + i * it_.columns, zeros.at(it_.left_zero.at(it_.left[m], i)));
      keep(it_, inputs, m, sums, outputs[0]);
    }
  }

 private:
  std::size_t after_sums() const { return (sums_.outputs[0].bytes() + 63) / 64 * 64; }

  void correct(std::int32_t* row, std::int32_t zero) const {
    for (std::int64_t j = 0; j < it_.columns; ++j) {
      const auto excess =
          static_cast<std::uint32_t>(at(column_sums_, j)) * static_cast<std::uint32_t>(zero);
      row[j] = static_cast<std::int32_t>(static_cast<std::uint32_t>(row[j]) - excess);
    }
  }

  Multiplication it_;
  Prepared sums_;
  std::vector<std::int32_t> column_sums_;
};

/// Where the right operand is one known matrix for all on the left, and oneDNN's sums are exact.
std::optional<Prepared> multiplied_fast(const Request& request, const Multiplication& it) {
  const auto& places = it.places;
  const auto matrices = std::ssize(it.left);
  const bool one = input_of(request, places.right).elements() == it.depth * it.columns;
  const bool all = input_of(request, 0).elements() == matrices * it.rows * it.depth;
  if (!one || !all || it.right_zero.per_matrix) return std::nullopt;
  const auto right = shifted_weights(
      request, places.right,
      {places.right_zero, it.right_zero.single ? 1 : it.columns, !it.right_zero.single});
  if (!right) return std::nullopt;
  auto sums = exact_multiplication(input_of(request, 0).type, matrices * it.rows, it.depth,
                                   it.columns, *right);
  if (!sums) return std::nullopt;
  auto prepared = as_asked(request, sums->implementation);
  prepared.packed.assign(request.inputs.size(), false);
  prepared.packed[places.right] = true;
  auto kernel = std::make_unique<CorrectedSums>(it, std::move(*sums), *right);
  prepared.workspace = kernel->room();
  prepared.held = kernel->held();
  prepared.kernel = std::move(kernel);
  return prepared;
}

Prepared multiplied(const Request& request, const Places& places) {
  auto it = multiplication_of(request, places);
  if (auto fast = multiplied_fast(request, it)) return std::move(*fast);
  auto prepared = as_asked(request, "own");
  prepared.workspace = MultiplicationKernel::room(it);
  prepared.held = (it.left.size() + it.right.size()) * sizeof(std::int64_t);
  prepared.kernel = std::make_unique<MultiplicationKernel>(std::move(it));
  return prepared;
}

}  // namespace

Prepared matmul_integer(const Request& request) {
  return multiplied(request, integer_places);
}

Prepared qlinear_matmul(const Request& request) {
  if (has_halves(request)) return through_float(request, qlinear_matmul);
  return multiplied(request, linear_places);
}

}  // namespace hardware
