#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "hardware/catalogue.h"
#include "models/error.h"
#include "running.h"

namespace {

using hardware::Layout;
using models::ElementType;
using models::Shape;
using models::TensorValue;
using Numbers = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
const double nan_value = std::numeric_limits<double>::quiet_NaN();

/// The place in a tensor of that shape that broadcasts to `index` of the shape `whole`.
std::size_t place(const Shape& shape, const Shape& whole, std::int64_t index) {
  std::int64_t result = 0, stride = 1;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const auto axis = whole.size() - 1 - i;
    const auto at = index % whole[axis];
    index /= whole[axis];
    if (i >= shape.size()) continue;
    const auto size = shape[shape.size() - 1 - i];
    if (size != 1) result += at * stride;
    stride *= size;
  }
  return static_cast<std::size_t>(result);
}

Numbers ramp(std::int64_t count, double start, double step) {
  Numbers result;
  for (std::int64_t i = 0; i < count; ++i) result.push_back(start + step * static_cast<double>(i));
  return result;
}

TEST(Elementwise, BroadcastsAsNumpyDoes) {
  const std::vector<std::array<Shape, 3>> cases = {
      {{{}, {}, {}}},
      {{{1}, {}, {1}}},
      {{{3, 4}, {4}, {3, 4}}},
      {{{3, 1}, {1, 4}, {3, 4}}},
      {{{2, 3, 1, 5}, {3, 4, 1}, {2, 3, 4, 5}}},
      {{{1, 8, 1, 1}, {2, 8, 37, 41}, {2, 8, 37, 41}}},
      {{{700, 3}, {700, 1}, {700, 3}}},
      {{{3000, 3}, {3}, {3000, 3}}},
      {{{5000}, {1}, {5000}}},
      {{{2, 1, 3, 1, 2, 1, 2}, {1, 2, 1, 2, 1, 2, 1}, {2, 2, 3, 2, 2, 2, 2}}},
      {{{0, 3}, {3}, {0, 3}}},
      {{{2, 1}, {2, 0}, {2, 0}}},
  };
  for (const auto& [a, b, c] : cases) {
    const auto left = ramp(models::elements_of(a), 1, 1);
    const auto right = ramp(models::elements_of(b), 0.5, 0.25);
    const auto difference =
        computed({"Sub"}, {floats(a, left), floats(b, right)}, Layout{ElementType::float32, c});
    for (std::size_t i = 0; i < difference.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      ASSERT_EQ(difference[i], left[place(a, c, at)] - right[place(b, c, at)])
          << models::text_of(a) << " - " << models::text_of(b) << " at " << i;
    }
  }
}

TEST(Elementwise, ShapesThatDoNotBroadcastAreRefused) {
  try {
    computed({"Add"}, {floats({2, 3}, ramp(6, 0, 1)), floats({4}, ramp(4, 0, 1))},
             Layout{ElementType::float32, {2, 3}});
    FAIL();
  } catch (const models::InputError& error) {
    EXPECT_STREQ(error.what(),
                 "operator 'op' (Add): its input of shape 4 does not broadcast to 2x3");
  }
}

/// A function of one element, with where to try it.
struct Known {
  Computation what;
  double low, high;
  std::function<double(double)> truth;
};

double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}
double half_even(double x) {
  return std::nearbyint(x);
}

