#include <cmath>
#include <limits>

#include "tests/hardware/plain_case.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Random;
using models::Shape;
using Integers = std::vector<std::int64_t>;

/// A pooling operator drawn at random, and how its outputs come about by the standard's formulas.
struct Pooling {
  Shape shape;
  Integers kernel, strides, dilations, pads;
  bool round_up = false;
  std::string auto_pad;

  std::size_t axes() const { return kernel.size(); }
  std::int64_t reach(std::size_t i) const { return (kernel[i] - 1) * dilations[i] + 1; }

  /// 0 where no window fits.
  std::int64_t output(std::size_t i) const {
    const auto size = shape[i + 2];
    if (auto_pad.starts_with("SAME")) return (size + strides[i] - 1) / strides[i];
    const auto room = size + begin(i) + end(i) - reach(i);
    if (room < 0) return 0;
    if (!round_up) return room / strides[i] + 1;
    const auto count = (room + strides[i] - 1) / strides[i] + 1;
    return (count - 1) * strides[i] >= size + begin(i) ? count - 1 : count;
  }
  std::int64_t same(std::size_t i) const {
    return std::max<std::int64_t>(0, (output(i) - 1) * strides[i] + reach(i) - shape[i + 2]);
  }
  std::int64_t begin(std::size_t i) const {
    if (auto_pad == "SAME_UPPER") return same(i) / 2;
    if (auto_pad == "SAME_LOWER") return (same(i) + 1) / 2;
    return auto_pad == "VALID" ? 0 : pads[i];
  }
  std::int64_t end(std::size_t i) const {
    if (auto_pad.starts_with("SAME")) return same(i) - begin(i);
    return auto_pad == "VALID" ? 0 : pads[i + axes()];
  }
  Shape outputs() const {
    Shape result = {shape[0], shape[1]};
    for (std::size_t i = 0; i < axes(); ++i) result.push_back(output(i));
    return result;
  }
};

Pooling random_pooling(Random& random, std::size_t axes) {
  Pooling pooling;
  while (true) {
    pooling = {};
    pooling.shape = {1 + random.below(2), 1 + random.below(3)};
    for (std::size_t i = 0; i < axes; ++i) {
      pooling.shape.push_back(1 + random.below(8));
      pooling.kernel.push_back(1 + random.below(4));
      pooling.strides.push_back(1 + random.below(3));
      pooling.dilations.push_back(1 + random.below(2));
    }
    for (std::size_t i = 0; i < 2 * axes; ++i)
      pooling.pads.push_back(random.below(pooling.kernel[i % axes]));
    pooling.round_up = random.chance(0.5);
    const std::vector<std::string> modes = {"NOTSET", "NOTSET", "VALID", "SAME_UPPER",
                                            "SAME_LOWER"};
    pooling.auto_pad = modes[at(random.below(5))];
    bool fits = true;
    for (std::size_t i = 0; i < axes; ++i) fits = fits && pooling.output(i) > 0;
    if (fits) return pooling;
  }
}

/// One window's elements: their places in the whole input; `padded` counts those of the padding
/// too.
struct Taps {
  std::vector<std::int64_t> places;
  std::int64_t padded = 0;
};

Taps taps_of(const Pooling& pooling, std::int64_t output) {
  const auto shape = pooling.outputs();
  Shape position(shape.size());
  for (auto i = shape.size(); i-- > 0; output /= shape[i]) position[i] = output % shape[i];
  Taps taps;
  std::int64_t combinations = 1;
  for (const auto size : pooling.kernel) combinations *= size;
  for (std::int64_t c = 0; c < combinations; ++c) {
    auto rest = c;
    bool inside = true, padded = true;
    Shape where = position;
    for (auto i = pooling.axes(); i-- > 0; rest /= pooling.kernel[i]) {
      const auto x = position[i + 2] * pooling.strides[i] - pooling.begin(i) +
                     rest % pooling.kernel[i] * pooling.dilations[i];
      inside = inside && x >= 0 && x < pooling.shape[i + 2];
      padded = padded && x < pooling.shape[i + 2] + pooling.end(i);
      where[i + 2] = x;
    }
    taps.padded += padded;
    if (!inside) continue;
    std::int64_t place = 0;
    for (std::size_t i = 0; i < where.size(); ++i) place = place * pooling.shape[i] + where[i];
    taps.places.push_back(place);
  }
  return taps;
}

