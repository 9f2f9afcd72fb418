#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "tests/hardware/plain_case.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Random;
using models::Shape;
using Integers = std::vector<std::int64_t>;
using Values = std::vector<double>;
using Attributes = std::map<std::string, models::Attribute>;

constexpr std::array real_types = {ElementType::float32, ElementType::float64, ElementType::float16,
                                   ElementType::bfloat16};

double tolerance(ElementType type) {
  switch (type) {
    case ElementType::float64:
      return 1e-13;
    case ElementType::float16:
      return 1e-3;
    case ElementType::bfloat16:
      return 8e-3;
    default:
      return 2e-6;
  }
}

Shape random_shape(Random& random, std::int64_t least, std::int64_t most) {
  Shape shape;
  for (auto rank = least + random.below(most - least + 1); rank > 0; --rank)
    shape.push_back(1 + random.below(6));
  return shape;
}

/// Output 0 like input 0.
PlainCase case_of(const std::string& type, Attributes attributes,
                  std::vector<std::optional<Array>> inputs, int opset = 17) {
  PlainCase plain{type, std::move(attributes), std::move(inputs), {}, opset};
  plain.outputs = {Array{plain.inputs[0]->shape, {}, plain.inputs[0]->type}};
  return plain;
}

/// The coordinates of every element, row by row.
std::vector<Shape> positions(const Shape& shape) {
  std::vector<Shape> result;
  for (std::int64_t e = 0; e < models::elements_of(shape); ++e) {
    Shape position(shape.size());
    auto rest = e;
    for (auto i = shape.size(); i-- > 0; rest /= shape[i]) position[i] = rest % shape[i];
    result.push_back(position);
  }
  return result;
}

/// Groups of elements (by their index) that agree in `key`.
std::vector<std::vector<std::size_t>> groups(const Shape& shape,
                                             const std::function<Shape(const Shape&)>& key) {
  std::map<Shape, std::vector<std::size_t>> found;
  const auto all = positions(shape);
  for (std::size_t i = 0; i < all.size(); ++i) found[key(all[i])].push_back(i);
  std::vector<std::vector<std::size_t>> result;
  for (auto& [unused, group] : found) result.push_back(std::move(group));
  return result;
}

/// Elements that differ only in the axes for which `shared` holds.
std::vector<std::vector<std::size_t>> along(const Shape& shape,
                                            const std::function<bool(std::size_t)>& shared) {
  return groups(shape, [&](Shape position) {
    for (std::size_t i = 0; i < position.size(); ++i)
      if (shared(i)) position[i] = 0;
    return position;
  });
}

Values picked(const Values& values, const std::vector<std::size_t>& places) {
  Values result;
  for (const auto place : places) result.push_back(values[place]);
  return result;
}

Values standardised(const Values& x, double epsilon) {
  const auto count = static_cast<double>(x.size());
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / count;
  double variance = 0;
  for (const double value : x) variance += (value - mean) * (value - mean) / count;
  Values result;
  for (const double value : x) result.push_back((value - mean) / std::sqrt(variance + epsilon));
  return result;
}

Values softened(const Values& x, const std::string& type) {
  const double largest = *std::max_element(x.begin(), x.end());
  double total = 0;
  for (const double value : x) total += std::exp(value - largest);
  Values result;
  for (const double value : x) {
    const double y = value - largest - std::log(total);
    result.push_back(type == "LogSoftmax" ? y : std::exp(y));
  }
  if (type != "Hardmax") return result;
  std::fill(result.begin(), result.end(), 0);
  result[at(std::max_element(x.begin(), x.end()) - x.begin())] = 1;
  return result;
}

/// Applies `make` to each group on its own.
Values by_group(const Values& values, const std::vector<std::vector<std::size_t>>& all,
                const std::function<Values(const Values&)>& make) {
  Values result(values.size());
  for (const auto& group : all) {
    const auto made = make(picked(values, group));
    for (std::size_t i = 0; i < group.size(); ++i) result[group[i]] = made[i];
  }
  return result;
}

