#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "tests/hardware/plain_case.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Random;
using models::Shape;
using Integers = std::vector<std::int64_t>;

Array integers(Random& random, Shape shape, ElementType type) {
  Array array{std::move(shape), {}, type};
  const auto low = type == ElementType::int8 ? -128 : 0;
  for (auto count = models::elements_of(array.shape); count > 0; --count) {
    // The ends of the range more often than by chance.
    const auto drawn = random.chance(0.2) ? random.below(2) * 255 : random.below(256);
    array.values.push_back(static_cast<double>(low + drawn));
  }
  return array;
}

/// Half of them in the middle of the range, where weights less their zero point stay in 8 bits.
Array zero_points(Random& random, Shape shape, ElementType type) {
  auto array = integers(random, std::move(shape), type);
  if (random.chance(0.5)) std::ranges::fill(array.values, type == ElementType::int8 ? 0 : 128);
  return array;
}

Array scales(Random& random, Shape shape) {
  Array array{std::move(shape), {}};
  for (auto count = models::elements_of(array.shape); count > 0; --count)
    array.values.push_back(static_cast<float>(0.01 + 0.05 * random.unit()));
  return array;
}

ElementType narrow(Random& random) {
  return random.chance(0.5) ? ElementType::int8 : ElementType::uint8;
}

/// As the standard says, with the factor and the product in single precision.
double quantised(std::int64_t sum, double a, double b, double y, double zero, ElementType type) {
  const float factor = static_cast<float>(a) * static_cast<float>(b) / static_cast<float>(y);
  const double whole =
      std::nearbyint(static_cast<float>(static_cast<std::int32_t>(sum)) * factor) + zero;
  return type == ElementType::int8 ? std::clamp(whole, -128.0, 127.0)
                                   : std::clamp(whole, 0.0, 255.0);
}

/// A parameter that is there once or per line.
double pick(const std::optional<Array>& array, std::int64_t line) {
  if (!array) return 0;
  return array->values.size() == 1 ? array->values[0] : array->values[at(line)];
}

struct Product {
  std::int64_t batch = 1, rows = 1, depth = 1, columns = 1;
  bool shared = false;  ///< the right operand has no batch
  Array a, b;
  std::optional<Array> a_zero, b_zero;

  std::int64_t sum(std::int64_t n, std::int64_t i, std::int64_t j) const {
    double total = 0;
    for (std::int64_t k = 0; k < depth; ++k)
      total += (a.values[at((n * rows + i) * depth + k)] - pick(a_zero, i)) *
               (b.values[at(((shared ? 0 : n) * depth + k) * columns + j)] - pick(b_zero, j));
    return static_cast<std::int64_t>(total);
  }
  Shape output() const { return {batch, rows, columns}; }
};

Product random_product(Random& random, bool zeros) {
  Product it;
  it.batch = 1 + random.below(3), it.rows = 1 + random.below(9);
  it.depth = 1 + random.below(70), it.columns = 1 + random.below(9);
  it.shared = random.chance(0.5);
  const auto left = narrow(random), right = narrow(random);
  it.a = integers(random, {it.batch, it.rows, it.depth}, left);
  it.b = integers(random,
                  it.shared ? Shape{it.depth, it.columns} : Shape{it.batch, it.depth, it.columns},
                  right);
  if (zeros || random.chance(0.7))
    it.a_zero = integers(random, random.chance(0.5) ? Shape{} : Shape{it.rows}, left);
  if (zeros || random.chance(0.7))
    it.b_zero = zero_points(random, random.chance(0.5) ? Shape{} : Shape{it.columns}, right);
  return it;
}

TEST(MatMulInteger, IsExact) {
  Random random(21);
  for (int round = 0; round < 120; ++round) {
    const auto it = random_product(random, false);
    const PlainCase plain{"MatMulInteger",
                          {},
                          {it.a, it.b, it.a_zero, it.b_zero},
                          {Array{it.output(), {}, ElementType::int32}}};
    const auto got = computed(plain)[0]->values;
    for (std::int64_t o = 0; o < std::ssize(got); ++o)
      ASSERT_EQ(got[at(o)],
                it.sum(o / (it.rows * it.columns), o / it.columns % it.rows, o % it.columns))
          << "round " << round << " at " << o;
  }
}

TEST(MatMulInteger, DoesNotSaturateWhereProductsAreLargest) {
  const std::int64_t depth = 40'000;
  const Array a{{1, depth}, std::vector<double>(at(depth), 255), ElementType::uint8};
  const Array b{{depth, 1}, std::vector<double>(at(depth), -128), ElementType::int8};
  const PlainCase plain{"MatMulInteger", {}, {a, b}, {Array{{1, 1}, {}, ElementType::int32}}};
  EXPECT_EQ(computed(plain)[0]->values[0], -255.0 * 128 * depth);
}