const std::vector<Known>& known_functions() {
  static const std::vector<Known> known = {
      {{"Abs"}, -9, 9, [](double x) { return std::abs(x); }},
      {{"Neg"}, -9, 9, [](double x) { return -x; }},
      {{"Ceil"}, -9, 9, [](double x) { return std::ceil(x); }},
      {{"Floor"}, -9, 9, [](double x) { return std::floor(x); }},
      {{"Round"}, -9, 9, half_even},
      {{"Sign"}, -9, 9, [](double x) { return x > 0   ? 1.0
                                              : x < 0 ? -1.0
                                                      : x; }},
      {{"Sqrt"}, 0, 9e6, [](double x) { return std::sqrt(x); }},
      {{"Exp"}, -103, 88.5, [](double x) { return std::exp(x); }},
      {{"Log"}, 1e-9, 20, [](double x) { return std::log(x); }},
      {{"Erf"}, -6, 6, [](double x) { return std::erf(x); }},
      {{"Reciprocal"}, 0.1, 9, [](double x) { return 1 / x; }},
      {{"Relu"}, -9, 9, [](double x) { return x < 0 ? 0.0 : x; }},
      {{"LeakyRelu", {{"alpha", 0.25}}}, -9, 9, [](double x) { return x < 0 ? x / 4 : x; }},
      {{"LeakyRelu"}, -9, 9, [](double x) { return x < 0 ? x * 0.01 : x; }},
      {{"Elu", {{"alpha", 0.5}}}, -20, 9, [](double x) { return x < 0 ? std::expm1(x) / 2 : x; }},
      {{"Selu"},
       -20,
       9,
       [](double x) {
         return 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * std::expm1(x) : x);
       }},
      {{"Celu", {{"alpha", 2.0}}},
       -20,
       9,
       [](double x) { return x < 0 ? 2 * std::expm1(x / 2) : x; }},
      {{"ThresholdedRelu"}, -9, 9, [](double x) { return x > 1    ? x
                                                         : x != x ? x
                                                                  : 0; }},
      {{"HardSigmoid"},
       -9,
       9,
       [](double x) { return x != x ? x : std::clamp(0.2 * x + 0.5, 0.0, 1.0); }},
      {{"HardSwish"},
       -9,
       9,
       [](double x) { return x * (x != x ? x : std::clamp(x / 6 + 0.5, 0.0, 1.0)); }},
      {{"Sigmoid"}, -80, 80, [](double x) { return 1 / (1 + std::exp(-x)); }},
      {{"Softplus"}, -80, 80, softplus},
      {{"Softsign"}, -9, 9, [](double x) { return x / (1 + std::abs(x)); }},
      {{"Tanh"}, -12, 12, [](double x) { return std::tanh(x); }},
      {{"Gelu"}, -10, 10, [](double x) { return x / 2 * std::erfc(-x / std::sqrt(2.0)); }},
      {{"Gelu", {{"approximate", std::string("tanh")}}},
       -6,
       6,
       [](double x) {
         const double u = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
         return x / (1 + std::exp(-2 * u));
       }},
      {{"Mish"}, -60, 60, [](double x) { return x * std::tanh(softplus(x)); }},
      {{"Swish", {{"alpha", 2.0}}}, -20, 20, [](double x) { return x / (1 + std::exp(-2 * x)); }},
      {{"Shrink", {{"bias", 1.0}, {"lambd", 2.0}}},
       -9,
       9,
       [](double x) {
         return x < -2 ? x + 1 : x > 2 ? x - 1 : x != x ? x : 0;
       }},
      {{"Sin"}, -30, 30, [](double x) { return std::sin(x); }},
      {{"Cos"}, -30, 30, [](double x) { return std::cos(x); }},
      {{"Tan"}, -1.5, 1.5, [](double x) { return std::tan(x); }},
      {{"Asin"}, -1, 1, [](double x) { return std::asin(x); }},
      {{"Acos"}, -1, 1, [](double x) { return std::acos(x); }},
      {{"Atan"}, -9, 9, [](double x) { return std::atan(x); }},
      {{"Sinh"}, -9, 9, [](double x) { return std::sinh(x); }},
      {{"Cosh"}, -9, 9, [](double x) { return std::cosh(x); }},
      {{"Asinh"}, -9, 9, [](double x) { return std::asinh(x); }},
      {{"Acosh"}, 1, 9, [](double x) { return std::acosh(x); }},
      {{"Atanh"}, -0.99, 0.99, [](double x) { return std::atanh(x); }},
  };
  return known;
}

/// Numbers evenly over the range, as the type holds them.
TensorValue samples(ElementType type, double low, double high) {
  return value_of(type, {2500}, ramp(2500, low, (high - low) / 2499));
}