TEST(Softmax, AgreesWithItsDefinitionAlongAnyAxis) {
  Random random(1);
  for (const std::string type : {"Softmax", "LogSoftmax", "Hardmax"})
    for (int round = 0; round < 40; ++round) {
      const auto element = real_types[at(round % 4)];
      const auto shape = random_shape(random, 1, 4);
      const auto rank = std::ssize(shape);
      const auto axis = random.below(2 * rank) - rank;
      const auto chosen = axis < 0 ? axis + rank : axis;
      const auto input = random_array(random, shape, element, 4);
      const auto expected = by_group(
          input.values, along(shape, [&](std::size_t i) { return std::cmp_equal(i, chosen); }),
          [&](const Values& x) { return softened(x, type); });
      expect_near(*computed(case_of(type, {{"axis", axis}}, {input}))[0], expected,
                  tolerance(element), type + " of " + models::text_of(shape));
    }
}

TEST(Softmax, BeforeOpset13TakesAllAxesFromItsOwnOn) {
  Random random(2);
  for (const std::string type : {"Softmax", "LogSoftmax", "Hardmax"}) {
    const auto input = random_array(random, {2, 3, 2, 2});
    const auto old = *computed(case_of(type, {}, {input}, 11))[0];
    const auto expected = by_group(input.values, along(input.shape, [](auto i) { return i >= 1; }),
                                   [&](const Values& x) { return softened(x, type); });
    expect_near(old, expected, 1e-6, type);
    const auto last = by_group(input.values, along(input.shape, [](auto i) { return i == 3; }),
                               [&](const Values& x) { return softened(x, type); });
    expect_near(*computed(case_of(type, {}, {input}, 13))[0], last, 1e-6, type);
  }
}

TEST(Softmax, LeavesNothingToWhatIsMaskedOut) {
  const auto result = computed(case_of("Softmax", {}, {Array{{1, 4}, {-INFINITY, 0, -1e4, 0}}}));
  EXPECT_EQ(result[0]->values, (Values{0, 0.5, 0, 0.5}));
  const auto columns = computed(
      case_of("Softmax", {{"axis", std::int64_t{0}}}, {Array{{2, 2}, {-INFINITY, 0, 3, 0}}}));
  EXPECT_EQ(columns[0]->values, (Values{0, 0.5, 1, 0.5}));
}

TEST(Softmax, OfNaNIsNaN) {
  const auto result = computed(case_of("Softmax", {}, {Array{{2, 3}, {1, NAN, 2, 0, 0, 0}}}));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(std::isnan(result[0]->values[at(i)]));
  EXPECT_NEAR(result[0]->values[3], 1.0 / 3, 1e-7);
}

TEST(Softmax, AnAxisThatIsNotThereIsNamed) {
  EXPECT_EQ(complaint(case_of("Softmax", {{"axis", std::int64_t{2}}}, {Array{{1, 1}, {0}}})),
            "operator 'it' (Softmax): its axis 2 is none of the 2 of its input");
}

Array positive(Array array) {
  for (double& x : array.values) x = std::abs(x) + 0.25;
  return array;
}

TEST(BatchNormalization, ShiftsAndScalesEveryChannel) {
  Random random(3);
  for (int round = 0; round < 40; ++round) {
    const auto type = real_types[at(round % 4)];
    const auto shape = random_shape(random, 2, 5);
    const Shape channels = {shape[1]};
    const auto x = random_array(random, shape, type);
    const auto scale = random_array(random, channels, type);
    const auto shift = random_array(random, channels, type);
    const auto mean = random_array(random, channels, type);
    const auto variance = positive(random_array(random, channels, type, 0.5));
    Values expected;
    const auto all = positions(shape);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto c = at(all[i][1]);
      expected.push_back((x.values[i] - mean.values[c]) /
                             std::sqrt(rounded(variance.values[c], type) + 1e-3) * scale.values[c] +
                         shift.values[c]);
    }
    const auto opset = std::array{7, 9, 14, 15}[at(round % 4)];
    expect_near(*computed(case_of("BatchNormalization", {{"epsilon", 1e-3}},
                                  {x, scale, shift, mean, variance}, opset))[0],
                expected, 2 * tolerance(type), models::text_of(shape));
  }
}