TEST(MatMulInteger, TakesVectorsAndTellsWhatDoesNotFit) {
  const auto vector = [](std::vector<double> values) {
    const auto size = std::ssize(values);
    return Array{{size}, std::move(values), ElementType::uint8};
  };
  PlainCase plain{
      "MatMulInteger", {}, {vector({1, 2}), vector({3, 4})}, {Array{{}, {}, ElementType::int32}}};
  EXPECT_EQ(computed(plain)[0]->values, (std::vector<double>{11}));
  plain.inputs[1] = vector({3, 4, 5});
  EXPECT_EQ(complaint(plain),
            "operator 'it' (MatMulInteger): its operands of shapes 1x2 and 3x1 do not fit");
  plain.inputs = {vector({1, 2}), vector({3, 4}), Array{{}, {0}, ElementType::int8}};
  EXPECT_EQ(
      complaint(plain),
      "operator 'it' (MatMulInteger): its zero point, input 2, is of another type than what it "
      "belongs to");
  plain.inputs[2] = vector({1, 2, 3});
  EXPECT_EQ(complaint(plain),
            "operator 'it' (MatMulInteger): its input 2 has 3 elements where 1 or 1 are needed");
}

TEST(QLinearMatMul, RoundsHalfToEvenAndSaturates) {
  Random random(22);
  for (int round = 0; round < 120; ++round) {
    const auto it = random_product(random, true);
    const auto type = narrow(random);
    const auto a = scales(random, it.a_zero->shape), b = scales(random, it.b_zero->shape);
    const bool per_row = random.chance(0.3);
    const auto y = scales(random, per_row ? Shape{it.rows} : Shape{});
    const auto zero = integers(random, y.shape, type);
    const PlainCase plain{"QLinearMatMul",
                          {},
                          {it.a, a, it.a_zero, it.b, b, it.b_zero, y, zero},
                          {Array{it.output(), {}, type}}};
    const auto got = computed(plain)[0]->values;
    for (std::int64_t o = 0; o < std::ssize(got); ++o) {
      const auto i = o / it.columns % it.rows, j = o % it.columns;
      ASSERT_EQ(got[at(o)], quantised(it.sum(o / (it.rows * it.columns), i, j), pick(a, i),
                                      pick(b, j), pick(y, i), pick(zero, i), type))
          << "round " << round << " at " << o;
    }
  }
  const Array one{{}, {1}}, two{{}, {2}}, nought{{}, {0}, ElementType::uint8};
  const Array x{{5, 1}, {1, 3, 5, 7, 9}, ElementType::uint8}, unit{{1, 1}, {1}, ElementType::uint8};
  const PlainCase halves{"QLinearMatMul",
                         {},
                         {x, one, nought, unit, one, nought, two, nought},
                         {Array{{5, 1}, {}, ElementType::uint8}}};
  EXPECT_EQ(computed(halves)[0]->values, (std::vector<double>{0, 2, 2, 4, 4}));
}

/// A convolution of integers drawn at random; two spatial axes or one, or three.
struct Convolved {
  std::int64_t batch = 1, groups = 1, channels = 1, filters = 1;
  Integers size, kernel, strides, dilations, pads;
  Array x, w;
  std::optional<Array> x_zero, w_zero;

  std::size_t axes() const { return size.size(); }
  std::int64_t made(std::size_t i) const {
    const auto room = size[i] + pads[i] + pads[i + axes()] - (kernel[i] - 1) * dilations[i] - 1;
    return room < 0 ? 0 : room / strides[i] + 1;
  }
  Shape output() const {
    Shape shape = {batch, groups * filters};
    for (std::size_t i = 0; i < axes(); ++i) shape.push_back(made(i));
    return shape;
  }
  std::int64_t filter(std::int64_t o) const {
    const auto shape = output();
    return o / models::elements_of(std::span(shape).subspan(2)) % shape[1];
  }
  std::int64_t sum(std::int64_t o) const {
    const auto shape = output();
    Integers where(shape.size());
    for (auto i = shape.size(); i-- > 0; o /= shape[i]) where[i] = o % shape[i];
    const auto taps = models::elements_of(kernel);
    double total = 0;
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t t = 0; t < taps; ++t) {
        auto rest = t;
        std::int64_t place = 0, stride = 1;
        bool inside = true;
        for (auto i = axes(); i-- > 0; rest /= kernel[i]) {
          const auto v = where[i + 2] * strides[i] - pads[i] + rest % kernel[i] * dilations[i];
          inside = inside && v >= 0 && v < size[i];
          place += v * stride, stride *= size[i];
        }
        if (!inside) continue;
        const auto plane = (where[0] * groups + where[1] / filters) * channels + c;
        total += (x.values[at(plane * stride + place)] - pick(x_zero, 0)) *
                 (w.values[at((where[1] * channels + c) * taps + t)] - pick(w_zero, where[1]));
      }
    return static_cast<std::int64_t>(total);
  }
  PlainCase plain(const std::string& type) const {
    PlainCase result;
    result.type = type;
    result.attributes = {
        {"strides", strides}, {"dilations", dilations}, {"pads", pads}, {"group", groups}};
    return result;
  }
};