TEST(Elementwise, FunctionsOfFp32AreAsTheyAreInDouble) {
  for (const auto& known : known_functions()) {
    const auto x = samples(ElementType::float32, known.low, known.high);
    const auto y = computed(known.what, {x}, Layout{ElementType::float32, {2500}});
    const auto from = numbers_of(x);
    for (std::size_t i = 0; i < y.size(); ++i)
      // Below the least normal number, and where a sine crosses 0, digits are few.
      EXPECT_TRUE(close_to(y[i], known.truth(from[i]), 1e-6, 2e-38) ||
                  close_to(y[i], known.truth(from[i]), 0, 1e-7))
          << known.what.type << " of " << from[i] << ": " << y[i] << " not "
          << known.truth(from[i]);
  }
}

TEST(Elementwise, FunctionsOfDoubleAreDouble) {
  for (const auto& known : known_functions()) {
    if (known.what.type == "LeakyRelu" || known.what.type == "HardSigmoid") continue;  // fp32 0.01
    const auto x = samples(ElementType::float64, known.low, known.high);
    const auto y = computed(known.what, {x}, Layout{ElementType::float64, {2500}});
    const auto from = numbers_of(x);
    const double tolerance = known.what.type == "Selu" ? 1e-7 : 1e-14;  // constants in fp32
    for (std::size_t i = 0; i < y.size(); ++i)
      EXPECT_TRUE(close_to(y[i], known.truth(from[i]), tolerance, 1e-15))
          << known.what.type << " of " << from[i] << ": " << y[i] << " not "
          << known.truth(from[i]);
  }
}

TEST(Elementwise, HalfPrecisionIsRoundedOnce) {
  for (const auto type : {ElementType::float16, ElementType::bfloat16}) {
    for (const auto& known : known_functions()) {
      if (known.what.type == "Exp") continue;  // beyond fp16
      const auto high = std::min(known.high, 100.0);
      const auto x = samples(type, known.low, high);
      const auto wide = value_of(ElementType::float32, {2500}, numbers_of(x));
      const auto y = computed(known.what, {x}, Layout{type, {2500}});
      const auto of_wide = computed(known.what, {wide}, Layout{ElementType::float32, {2500}});
      EXPECT_EQ(y, numbers_of(value_of(type, {2500}, of_wide))) << known.what.type;
    }
  }
}

/// What numpy makes of NaN, infinities and zeros.
TEST(Elementwise, EdgesAreThoseOfTheFunction) {
  const Numbers edges = {0.0,   -0.0, infinity, -infinity, nan_value, 1e-40, -1e-40,  3e38,
                         -3e38, 0.5,  -0.5,     1.5,       2.5,       -2.5,  8388609, 1e9};
  const Layout output{ElementType::float32, {16}};
  const auto x = floats({16}, edges);
  for (const std::string type :
       {"Abs",     "Neg",      "Ceil", "Floor", "Round", "Sign", "Sqrt",
        "Exp",     "Log",      "Erf",  "Relu",  "Tanh",  "Sin",  "Cos",
        "Sigmoid", "Softplus", "Elu",  "Atan",  "Sinh",  "Cosh", "HardSigmoid"}) {
    const auto y = computed({type}, {x}, output);
    const auto known = std::find_if(known_functions().begin(), known_functions().end(),
                                    [&](const auto& k) { return k.what.type == type; });
    const double alpha = type == "Elu" ? 2 : 1;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto from = static_cast<double>(static_cast<float>(edges[i]));
      auto truth = known->truth(from);
      if (truth < 0) truth *= alpha;
      truth = static_cast<double>(static_cast<float>(truth));
      EXPECT_TRUE(close_to(y[i], truth, 1e-6, 1e-42))
          << type << " of " << from << ": " << y[i] << " not " << truth;
    }
  }
}

TEST(Elementwise, NanGoesThroughMinAndMax) {
  const auto a = floats({4}, {nan_value, 1, nan_value, -infinity});
  const auto b = floats({4}, {1, nan_value, nan_value, 5});
  for (const std::string type : {"Min", "Max"}) {
    const auto c = computed({type}, {a, b}, Layout{ElementType::float32, {4}});
    EXPECT_TRUE(std::isnan(c[0]) && std::isnan(c[1]) && std::isnan(c[2])) << type;
    EXPECT_EQ(c[3], type == "Min" ? -infinity : 5);
  }
  const auto clipped =
      computed({"Clip"}, {floats({3}, {nan_value, -7, 7}), floats({}, {-1}), floats({}, {2})},
               Layout{ElementType::float32, {3}});
  EXPECT_TRUE(std::isnan(clipped[0]));
  EXPECT_EQ(clipped[1], -1);
  EXPECT_EQ(clipped[2], 2);
}