TEST(BatchNormalization, MayKeepStatisticsWiderThanItsData) {
  const Array x{{1, 2}, {1, 2}, ElementType::float64};
  const Array one{{2}, {1, 1}}, nought{{2}, {0, 0}};
  EXPECT_EQ(
      computed(case_of("BatchNormalization", {{"epsilon", 0.0}}, {x, one, one, nought, one}))[0]
          ->values,
      (Values{2, 3}));
}

TEST(BatchNormalization, OfOpset7MayBePerElement) {
  const Array x{{1, 2, 2}, {1, 2, 3, 4}}, mean{{2, 2}, {1, 1, 1, 1}};
  const Array scale{{2, 2}, {1, 2, 3, 4}}, nought{{2, 2}, {0, 0, 0, 0}};
  EXPECT_EQ(computed(case_of("BatchNormalization", {{"spatial", std::int64_t{0}}, {"epsilon", 0.0}},
                             {x, scale, nought, mean, mean}, 7))[0]
                ->values,
            (Values{0, 2, 6, 12}));
}

TEST(BatchNormalization, IsRefusedInTraining) {
  const Array x{{1, 1}, {1}}, one{{1}, {1}}, two{{2}, {1, 1}};
  auto plain =
      case_of("BatchNormalization", {{"training_mode", std::int64_t{1}}}, {x, one, one, one, one});
  EXPECT_EQ(complaint(plain), "not supported: BatchNormalization in training mode");
  plain.attributes.clear();
  plain.inputs[2] = two;
  EXPECT_EQ(complaint(plain),
            "operator 'it' (BatchNormalization): its input 2 has 2 elements where 1 are needed");
}

TEST(InstanceNormalization, StandardisesEveryPlane) {
  Random random(4);
  for (int round = 0; round < 24; ++round) {
    const auto type = real_types[at(round % 4)];
    auto shape = random_shape(random, 3, 5);
    shape.back() += 2;
    const auto x = random_array(random, shape, type);
    const auto scale = random_array(random, {shape[1]}, type);
    const auto shift = random_array(random, {shape[1]}, type);
    auto expected = by_group(x.values, along(shape, [](auto i) { return i >= 2; }),
                             [](const Values& v) { return standardised(v, 1e-2); });
    const auto all = positions(shape);
    for (std::size_t i = 0; i < all.size(); ++i)
      expected[i] = expected[i] * scale.values[at(all[i][1])] + shift.values[at(all[i][1])];
    expect_near(
        *computed(case_of("InstanceNormalization", {{"epsilon", 1e-2}}, {x, scale, shift}))[0],
        expected, 4 * tolerance(type), models::text_of(shape));
  }
}

TEST(GroupNormalization, HasScalesPerGroupOrPerChannel) {
  Random random(5);
  for (const bool per_channel : {false, true}) {
    const Shape shape = {2, 6, 3, 2};
    const auto x = random_array(random, shape);
    const auto scale = random_array(random, {per_channel ? 6 : 3});
    const auto shift = random_array(random, {per_channel ? 6 : 3});
    auto expected = by_group(x.values,
                             groups(shape,
                                    [](const Shape& p) {
                                      return Shape{p[0], p[1] / 2};
                                    }),
                             [](const Values& v) { return standardised(v, 1e-5); });
    const auto all = positions(shape);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto c = at(per_channel ? all[i][1] : all[i][1] / 2);
      expected[i] = expected[i] * scale.values[c] + shift.values[c];
    }
    expect_near(*computed(case_of("GroupNormalization", {{"num_groups", std::int64_t{3}}},
                                  {x, scale, shift}, per_channel ? 21 : 18))[0],
                expected, 1e-5, "");
  }
  EXPECT_EQ(complaint(case_of("GroupNormalization", {{"num_groups", std::int64_t{2}}},
                              {Array{{1, 3}, {1, 2, 3}}, Array{{2}, {1, 1}}, Array{{2}, {1, 1}}})),
            "operator 'it' (GroupNormalization): its attribute 'num_groups' of 2 does not divide 3 "
            "channels");
}

