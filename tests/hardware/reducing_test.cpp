#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hardware/catalogue.h"
#include "models/error.h"
#include "models/random.h"
#include "running.h"

namespace {

using hardware::Layout;
using models::ElementType;
using models::Shape;
using models::TensorValue;
using Numbers = std::vector<double>;
using Axes = std::vector<std::int64_t>;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A small random number with two binary digits after the point, exact in every type that has any.
double draw(models::Random& random) {
  return static_cast<double>(random.below(65)) / 4 - 8;
}

Numbers drawn(models::Random& random, std::int64_t count) {
  Numbers result;
  for (std::int64_t i = 0; i < count; ++i) result.push_back(draw(random));
  return result;
}

/// The slow way, in double: groups of elements that become one.
std::vector<Numbers> groups_of(const Numbers& x, const Shape& shape,
                               const std::vector<bool>& reduced) {
  Shape kept;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (!reduced[i]) kept.push_back(shape[i]);
  std::vector<Numbers> groups(static_cast<std::size_t>(models::elements_of(kept)));
  for (std::size_t at = 0; at < x.size(); ++at) {
    std::size_t rest = at, place = 0, stride = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
      const auto size = static_cast<std::size_t>(shape[i]);
      if (!reduced[i]) {
        place += rest % size * stride;
        stride *= size;
      }
      rest /= size;
    }
    groups[place].push_back(x[at]);
  }
  return groups;
}

double truth(const std::string& type, const Numbers& group) {
  double sum = 0, product = 1, magnitudes = 0, squares = 0, exponentials = 0;
  double least = infinity, greatest = -infinity;
  for (const auto x : group) {
    sum += x;
    product *= x;
    magnitudes += std::abs(x);
    squares += x * x;
    exponentials += std::exp(x);
    least = std::min(least, x);
    greatest = std::max(greatest, x);
  }
  if (type == "ReduceSum") return sum;
  if (type == "ReduceMean") return sum / static_cast<double>(group.size());
  if (type == "ReduceProd") return product;
  if (type == "ReduceL1") return magnitudes;
  if (type == "ReduceL2") return std::sqrt(squares);
  if (type == "ReduceSumSquare") return squares;
  if (type == "ReduceLogSum") return std::log(sum);
  if (type == "ReduceLogSumExp") return std::log(exponentials);
  return type == "ReduceMin" ? least : greatest;
}

const std::vector<std::string> reductions = {
    "ReduceSum", "ReduceMean", "ReduceMax",    "ReduceMin",       "ReduceProd",
    "ReduceL1",  "ReduceL2",   "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"};

TEST(Reduce, AgreesWithLoopsInDoubleOverAnyAxes) {
  models::Random random(1);
  for (int round = 0; round < 120; ++round) {
    Shape shape;
    const std::int64_t rank = random.below(6);
    for (std::int64_t i = 0; i < rank; ++i) shape.push_back(1 + random.below(7));
    if (round % 10 == 0) shape.push_back(600);
    std::vector<bool> reduced;
    Axes axes;
    Shape kept, small;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      reduced.push_back(random.below(2) == 1);
      if (reduced[i])
        axes.push_back(static_cast<std::int64_t>(i) -
                       (i % 2 == 0 ? 0 : static_cast<std::int64_t>(shape.size())));
      if (!reduced[i]) small.push_back(shape[i]);
      kept.push_back(reduced[i] ? 1 : shape[i]);
    }
    if (axes.empty()) {
      reduced.assign(shape.size(), true);
      kept.assign(shape.size(), 1);
      small.clear();
    }
    auto numbers = drawn(random, models::elements_of(shape));
    for (const auto& type : reductions) {
      if (type == "ReduceLogSum")
        for (auto& x : numbers) x = std::abs(x) + 0.25;
      const bool keeps = random.below(2) == 1;
      for (const auto element : {ElementType::float32, ElementType::float64}) {
        const auto y =
            computed({type, {{"axes", axes}, {"keepdims", std::int64_t{keeps}}}, 11},
                     {value_of(element, shape, numbers)}, Layout{element, keeps ? kept : small});
        const auto groups = groups_of(numbers, shape, reduced);
        ASSERT_EQ(y.size(), groups.size());
        for (std::size_t i = 0; i < y.size(); ++i) {
          const auto known = truth(type, groups[i]);
          if (std::abs(known) > 1e37) continue;  // products that fp32 has no place for
          EXPECT_TRUE(close_to(y[i], known, element == ElementType::float32 ? 1e-7 : 1e-14, 1e-14))
              << type << " of " << models::text_of(shape) << " at " << i << ": " << y[i] << " not "
              << known;
        }
      }
    }
  }
}

