#include <gtest/gtest.h>

#include <algorithm>

#include "hardware/attributes.h"
#include "tests/hardware/product_case.h"
#include "tests/hardware/product_reference.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Precision;
using models::Random;
using models::Shape;

/// Matrices, or vectors, or many matrices.
struct Factors {
  NativeCase native;
  Shape left, right;  ///< as NumPy multiplies them
};

std::int64_t random_size(Random& random) {
  const std::int64_t sizes[] = {1, 2, 3, 5, 8, 16, 17, 33, 64};
  return sizes[random.below(9)];
}

Factors random_gemm(Random& random, Precision precision) {
  Factors made;
  auto& native = made.native;
  const auto rows = random_size(random), depth = random_size(random), columns = random_size(random);
  const bool a = random.chance(0.3), b = random.chance(0.5);
  made.left = {rows, depth};
  made.right = {depth, columns};
  native.op.name = "it";
  native.op.type = "Gemm";
  native.op.attributes = {{"transA", std::int64_t{a}},
                          {"transB", std::int64_t{b}},
                          {"alpha", random.chance(0.5) ? 1.0 : 0.5},
                          {"beta", random.chance(0.5) ? 1.0 : 0.5}};
  native.precision = precision;
  add_random(native, random, activation(random, precision, a ? Shape{depth, rows} : made.left));
  const bool constant = precision == Precision::int8 || random.chance(0.7);
  const auto real = precision == Precision::bf16 ? ElementType::bfloat16 : ElementType::float32;
  add_random(native, random,
             {constant ? ElementType::float32 : real, b ? Shape{columns, depth} : made.right},
             constant);
  const Shape biases[] = {{columns}, {1, columns}, {1}, {}, {rows, columns}, {rows, 1}};
  native.op.inputs = {0, 1};
  if (random.chance(0.7)) {
    native.op.inputs.push_back(2);
    add_random(native, random, {ElementType::float32, biases[random.below(6)]}, constant);
  }
  native.output = activation(random, precision, {rows, columns});
  fuse_some(native, random);
  return made;
}

Factors random_matmul(Random& random, Precision precision) {
  Factors made;
  auto& native = made.native;
  const auto rows = random_size(random), depth = random_size(random), columns = random_size(random);
  made.left = {rows, depth};
  made.right = {depth, columns};
  Shape result = {rows, columns};
  for (auto axes = random.below(3); axes > 0; --axes) {
    const auto size = 1 + random.below(3);
    made.left.insert(made.left.begin(), random.chance(0.3) ? 1 : size);
    if (precision != Precision::int8 && random.chance(0.5))
      made.right.insert(made.right.begin(), random.chance(0.3) ? 1 : size);
  }
  const auto rank = std::max(made.left.size(), made.right.size());
  for (std::size_t i = 2; i < rank; ++i) {
    const auto a = i < made.left.size() ? made.left[made.left.size() - 1 - i] : 1;
    auto b = i < made.right.size() ? made.right[made.right.size() - 1 - i] : 1;
    if (a > 1 && b > 1) made.right[made.right.size() - 1 - i] = b = a;
    result.insert(result.begin(), std::max(a, b));
  }
  if (made.left.size() == 2 && random.chance(0.1)) {
    made.left = {depth};
    result.erase(result.end() - 2);
    result = {columns};
    made.right = {depth, columns};
  }
  native.op.name = "it";
  native.op.type = "MatMul";
  native.op.inputs = {0, 1};
  native.precision = precision;
  add_random(native, random, activation(random, precision, made.left));
  const bool constant = precision == Precision::int8 || random.chance(0.5);
  const auto real = precision == Precision::bf16 ? ElementType::bfloat16 : ElementType::float32;
  add_random(native, random, {constant ? ElementType::float32 : real, made.right}, constant);
  native.output = activation(random, precision, result);
  fuse_some(native, random);
  return made;
}

std::vector<double> transposed(const std::vector<double>& values, const Shape& shape) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    result[i % at(shape[1]) * at(shape[0]) + i / at(shape[1])] = values[i];
  return result;
}

/// alpha A B + beta C.
std::vector<double> product_of(const Factors& factors) {
  const auto& native = factors.native;
  const auto flag = [&native](const char* name) { return integer_of(native.op, name, 0) != 0; };
  const auto& given = native.inputs[1]->layout.shape;
  const auto columns = factors.right.back(), depth = factors.right[factors.right.size() - 2];
  const bool b = flag("transB");
  auto right = weights_computed_with(
      native, b ? ChannelView{1, 1, columns, depth}
                : ChannelView{1, models::elements_of(given) / columns, columns, 1});
  if (b) right = transposed(right, given);
  auto left = native.inputs[0]->values;
  if (flag("transA")) left = transposed(left, native.inputs[0]->layout.shape);
  auto result = multiplied(factors.left, left, factors.right, right, native.output.shape);
  for (auto& value : result) value *= real_of(native.op, "alpha", 1);
  if (native.op.inputs.size() < 3) return result;
  const auto& bias = *native.inputs[2];
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] += real_of(native.op, "beta", 1) * met(bias, native.output.shape, i);
  return result;
}

bool check(const Factors& factors) {
  const auto& native = factors.native;
  const auto got = computed(native);
  if (!got) return false;
  expect_close(*got, product_of(factors), native);
  return true;
}

TEST(NativeMatrices, MultiplyAsTheDefinitionSays) {
  check_many(
      3, [](Random& random, Precision precision) { return check(random_gemm(random, precision)); });
}

TEST(NativeMatrices, MultiplyInBatchesAsTheDefinitionSays) {
  check_many(4, [](Random& random, Precision precision) {
    return check(random_matmul(random, precision));
  });
}

}  // namespace
}  // namespace hardware