TEST(LayerNormalization, TellsMeanAndInverseDeviation) {
  Random random(6);
  for (int round = 0; round < 32; ++round) {
    const auto type = real_types[at(round % 4)];
    auto shape = random_shape(random, 1, 4);
    shape.back() += 3;
    const auto axis = random.below(std::ssize(shape));
    const Shape inner(shape.begin() + axis, shape.end());
    auto statistics = shape;
    std::fill(statistics.begin() + axis, statistics.end(), 1);
    const auto x = random_array(random, shape, type);
    const auto scale = random_array(random, inner, type);
    const auto shift = random_array(random, inner, type);
    const bool biased = random.chance(0.5);
    auto plain = case_of("LayerNormalization", {{"axis", axis - std::ssize(shape)}}, {x, scale});
    if (biased) plain.inputs.emplace_back(shift);
    plain.outputs.emplace_back(Array{statistics, {}});
    plain.outputs.emplace_back(Array{statistics, {}});
    auto expected =
        by_group(x.values, along(shape, [&](auto i) { return std::cmp_greater_equal(i, axis); }),
                 [](const Values& v) { return standardised(v, 1e-5); });
    for (std::size_t i = 0; i < expected.size(); ++i)
      expected[i] = expected[i] * scale.values[i % scale.values.size()] +
                    (biased ? shift.values[i % scale.values.size()] : 0);
    const auto results = computed(plain);
    expect_near(*results[0], expected, 8 * tolerance(type), models::text_of(shape));
    const auto width = static_cast<std::ptrdiff_t>(scale.values.size());
    for (std::size_t r = 0; r < results[1]->values.size(); ++r) {
      const auto start = x.values.begin() + static_cast<std::ptrdiff_t>(r) * width;
      const Values row(start, start + width);
      const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(width);
      EXPECT_NEAR(results[1]->values[r], mean, 1e-6);
      double variance = 0;
      for (const double v : row) variance += (v - mean) * (v - mean) / static_cast<double>(width);
      const double inverse = 1 / std::sqrt(variance + 1e-5);
      EXPECT_NEAR(results[2]->values[r], inverse, 1e-6 * inverse);
    }
  }
}

TEST(LayerNormalization, BroadcastsItsScale) {
  const Array x{{2, 2}, {1, 3, 5, 9}};
  const auto of = [&](const Array& scale) {
    return computed(case_of("LayerNormalization", {{"epsilon", 0.0}}, {x, scale}))[0]->values;
  };
  EXPECT_EQ(of(Array{{}, {2}}), (Values{-2, 2, -2, 2}));
  EXPECT_EQ(of(Array{{2, 1}, {2, 3}}), (Values{-2, 2, -3, 3}));
  EXPECT_EQ(
      complaint(case_of("LayerNormalization", {}, {x, Array{{3}, {1, 1, 1}}})),
      "operator 'it' (LayerNormalization): a scale or bias of shape 3 does not fit an input of "
      "shape 2x2");
}

TEST(RMSNormalization, DividesByTheRootOfTheMeanSquare) {
  const Array x{{1, 2}, {3, 4}}, scale{{2}, {1, 2}};
  const double root = std::sqrt(12.5);
  expect_near(*computed(case_of("RMSNormalization", {{"epsilon", 0.0}}, {x, scale}, 23))[0],
              {3 / root, 8 / root}, 1e-6, "");
}