PlainCase case_of(const Pooling& pooling, const std::string& type, Array input) {
  PlainCase plain;
  plain.type = type;
  plain.opset = 19;
  plain.attributes = {{"kernel_shape", pooling.kernel},
                      {"strides", pooling.strides},
                      {"dilations", pooling.dilations},
                      {"auto_pad", pooling.auto_pad},
                      {"ceil_mode", std::int64_t{pooling.round_up}}};
  if (pooling.auto_pad == "NOTSET") plain.attributes["pads"] = pooling.pads;
  plain.outputs = {Array{pooling.outputs(), {}, input.type}};
  plain.inputs = {std::move(input)};
  return plain;
}

/// Agreement over random attributes; `value(input, taps)` is the expected output.
template <class Value>
void agrees(const std::string& type, ElementType element, double tolerance, Value value,
            const std::map<std::string, models::Attribute>& more = {}) {
  Random random(7);
  for (int round = 0; round < 60; ++round) {
    const auto pooling = random_pooling(random, at(1 + round % 4));
    auto plain = case_of(
        pooling, type,
        random_array(random, pooling.shape, element, element == ElementType::int8 ? 100 : 2));
    for (const auto& [name, attribute] : more) plain.attributes[name] = attribute;
    std::vector<double> expected;
    const auto count = models::elements_of(pooling.outputs());
    for (std::int64_t o = 0; o < count; ++o)
      expected.push_back(value(plain.inputs[0]->values, taps_of(pooling, o)));
    expect_near(*computed(plain)[0], expected, tolerance,
                type + " of " + models::text_of(pooling.shape) + " by " +
                    models::text_of(pooling.kernel) + ", round " + std::to_string(round));
  }
}

double largest(const std::vector<double>& input, const Taps& taps) {
  double best = -std::numeric_limits<double>::infinity();
  for (const auto place : taps.places) best = std::max(best, at(input, place));
  return best;
}

TEST(MaxPool, TakesTheLargestOfEveryWindow) {
  for (const auto type : {ElementType::float32, ElementType::float64, ElementType::float16,
                          ElementType::bfloat16, ElementType::int8, ElementType::uint8})
    agrees("MaxPool", type, 0, [type](const auto& input, const Taps& taps) {
      if (!taps.places.empty() || models::is_real(type)) return largest(input, taps);
      return type == ElementType::int8 ? -128.0 : 0.0;
    });
}

TEST(MaxPool, IndicesSayWhereTheMaximumLies) {
  Random random(8);
  for (int round = 0; round < 40; ++round) {
    const auto pooling = random_pooling(random, at(1 + round % 3));
    auto plain = case_of(pooling, "MaxPool", random_array(random, pooling.shape));
    plain.outputs.emplace_back(Array{pooling.outputs(), {}, ElementType::int64});
    const auto results = computed(plain);
    for (std::size_t o = 0; o < results[0]->values.size(); ++o) {
      const auto taps = taps_of(pooling, static_cast<std::int64_t>(o));
      const auto index = static_cast<std::int64_t>(results[1]->values[o]);
      if (taps.places.empty()) {
        EXPECT_EQ(index, -1);
        continue;
      }
      EXPECT_NE(std::find(taps.places.begin(), taps.places.end(), index), taps.places.end());
      EXPECT_EQ(at(plain.inputs[0]->values, index), results[0]->values[o]);
    }
  }
}

TEST(MaxPool, IndicesMayCountColumnsFirst) {
  PlainCase plain;
  plain.type = "MaxPool";
  plain.attributes = {{"kernel_shape", Integers{2, 2}},
                      {"strides", Integers{2, 2}},
                      {"storage_order", std::int64_t{1}}};
  Array input{{1, 1, 4, 4}, {}};
  for (int i = 0; i < 16; ++i) input.values.push_back(i);
  plain.inputs = {input};
  plain.outputs = {Array{{1, 1, 2, 2}, {}}, Array{{1, 1, 2, 2}, {}, ElementType::int64}};
  const auto results = computed(plain);
  EXPECT_EQ(results[0]->values, (std::vector<double>{5, 7, 13, 15}));
  EXPECT_EQ(results[1]->values, (std::vector<double>{5, 13, 7, 15}));
}

TEST(MaxPool, LosesNoNaN) {
  PlainCase plain;
  plain.type = "MaxPool";
  plain.attributes = {{"kernel_shape", Integers{3}}};
  plain.inputs = {Array{{1, 1, 4}, {NAN, 1, 2, 3}}};
  plain.outputs = {Array{{1, 1, 2}, {}}};
  const auto results = computed(plain);
  EXPECT_TRUE(std::isnan(results[0]->values[0]));
  EXPECT_EQ(results[0]->values[1], 3);
}