TEST(Elementwise, IntegersWrap) {
  const Layout bytes{ElementType::uint8, {2}}, words{ElementType::int64, {2}};
  EXPECT_EQ(
      computed({"Add"}, {value_of(bytes.type, {2}, {250, 3}), value_of(bytes.type, {2}, {10, 4})},
               bytes),
      (Numbers{4, 7}));
  EXPECT_EQ(computed({"Mul"},
                     {value_of(ElementType::int8, {2}, {100, -3}),
                      value_of(ElementType::int8, {2}, {2, 4})},
                     Layout{ElementType::int8, {2}}),
            (Numbers{-56, -12}));
  EXPECT_EQ(
      computed({"Div"}, {value_of(words.type, {2}, {-7, 7}), value_of(words.type, {2}, {2, -2})},
               words),
      (Numbers{-3, -3}));
  EXPECT_EQ(computed({"Div"},
                     {value_of(ElementType::int32, {1}, {-2147483648.0}),
                      value_of(ElementType::int32, {1}, {-1})},
                     Layout{ElementType::int32, {1}}),
            (Numbers{-2147483648.0}));
  EXPECT_EQ(computed({"Abs"}, {value_of(ElementType::int8, {2}, {-128, -127})},
                     Layout{ElementType::int8, {2}}),
            (Numbers{-128, 127}));
}

TEST(Elementwise, IntegersAreNotDividedByZero) {
  for (const auto& what :
       {Computation{"Div"}, Computation{"Mod"}, Computation{"Mod", {{"fmod", std::int64_t{1}}}}}) {
    try {
      computed(
          what,
          {value_of(ElementType::int32, {2}, {1, 2}), value_of(ElementType::int32, {2}, {1, 0})},
          Layout{ElementType::int32, {2}});
      FAIL() << what.type;
    } catch (const models::InputError& error) {
      EXPECT_EQ(error.what(), "operator 'op' (" + what.type + "): integer division by zero");
    }
  }
}

TEST(Elementwise, ModTakesTheSignThatItIsAskedFor) {
  const auto a = value_of(ElementType::int16, {4}, {-7, 7, -6, 6});
  const auto b = value_of(ElementType::int16, {4}, {3, -3, 3, -3});
  const Layout output{ElementType::int16, {4}};
  EXPECT_EQ(computed({"Mod"}, {a, b}, output), (Numbers{2, -2, 0, 0}));
  EXPECT_EQ(computed({"Mod", {{"fmod", std::int64_t{1}}}}, {a, b}, output), (Numbers{-1, 1, 0, 0}));
}

TEST(Elementwise, PowerTakesTheTypeOfItsBase) {
  const auto of = [](ElementType base, Numbers a, ElementType exponent, Numbers b) {
    const auto size = static_cast<std::int64_t>(a.size());
    return computed({"Pow"}, {value_of(base, {size}, a), value_of(exponent, {size}, b)},
                    Layout{base, {size}});
  };
  using E = ElementType;
  EXPECT_EQ(of(E::int32, {2, -3, 7}, E::int64, {10, 3, 0}), (Numbers{1024, -27, 1}));
  EXPECT_EQ(of(E::int32, {2, 9}, E::float32, {-1, 0.5}), (Numbers{0, 3}));
  EXPECT_EQ(of(E::float32, {-2, 4}, E::int64, {3, -1}), (Numbers{-8, 0.25}));
  EXPECT_EQ(of(E::float32, {-2, 5}, E::float32, {2, 2}), (Numbers{4, 25}));
  EXPECT_EQ(of(E::float32, {9, 4}, E::float32, {0.5, 2}), (Numbers{3, 16}));
}