TEST(MeanVarianceNormalization, TakesAnyAxes) {
  Random random(9);
  for (int round = 0; round < 24; ++round) {
    const auto type = real_types[at(round % 4)];
    const auto shape = random_shape(random, 4, 4);
    Integers axes;
    for (std::int64_t i = 0; i < 4; ++i)
      if (random.chance(0.5)) axes.push_back(random.chance(0.5) ? i : i - 4);
    const Integers used = axes.empty() ? Integers{0, 2, 3} : axes;
    const auto x = random_array(random, shape, type);
    const auto shared = [&](std::size_t i) {
      return std::any_of(used.begin(), used.end(),
                         [&](auto a) { return std::cmp_equal(i, (a + 4) % 4); });
    };
    const auto expected = by_group(x.values, along(shape, shared), [](const Values& v) {
      const auto count = static_cast<double>(v.size());
      const double mean = std::accumulate(v.begin(), v.end(), 0.0) / count;
      double variance = 0;
      for (const double value : v) variance += (value - mean) * (value - mean) / count;
      Values result;
      for (const double value : v) result.push_back((value - mean) / (std::sqrt(variance) + 1e-9));
      return result;
    });
    Attributes attributes;
    if (!axes.empty()) attributes["axes"] = axes;
    expect_near(*computed(case_of("MeanVarianceNormalization", attributes, {x}))[0], expected,
                4 * tolerance(type), models::text_of(shape));
  }
}

TEST(LpNormalization, MakesRowsOfNormOneAndKeepsNoughts) {
  const Array x{{2, 2}, {3, 0, -4, 0}};
  const auto of = [&](std::int64_t axis, std::int64_t p) {
    return computed(case_of("LpNormalization", {{"axis", axis}, {"p", p}}, {x}))[0];
  };
  expect_near(*of(0, 2), {0.6, 0, -0.8, 0}, 1e-7, "p 2");
  expect_near(*of(0, 1), {3.0 / 7, 0, -4.0 / 7, 0}, 1e-7, "p 1");
  expect_near(*of(-1, 2), {1, 0, -1, 0}, 1e-7, "axis -1");
  EXPECT_EQ(complaint(case_of("LpNormalization", {{"p", std::int64_t{3}}}, {x})),
            "operator 'it' (LpNormalization): its attribute 'p' is 3, neither 1 nor 2");
}

TEST(Lrn, LooksAtNeighbouringChannels) {
  Random random(10);
  for (int round = 0; round < 32; ++round) {
    const auto type = real_types[at(round % 4)];
    const auto shape = random_shape(random, 2, 4);
    const std::int64_t size = 1 + random.below(5);
    const double alpha = random.unit(), bias = 1 + random.unit();
    const double beta = random.chance(0.5) ? 0.75 : random.unit();
    const auto x = random_array(random, shape, type);
    const auto all = positions(shape);
    Values expected;
    for (std::size_t i = 0; i < all.size(); ++i) {
      double squares = 0;
      for (std::size_t j = 0; j < all.size(); ++j) {
        auto other = all[j];
        const auto from = all[i][1] - (size - 1) / 2, to = all[i][1] + size / 2;
        const bool near = other[1] >= from && other[1] <= to;
        other[1] = all[i][1];
        if (near && other == all[i]) squares += x.values[j] * x.values[j];
      }
      expected.push_back(x.values[i] /
                         std::pow(bias + alpha / static_cast<double>(size) * squares, beta));
    }
    expect_near(
        *computed(case_of("LRN", {{"size", size}, {"alpha", alpha}, {"bias", bias}, {"beta", beta}},
                          {x}))[0],
        expected, tolerance(type), models::text_of(shape));
  }
  EXPECT_EQ(complaint(case_of("LRN", {}, {Array{{1, 1}, {0}}})),
            "operator 'it' (LRN): its attribute 'size' is 0, not positive");
}

TEST(Normalizing, TakesTensorsWithoutElements) {
  const Array none{{0, 3}, {}}, three{{3}, {1, 1, 1}};
  for (const std::string type : {"Softmax", "LogSoftmax", "Hardmax", "LpNormalization"})
    EXPECT_TRUE(computed(case_of(type, {}, {none}))[0]->values.empty());
  EXPECT_TRUE(computed(case_of("LayerNormalization", {}, {none, three}))[0]->values.empty());
}

}  // namespace
}  // namespace hardware