double average(const std::vector<double>& input, const Taps& taps, std::int64_t count) {
  double total = 0;
  for (const auto place : taps.places) total += at(input, place);
  return taps.places.empty() ? 0 : total / static_cast<double>(count);
}

TEST(AveragePool, DividesByTheElementsThatAreThere) {
  const auto expected = [](const auto& input, const Taps& taps) {
    return average(input, taps, static_cast<std::int64_t>(taps.places.size()));
  };
  agrees("AveragePool", ElementType::float32, 1e-6, expected);
  agrees("AveragePool", ElementType::float64, 1e-14, expected);
  agrees("AveragePool", ElementType::float16, 1e-3, expected);
  agrees("AveragePool", ElementType::bfloat16, 8e-3, expected);
}

TEST(AveragePool, MayCountThePaddingToo) {
  agrees("AveragePool", ElementType::float32, 1e-6,
         [](const auto& input, const Taps& taps) { return average(input, taps, taps.padded); },
         {{"count_include_pad", std::int64_t{1}}});
}

TEST(LpPool, IsTheNormOfEveryWindow) {
  for (const std::int64_t p : {1, 2, 3})
    agrees("LpPool", ElementType::float32, 1e-6,
           [p](const auto& input, const Taps& taps) {
             double total = 0;
             const auto power = static_cast<double>(p);
             for (const auto place : taps.places)
               total += std::pow(std::abs(at(input, place)), power);
             return std::pow(total, 1 / power);
           },
           {{"p", p}});
}

Array pooled_globally(const std::string& type, Array input, Shape shape) {
  PlainCase plain;
  plain.type = type;
  plain.outputs = {Array{std::move(shape), {}, input.type}};
  plain.inputs = {std::move(input)};
  return *computed(plain)[0];
}

TEST(GlobalPools, MakeOneNumberOfEveryPlane) {
  const Array input{{1, 2, 2, 2}, {1, -2, 3, 6, 0, 0, 3, -4}};
  const Shape shape = {1, 2, 1, 1};
  EXPECT_EQ(pooled_globally("GlobalMaxPool", input, shape).values, (std::vector<double>{6, 3}));
  EXPECT_EQ(pooled_globally("GlobalAveragePool", input, shape).values,
            (std::vector<double>{2, -0.25}));
  const auto norms = pooled_globally("GlobalLpPool", input, shape).values;
  EXPECT_FLOAT_EQ(static_cast<float>(norms[0]), std::sqrt(50.F));
  EXPECT_EQ(norms[1], 5);
}

TEST(GlobalPools, TakeAnyNumberOfAxesAndBatchesOfNought) {
  EXPECT_EQ(pooled_globally("GlobalAveragePool", {{2, 1}, {3, 4}}, {2, 1}).values,
            (std::vector<double>{3, 4}));
  EXPECT_TRUE(pooled_globally("GlobalMaxPool", {{0, 3, 4}, {}}, {0, 3, 1}).values.empty());
}

TEST(Pooling, ImpossibleAttributesAreNamed) {
  const auto said = [](const std::map<std::string, models::Attribute>& attributes) {
    PlainCase plain;
    plain.type = "AveragePool";
    plain.attributes = attributes;
    plain.inputs = {Array{{1, 1, 2, 2}, {1, 2, 3, 4}}};
    plain.outputs = {Array{{1, 1, 1, 1}, {}}};
    return complaint(plain);
  };
  const std::string it = "operator 'it' (AveragePool): ";
  EXPECT_EQ(said({}), it + "its attribute 'kernel_shape' is absent");
  EXPECT_EQ(said({{"kernel_shape", Integers{2}}}),
            it + "its kernel of 1 axes does not fit an input of shape 1x1x2x2");
  EXPECT_EQ(said({{"kernel_shape", Integers{2, 0}}}), it + "its attribute 'kernel_shape' holds 0");
  EXPECT_EQ(said({{"kernel_shape", Integers{2, 2}}, {"strides", Integers{1}}}),
            it + "its attribute 'strides' has 1 values where 2 are needed");
  EXPECT_EQ(said({{"kernel_shape", Integers{2, 2}}, {"auto_pad", std::string("SAME")}}),
            it + "its auto_pad 'SAME' is not known");
}

}  // namespace
}  // namespace hardware