TEST(Elementwise, SumAndMeanTakeAnyNumberOfInputs) {
  const Layout output{ElementType::float32, {2, 2}};
  const std::vector<TensorValue> three = {floats({2, 2}, {1, 2, 3, 4}), floats({2}, {10, 20}),
                                          floats({}, {100})};
  EXPECT_EQ(computed({"Sum"}, three, output), (Numbers{111, 122, 113, 124}));
  EXPECT_EQ(computed({"Mean"}, three, output),
            (Numbers{37, 122.0F / 3.0F, 113.0F / 3.0F, 124.0F / 3.0F}));
  EXPECT_EQ(computed({"Max"}, three, output), (Numbers{100, 100, 100, 100}));
  EXPECT_EQ(computed({"Min"}, {three[0]}, output), (Numbers{1, 2, 3, 4}));
}

TEST(Elementwise, ClipTakesItsBoundsFromWhereTheOpsetSays) {
  const auto x = floats({3}, {-5, 0.5, 5});
  const Layout output{ElementType::float32, {3}};
  EXPECT_EQ(computed({"Clip", {{"min", -1.0}, {"max", 1.0}}, 6}, {x}, output),
            (Numbers{-1, 0.5, 1}));
  EXPECT_EQ(computed({"Clip", {}, 11}, {x, floats({}, {0})}, output), (Numbers{0, 0.5, 5}));
  EXPECT_EQ(computed({"Clip", {}, 12}, {x, {}, floats({}, {0})}, output), (Numbers{-5, 0, 0}));
  EXPECT_EQ(computed({"Clip", {}, 13}, {x}, output), (Numbers{-5, 0.5, 5}));
}

TEST(Elementwise, ComparisonsAreFalseOfNan) {
  const auto a = floats({3}, {1, nan_value, 2});
  const auto b = floats({3}, {1, nan_value, 1});
  const Layout output{ElementType::boolean, {3}};
  EXPECT_EQ(computed({"Equal"}, {a, b}, output), (Numbers{1, 0, 0}));
  EXPECT_EQ(computed({"GreaterOrEqual"}, {a, b}, output), (Numbers{1, 0, 1}));
  EXPECT_EQ(computed({"Greater"}, {a, b}, output), (Numbers{0, 0, 1}));
  EXPECT_EQ(computed({"Less"}, {a, b}, output), (Numbers{0, 0, 0}));
  EXPECT_EQ(computed({"LessOrEqual"}, {a, b}, output), (Numbers{1, 0, 0}));
  EXPECT_EQ(computed({"IsNaN"}, {a}, output), (Numbers{0, 1, 0}));
  EXPECT_EQ(computed({"IsInf", {{"detect_negative", std::int64_t{0}}}},
                     {floats({3}, {infinity, -infinity, 1})}, output),
            (Numbers{1, 0, 0}));
}

TEST(Elementwise, WhereChoosesInEveryType) {
  const auto condition = value_of(ElementType::boolean, {2, 1}, {1, 0});
  for (const auto type : {ElementType::float32, ElementType::float64, ElementType::float16,
                          ElementType::int8, ElementType::int64, ElementType::boolean}) {
    EXPECT_EQ(computed({"Where"}, {condition, value_of(type, {2}, {1, 0}), value_of(type, {}, {1})},
                       Layout{type, {2, 2}}),
              (Numbers{1, 0, 1, 1}));
  }
}

TEST(Elementwise, ShiftsAndBits) {
  const auto bytes = [](Numbers n) {
    const auto size = static_cast<std::int64_t>(n.size());
    return value_of(ElementType::uint8, {size}, n);
  };
  const Layout output{ElementType::uint8, {3}};
  const std::vector<TensorValue> pair = {bytes({16, 255, 1}), bytes({1, 4, 9})};
  EXPECT_EQ(computed({"BitShift", {{"direction", std::string("RIGHT")}}}, pair, output),
            (Numbers{8, 15, 0}));
  EXPECT_EQ(computed({"BitShift", {{"direction", std::string("LEFT")}}}, pair, output),
            (Numbers{32, 240, 0}));
  EXPECT_EQ(computed({"BitwiseXor"}, pair, output), (Numbers{17, 251, 8}));
  EXPECT_EQ(computed({"BitwiseNot"}, {pair[0]}, output), (Numbers{239, 0, 254}));
}