Convolved random_convolved(Random& random, bool zeros) {
  Convolved it;
  it.batch = 1 + random.below(2), it.groups = 1 + random.below(3);
  it.channels = 1 + random.below(4), it.filters = 1 + random.below(4);
  bool fits = false;
  while (!fits) {
    it.size.clear(), it.kernel.clear(), it.strides.clear(), it.dilations.clear(), it.pads.clear();
    for (auto axes = 1 + random.below(3); axes > 0; --axes) {
      it.size.push_back(1 + random.below(10)), it.kernel.push_back(1 + random.below(3));
      it.strides.push_back(1 + random.below(2)), it.dilations.push_back(1 + random.below(2));
    }
    for (std::size_t i = 0; i < 2 * it.axes(); ++i) it.pads.push_back(random.below(3));
    fits = true;
    for (std::size_t i = 0; i < it.axes(); ++i) fits = fits && it.made(i) > 0;
  }
  Shape input = {it.batch, it.groups * it.channels}, weight = {it.groups * it.filters, it.channels};
  input.insert(input.end(), it.size.begin(), it.size.end());
  weight.insert(weight.end(), it.kernel.begin(), it.kernel.end());
  const auto left = narrow(random), right = narrow(random);
  it.x = integers(random, input, left);
  it.w = integers(random, weight, right);
  if (zeros || random.chance(0.7)) it.x_zero = integers(random, {}, left);
  if (zeros || random.chance(0.7))
    it.w_zero = zero_points(random, random.chance(0.5) ? Shape{} : Shape{weight[0]}, right);
  return it;
}

TEST(ConvInteger, IsExact) {
  Random random(23);
  for (int round = 0; round < 100; ++round) {
    const auto it = random_convolved(random, false);
    auto plain = it.plain("ConvInteger");
    plain.inputs = {it.x, it.w, it.x_zero, it.w_zero};
    plain.outputs = {Array{it.output(), {}, ElementType::int32}};
    const auto got = computed(plain)[0]->values;
    for (std::int64_t o = 0; o < std::ssize(got); ++o)
      ASSERT_EQ(got[at(o)], it.sum(o)) << "round " << round << " at " << o;
  }
}

TEST(QLinearConv, ScalesPerTensorOrPerFilter) {
  Random random(24);
  for (int round = 0; round < 100; ++round) {
    const auto it = random_convolved(random, true);
    const auto type = narrow(random);
    const auto filters = it.w.shape[0];
    const auto x = scales(random, {}),
               w = scales(random, random.chance(0.5) ? Shape{} : Shape{filters});
    const auto y = scales(random, {});
    const auto zero = integers(random, {}, type);
    std::optional<Array> bias;
    if (random.chance(0.5)) {
      bias = Array{{filters}, {}, ElementType::int32};
      for (std::int64_t f = 0; f < filters; ++f)
        bias->values.push_back(static_cast<double>(random.below(20'000) - 10'000));
    }
    auto plain = it.plain("QLinearConv");
    plain.inputs = {it.x, x, it.x_zero, it.w, w, it.w_zero, y, zero, bias};
    plain.outputs = {Array{it.output(), {}, type}};
    const auto got = computed(plain)[0]->values;
    for (std::int64_t o = 0; o < std::ssize(got); ++o) {
      const auto f = it.filter(o);
      const auto sum = it.sum(o) + static_cast<std::int64_t>(bias ? bias->values[at(f)] : 0);
      ASSERT_EQ(got[at(o)],
                quantised(sum, x.values[0], pick(w, f), y.values[0], zero.values[0], type))
          << "round " << round << " at " << o;
    }
  }
}

TEST(QLinearConv, ImpossibleParametersAreNamed) {
  const Array x{{1, 1, 2}, {1, 2}, ElementType::uint8}, zero{{}, {0}, ElementType::uint8};
  const Array w{{1, 1, 1}, {1}, ElementType::uint8}, scale{{}, {1}};
  PlainCase plain{"QLinearConv",
                  {},
                  {x, scale, zero, w, scale, zero, scale, zero},
                  {Array{{1, 1, 2}, {}, ElementType::uint8}}};
  EXPECT_EQ(complaint(plain), "");
  const std::string it = "operator 'it' (QLinearConv): ";
  plain.inputs[4] = Array{{2}, {1, 1}};
  EXPECT_EQ(complaint(plain), it + "its input 4 has 2 elements where 1 or 1 are needed");
  plain.inputs[4] = scale;
  plain.inputs[2] = Array{{2}, {1, 1}, ElementType::uint8};
  EXPECT_EQ(complaint(plain), it + "its input 2 is not a single number");
  plain.inputs[2].reset();
  EXPECT_EQ(complaint(plain), it + "its input 2 is absent");
  plain.inputs[2] = zero;
  plain.inputs.emplace_back(Array{{2}, {1, 1}, ElementType::int32});
  EXPECT_EQ(complaint(plain), it + "its bias is not 1 numbers of int32");
}

}  // namespace
}  // namespace hardware