TEST(Reduce, SumsOfManyFp32NumbersLoseNothing) {
  const std::int64_t count = 1 << 20;
  const auto x = floats({count, 1}, Numbers(1 << 20, 0.1));
  const auto sum = computed({"ReduceSum", {}, 11}, {x}, Layout{ElementType::float32, {1, 1}});
  EXPECT_EQ(sum[0], static_cast<double>(static_cast<float>(static_cast<double>(0.1F) * (1 << 20))));
  const auto columns =
      computed({"ReduceSum", {{"axes", Axes{0}}}, 11},
               {floats({1 << 18, 4}, Numbers(1 << 20, 0.1))}, Layout{ElementType::float32, {1, 4}});
  EXPECT_EQ(columns[3],
            static_cast<double>(static_cast<float>(static_cast<double>(0.1F) * (1 << 18))));
}

TEST(Reduce, AxesMayBeAnInput) {
  const auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Layout rows{ElementType::float32, {2, 1}};
  EXPECT_EQ(computed({"ReduceSum", {}, 13}, {x, value_of(ElementType::int64, {1}, {-1})}, rows),
            (Numbers{6, 15}));
  const Layout all{ElementType::float32, {1, 1}};
  EXPECT_EQ(computed({"ReduceSum", {}, 13}, {x, value_of(ElementType::int64, {0}, {})}, all),
            (Numbers{21}));
  EXPECT_EQ(computed({"ReduceSum", {}, 13}, {x}, all), (Numbers{21}));
  EXPECT_EQ(computed({"ReduceMax", {{"noop_with_empty_axes", std::int64_t{1}}}, 18}, {x},
                     Layout{ElementType::float32, {2, 3}}),
            (Numbers{1, 2, 3, 4, 5, 6}));
}

TEST(Reduce, WrongAxesAreTheUsersFault) {
  try {
    computed({"ReduceSum"}, {floats({2, 3}, Numbers(6, 1)), value_of(ElementType::int64, {1}, {2})},
             Layout{ElementType::float32, {2, 1}});
    FAIL();
  } catch (const models::InputError& error) {
    EXPECT_STREQ(error.what(),
                 "operator 'op' (ReduceSum): its axis 2 is none of the 2 of its input");
  }
}

TEST(Reduce, OfNothingIsWhatOnnxSays) {
  const std::vector<std::pair<std::string, double>> known = {
      {"ReduceSum", 0},        {"ReduceProd", 1},           {"ReduceL1", 0},
      {"ReduceL2", 0},         {"ReduceSumSquare", 0},      {"ReduceMax", -infinity},
      {"ReduceMin", infinity}, {"ReduceLogSum", -infinity}, {"ReduceLogSumExp", -infinity}};
  for (const auto& [type, value] : known)
    EXPECT_EQ(computed({type, {{"axes", Axes{1}}}, 18}, {floats({2, 0, 4}, {})},
                       Layout{ElementType::float32, {2, 1, 4}}),
              Numbers(8, value))
        << type;
  EXPECT_EQ(computed({"ReduceMax", {{"axes", Axes{0}}}, 18}, {value_of(ElementType::int8, {0}, {})},
                     Layout{ElementType::int64, {1}}),
            (Numbers{static_cast<double>(std::numeric_limits<std::int64_t>::min())}));
}

TEST(Reduce, IntegersAreExact) {
  const auto x = value_of(ElementType::int32, {2, 2}, {2147483647, 1, -7, 2});
  const Layout rows{ElementType::int32, {2, 1}};
  const Computation sum{"ReduceSum", {{"axes", Axes{1}}}, 11},
      mean{"ReduceMean", {{"axes", Axes{1}}}, 11};
  EXPECT_EQ(computed(sum, {x}, rows), (Numbers{-2147483648.0, -5}));
  EXPECT_EQ(computed(mean, {x}, rows), (Numbers{1073741824, -2}));
  EXPECT_EQ(
      computed({"ReduceMin", {{"axes", Axes{0}}}, 20},
               {value_of(ElementType::boolean, {3}, {1, 0, 1})}, Layout{ElementType::boolean, {1}}),
      (Numbers{0}));
}

TEST(Reduce, NanStaysNan) {
  auto numbers = Numbers(100, 1);
  numbers[37] = std::numeric_limits<double>::quiet_NaN();
  for (const auto& type : reductions) {
    EXPECT_TRUE(std::isnan(
        computed({type, {}, 11}, {floats({100}, numbers)}, Layout{ElementType::float32, {1}})[0]))
        << type;
  }
}