TEST(Cast, DropsFractionsAndWraps) {
  using E = ElementType;
  const auto cast = [](E from, Numbers x, E to) {
    const auto size = static_cast<std::int64_t>(x.size());
    return computed({"Cast"}, {value_of(from, {size}, x)}, Layout{to, {size}});
  };
  EXPECT_EQ(cast(E::float32, {1.9, -1.9, 0.5, -0.5}, E::int32), (Numbers{1, -1, 0, 0}));
  EXPECT_EQ(cast(E::float32, {-1, 256, 255.9}, E::uint8), (Numbers{255, 0, 255}));
  EXPECT_EQ(cast(E::float32, {nan_value, 1e20}, E::int32), (Numbers{-2147483648.0, -2147483648.0}));
  EXPECT_EQ(cast(E::int64, {300, -1}, E::int8), (Numbers{44, -1}));
  EXPECT_EQ(cast(E::float64, {1.8446744073709550e19}, E::uint64), (Numbers{1.8446744073709550e19}));
  EXPECT_EQ(cast(E::float32, {0, -0.0, 0.1, nan_value}, E::boolean), (Numbers{0, 0, 1, 1}));
  EXPECT_EQ(cast(E::boolean, {1, 0}, E::float16), (Numbers{1, 0}));
  EXPECT_EQ(cast(E::int32, {65520, -70000}, E::float16), (Numbers{infinity, -infinity}));
}

TEST(Cast, HalfPrecisionIsRoundedOnceFromDouble) {
  // Half way between 1 and the next fp16 number, and a little more than fp32 can tell.
  const double tie = 1 + std::ldexp(1.0, -11);
  const double above = tie + std::ldexp(1.0, -40);
  EXPECT_EQ(computed({"Cast"}, {value_of(ElementType::float64, {2}, {tie, above})},
                     Layout{ElementType::float16, {2}}),
            (Numbers{1, 1 + std::ldexp(1.0, -10)}));
}

TEST(Cast, AllPairsOfTypesAgreeOnSmallNumbers) {
  for (int from = 0; from < 13; ++from) {
    for (int to = 0; to < 13; ++to) {
      const auto size = std::int64_t{700};
      const auto x = value_of(static_cast<ElementType>(from), {size}, Numbers(700, 1));
      EXPECT_EQ(computed({"CastLike"}, {x, x}, Layout{static_cast<ElementType>(to), {size}}),
                Numbers(700, 1))
          << from << " to " << to;
    }
  }
}

TEST(Dropout, PassesEverythingOnAndMasksNothing) {
  const auto x = floats({3}, {1, nan_value, 3});
  const auto outputs =
      computed({"Dropout", {}, 13}, {x, floats({}, {0.5})},
               {Layout{ElementType::float32, {3}}, Layout{ElementType::boolean, {3}}});
  EXPECT_EQ(numbers_of(outputs[0])[2], 3);
  EXPECT_TRUE(std::isnan(numbers_of(outputs[0])[1]));
  EXPECT_EQ(numbers_of(outputs[1]), (Numbers{1, 1, 1}));
}

TEST(Dropout, DoesNotTrain) {
  const auto x = floats({1}, {1});
  const auto training = value_of(ElementType::boolean, {}, {1});
  const Layout output{ElementType::float32, {1}};
  EXPECT_THROW(computed({"Dropout", {}, 13}, {x, floats({}, {0.5}), training}, output),
               models::InputError);
  EXPECT_EQ(computed({"Dropout", {}, 13}, {x, floats({}, {0}), training}, output), (Numbers{1}));
}

TEST(Elementwise, TypesWithoutALoopAreRefusedByName) {
  try {
    computed({"Add"},
             {value_of(ElementType::boolean, {1}, {1}), value_of(ElementType::boolean, {1}, {1})},
             Layout{ElementType::boolean, {1}});
    FAIL();
  } catch (const hardware::NotSupported& reason) {
    EXPECT_EQ(reason.what, "Add of this element type");
  }
}

}  // namespace
