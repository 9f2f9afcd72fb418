#include "hardware/integers.h"

#include <algorithm>
#include <array>

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/halves.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::ElementType;

constexpr std::size_t together = 4;
using Sums = std::array<std::int32_t, together>;

/// Products of up to 255 x 255 add up to less than 2^31 for so many terms.
constexpr std::int64_t longest_exact = 32'768;

/// One row by four; the compiler turns this into sums of pairs of products.
Sums multiply_few(const std::int16_t* a, const std::array<const std::int16_t*, together>& b,
                  std::int64_t count) {
  std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    s0 += a[k] * b[0][k];
    s1 += a[k] * b[1][k];
    s2 += a[k] * b[2][k];
    s3 += a[k] * b[3][k];
  }
  return {s0, s1, s2, s3};
}

constexpr std::array table = {
    PlainRow{"ConvInteger", conv_integer, "int8 uint8", "oneDNN, own"},
    PlainRow{"MatMulInteger", matmul_integer, "int8 uint8", "oneDNN, own"},
    PlainRow{"QLinearConv", qlinear_conv, "int8 uint8", "oneDNN, own"},
    PlainRow{"QLinearMatMul", qlinear_matmul, "int8 uint8", "oneDNN, own"},
};

}  // namespace

void multiply_rows(const std::int16_t* a, std::int64_t rows, const std::int16_t* b,
                   std::int64_t columns, std::int64_t depth, std::int32_t* sums,
                   std::int64_t stride) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; j += together) {
      const auto count = std::min<std::int64_t>(together, columns - j);
      std::int32_t* to = sums + i * stride + j;
      std::fill_n(to, count, 0);
      for (std::int64_t start = 0; start < depth; start += longest_exact) {
        std::array<const std::int16_t*, together> others{};
        // At the end of the columns the last one stands in for those that are not there.
        for (std::size_t c = 0; c < together; ++c)
          others[c] = b + std::min(j + static_cast<std::int64_t>(c), columns - 1) * depth + start;
        const auto part =
            multiply_few(a + i * depth + start, others, std::min(longest_exact, depth - start));
        for (std::int64_t c = 0; c < count; ++c)
          to[c] = wrapped_sum(to[c], part[static_cast<std::size_t>(c)]);
      }
    }
}

void Narrow::widen(std::int64_t first, std::int64_t step, std::int64_t count, std::int16_t zero,
                   std::int16_t* to) const {
  const auto copy = [&](const auto* from) {
    for (std::int64_t i = 0; i < count; ++i)
      to[i] = static_cast<std::int16_t>(from[first + i * step] - zero);
  };
  if (has_sign_)
    copy(reinterpret_cast<const std::int8_t*>(elements_));
  else
    copy(reinterpret_cast<const std::uint8_t*>(elements_));
}

bool is_signed(const Request& request, std::size_t index) {
  const auto type = input_of(request, index).type;
  if (type != ElementType::int8 && type != ElementType::uint8) refuse_type(request);
  return type == ElementType::int8;
}

void require_type(const Request& request, std::size_t index, ElementType type) {
  if (has_input(request, index) && input_of(request, index).type != type)
    fail(*request.op, "its zero point, input " + std::to_string(index) +
                          ", is of another type than what it belongs to");
}

Narrow narrow_of(std::span<const std::byte* const> inputs, std::size_t index, bool has_sign) {
  return {index < inputs.size() ? inputs[index] : nullptr, has_sign};
}

Storage storage_of(const Request& request) {
  const auto type = output_of(request, 0).type;
  if (type == ElementType::int8) return {type, -128, 127};
  if (type == ElementType::uint8) return {type, 0, 255};
  if (type != ElementType::int32) refuse_type(request);
  return {type, 0, 0};
}

std::optional<std::vector<std::int8_t>> shifted_weights(const Request& request, std::size_t input,
                                                        const ZeroPoints& zeros) {
  const auto& weights = *request.inputs[input];
  const bool shifted = has_input(request, zeros.input);
  if (weights.constant == nullptr || (shifted && request.inputs[zeros.input]->constant == nullptr))
    return std::nullopt;
  const auto type = weights.layout.type;
  const auto count = weights.layout.elements();
  const auto row = std::max<std::int64_t>(1, count / zeros.count);
  std::vector<std::int8_t> result(models::at(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto place = zeros.per_column ? i % zeros.count : i / row;
    double value = element_as_double(weights.constant, type, i);
    if (shifted)
      value -= element_as_double(request.inputs[zeros.input]->constant, type,
                                 zeros.count == 1 ? 0 : place);
    if (value < -128 || value > 127) return std::nullopt;
    models::at(result, i) = static_cast<std::int8_t>(value);
  }
  return result;
}

std::span<const PlainRow> integer_rows() {
  return table;
}

}  // namespace hardware