TEST(Reduce, ExponentialsDoNotOverflow) {
  const Layout one{ElementType::float32, {1}};
  EXPECT_NEAR(computed({"ReduceLogSumExp", {}, 11}, {floats({2}, {1000, 1000})}, one)[0],
              1000 + std::log(2), 1e-4);
  EXPECT_EQ(computed({"ReduceLogSumExp", {}, 11}, {floats({2}, {infinity, infinity})}, one)[0],
            infinity);
  EXPECT_EQ(computed({"ReduceLogSumExp", {}, 11}, {floats({2}, {-infinity, -infinity})}, one)[0],
            -infinity);
}

TEST(Reduce, HalfPrecisionIsComputedInFp32) {
  for (const auto type : {ElementType::float16, ElementType::bfloat16}) {
    EXPECT_EQ(computed({"ReduceSum", {}, 11}, {value_of(type, {4096}, Numbers(4096, 0.5))},
                       Layout{type, {1}}),
              (Numbers{2048}));
  }
}

TEST(ArgMax, TakesTheFirstOrTheLast) {
  const auto x = floats({2, 4}, {1, 5, 5, 2, 7, 0, 0, 7});
  const Layout rows{ElementType::int64, {2, 1}};
  const auto of = [&](const std::string& type, std::int64_t last) {
    return computed({type, {{"axis", std::int64_t{-1}}, {"select_last_index", last}}}, {x}, rows);
  };
  EXPECT_EQ(of("ArgMax", 0), (Numbers{1, 0}));
  EXPECT_EQ(of("ArgMax", 1), (Numbers{2, 3}));
  EXPECT_EQ(of("ArgMin", 0), (Numbers{0, 1}));
  EXPECT_EQ(of("ArgMin", 1), (Numbers{0, 2}));
  EXPECT_EQ(computed({"ArgMax"}, {x}, Layout{ElementType::int64, {1, 4}}), (Numbers{1, 0, 0, 1}));
}

TEST(ArgMax, FindsTheFirstNanAsNumpyDoes) {
  const double nan_value = std::numeric_limits<double>::quiet_NaN();
  const auto x = floats({5}, {1, nan_value, 9, nan_value, -infinity});
  const Layout one{ElementType::int64, {1}};
  EXPECT_EQ(computed({"ArgMax"}, {x}, one), (Numbers{1}));
  EXPECT_EQ(computed({"ArgMin"}, {x}, one), (Numbers{1}));
  EXPECT_EQ(computed({"ArgMin", {{"select_last_index", std::int64_t{1}}}}, {x}, one), (Numbers{3}));
}

TEST(ArgMax, OfEveryTypeAndOfNoElements) {
  for (const auto type : {ElementType::int8, ElementType::uint8, ElementType::int64,
                          ElementType::uint64, ElementType::float16, ElementType::float64}) {
    EXPECT_EQ(
        computed({"ArgMax"}, {value_of(type, {3}, {3, 9, 4})}, Layout{ElementType::int64, {1}}),
        (Numbers{1}));
  }
  EXPECT_THROW(computed({"ArgMax"}, {floats({0}, {})}, Layout{ElementType::int64, {1}}),
               models::InputError);
}

TEST(CumSum, AddsUpEitherWayWithOrWithoutItself) {
  const auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Layout same{ElementType::float32, {2, 3}};
  const auto of = [&](std::int64_t exclusive, std::int64_t reverse, double axis) {
    return computed({"CumSum", {{"exclusive", exclusive}, {"reverse", reverse}}},
                    {x, value_of(ElementType::int32, {}, {axis})}, same);
  };
  EXPECT_EQ(of(0, 0, 1), (Numbers{1, 3, 6, 4, 9, 15}));
  EXPECT_EQ(of(1, 0, -1), (Numbers{0, 1, 3, 0, 4, 9}));
  EXPECT_EQ(of(0, 1, 1), (Numbers{6, 5, 3, 15, 11, 6}));
  EXPECT_EQ(of(1, 1, 1), (Numbers{5, 3, 0, 11, 6, 0}));
  EXPECT_EQ(of(0, 0, 0), (Numbers{1, 2, 3, 5, 7, 9}));
  EXPECT_EQ(computed({"CumSum"},
                     {value_of(ElementType::int32, {2}, {2147483647, 1}),
                      value_of(ElementType::int64, {1}, {0})},
                     Layout{ElementType::int32, {2}}),
            (Numbers{2147483647, -2147483648.0}));
  EXPECT_THROW(of(0, 0, 2), models::InputError);
}

}  // namespace
