#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hardware/catalogue.h"
#include "models/error.h"
#include "running.h"

namespace {

using hardware::Layout;
using models::ElementType;
using models::TensorValue;
using Numbers = std::vector<double>;

const double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(QuantizeLinear, RoundsHalfToEvenAndSaturates) {
  const auto x = floats({8}, {0.5, 1.5, 2.5, -0.5, 1000, -1000, infinity, nan_value});
  EXPECT_EQ(
      computed({"QuantizeLinear"}, {x, floats({}, {1}), value_of(ElementType::uint8, {}, {128})},
               Layout{ElementType::uint8, {8}}),
      (Numbers{128, 130, 130, 128, 255, 0, 255, 128}));
  EXPECT_EQ(computed({"QuantizeLinear"}, {x, floats({}, {1}), value_of(ElementType::int8, {}, {0})},
                     Layout{ElementType::int8, {8}}),
            (Numbers{0, 2, 2, 0, 127, -128, 127, 0}));
  EXPECT_EQ(computed({"QuantizeLinear"}, {x, floats({}, {1})}, Layout{ElementType::uint8, {8}}),
            (Numbers{0, 2, 2, 0, 255, 0, 255, 0}));
}

TEST(QuantizeLinear, HasAScaleForEveryChannelOfItsAxis) {
  const auto x = floats({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const Layout output{ElementType::int16, {2, 3, 2}};
  const Numbers zeros = {0, 10, -5};
  EXPECT_EQ(
      computed({"QuantizeLinear", {{"axis", std::int64_t{1}}}},
               {x, floats({3}, {1, 0.5, 0.25}), value_of(ElementType::int16, {3}, zeros)}, output),
      (Numbers{1, 2, 16, 18, 15, 19, 7, 8, 28, 30, 39, 43}));
  EXPECT_EQ(computed({"QuantizeLinear", {{"axis", std::int64_t{-1}}}}, {x, floats({2}, {1, 2})},
                     Layout{ElementType::uint8, {2, 3, 2}}),
            (Numbers{1, 1, 3, 2, 5, 3, 7, 4, 9, 5, 11, 6}));
}

TEST(DequantizeLinear, IsExactInEveryType) {
  const auto of = [](ElementType type, Numbers x, Numbers zero) {
    const auto size = static_cast<std::int64_t>(x.size());
    return computed({"DequantizeLinear"},
                    {value_of(type, {size}, x), floats({}, {0.5}), value_of(type, {}, zero)},
                    Layout{ElementType::float32, {size}});
  };
  EXPECT_EQ(of(ElementType::uint8, {0, 128, 255}, {128}), (Numbers{-64, 0, 63.5}));
  EXPECT_EQ(of(ElementType::int8, {-128, 0, 127}, {-128}), (Numbers{0, 64, 127.5}));
  EXPECT_EQ(of(ElementType::uint16, {0, 65535}, {32768}), (Numbers{-16384, 16383.5}));
  EXPECT_EQ(of(ElementType::int32, {-2147483648.0, 2147483647}, {0}),
            (Numbers{-1073741824, 1073741824}));
}

TEST(DequantizeLinear, UndoesQuantisationToHalfAStep) {
  Numbers numbers;
  for (int i = 0; i < 3000; ++i) numbers.push_back(std::sin(i) * 3);
  const auto x = floats({3000}, numbers);
  for (const auto type :
       {ElementType::int8, ElementType::uint8, ElementType::int16, ElementType::uint16}) {
    const bool wide = models::bits_of(type) == 16;
    const bool is_signed = type == ElementType::int8 || type == ElementType::int16;
    const double scale = wide ? 6.0 / 65000 : 6.0 / 250;
    const auto zero = value_of(type, {}, {is_signed ? 0.0 : wide ? 32768.0 : 128.0});
    const auto codes = computed({"QuantizeLinear"}, {x, floats({}, {scale}), zero},
                                std::vector<Layout>{Layout{type, {3000}}});
    const auto back = computed({"DequantizeLinear"}, {codes[0], floats({}, {scale}), zero},
                               Layout{ElementType::float32, {3000}});
    for (std::size_t i = 0; i < back.size(); ++i) EXPECT_NEAR(back[i], numbers[i], scale * 0.5001);
  }
}

TEST(QuantizeLinear, TakesHalfPrecision) {
  const auto x = value_of(ElementType::float16, {3}, {-1, 0.5, 2});
  const auto scale = value_of(ElementType::float16, {}, {0.5});
  const auto codes =
      computed({"QuantizeLinear", {}, 19}, {x, scale, value_of(ElementType::int8, {}, {3})},
               std::vector<Layout>{Layout{ElementType::int8, {3}}});
  EXPECT_EQ(numbers_of(codes[0]), (Numbers{1, 4, 7}));
  EXPECT_EQ(computed({"DequantizeLinear", {}, 19},
                     {codes[0], scale, value_of(ElementType::int8, {}, {3})},
                     Layout{ElementType::float16, {3}}),
            (Numbers{-1, 0.5, 2}));
}

TEST(QuantizeLinear, BlocksAreNotSupported) {
  const auto x = floats({4, 2}, Numbers(8, 1));
  EXPECT_THROW(
      computed({"QuantizeLinear", {{"block_size", std::int64_t{2}}, {"axis", std::int64_t{0}}}, 21},
               {x, floats({2, 2}, Numbers(4, 1))}, Layout{ElementType::uint8, {4, 2}}),
      hardware::NotSupported);
}

TEST(QuantizeLinear, AsManyScalesAsChannels) {
  try {
    computed({"QuantizeLinear"}, {floats({2, 3}, Numbers(6, 1)), floats({2}, {1, 1})},
             Layout{ElementType::uint8, {2, 3}});
    FAIL();
  } catch (const models::InputError& error) {
    EXPECT_STREQ(error.what(), "operator 'op' (QuantizeLinear): it has 2 scales for 3 channels");
  }
}

TEST(DynamicQuantizeLinear, GivesNoughtANumberOfItsOwn) {
  const auto outputs = [](Numbers x) {
    const auto size = static_cast<std::int64_t>(x.size());
    const auto results =
        computed({"DynamicQuantizeLinear"}, {floats({size}, x)},
                 {Layout{ElementType::uint8, {size}}, Layout{ElementType::float32, {}},
                  Layout{ElementType::uint8, {}}});
    return std::vector<Numbers>{numbers_of(results[0]), numbers_of(results[1]),
                                numbers_of(results[2])};
  };
  // From the ONNX specification's own test.
  const auto known = outputs({0, 2, -3, -2.5, 1.34, 0.5});
  EXPECT_EQ(known[0], (Numbers{153, 255, 0, 26, 221, 179}));
  EXPECT_FLOAT_EQ(static_cast<float>(known[1][0]), 0.0196078438F);
  EXPECT_EQ(known[2], (Numbers{153}));
  const auto above = outputs({1, 3, 4});
  EXPECT_EQ(above[2], (Numbers{0}));
  EXPECT_EQ(above[0], (Numbers{64, 191, 255}));
  const auto below = outputs({-1, -2, -4});
  EXPECT_EQ(below[2], (Numbers{255}));
  EXPECT_EQ(outputs({0, 0})[0], (Numbers{0, 0}));
}

}  // namespace
