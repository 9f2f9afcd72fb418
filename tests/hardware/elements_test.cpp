#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "hardware/catalogue.h"
#include "hardware/cpu.h"
#include "models/random.h"
#include "running.h"

namespace {

using hardware::Layout;
using models::ElementType;
using models::Precision;
using models::Shape;
using models::TensorValue;
using Numbers = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
const double nan_value = std::numeric_limits<double>::quiet_NaN();

/// Where each element, counted row by row, lies.
std::vector<std::size_t> places(const Layout& layout) {
  const auto& shape = layout.shape;
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (i != 1 || !layout.channels_last) axes.push_back(i);
  if (layout.channels_last) axes.push_back(1);
  std::vector<std::size_t> strides(shape.size());
  std::size_t stride = 1;
  for (std::size_t i = axes.size(); i-- > 0;) {
    strides[axes[i]] = stride;
    stride *= static_cast<std::size_t>(shape[axes[i]]);
  }
  std::vector<std::size_t> result(static_cast<std::size_t>(layout.elements()), 0);
  for (std::size_t at = 0; at < result.size(); ++at) {
    auto rest = at;
    for (std::size_t i = shape.size(); i-- > 0;) {
      const auto size = static_cast<std::size_t>(shape[i]);
      result[at] += rest % size * strides[i];
      rest /= size;
    }
  }
  return result;
}

/// The numbers, given row by row, as the layout has them; codes are rounded.
TensorValue laid_out(const Layout& layout, const Numbers& numbers) {
  const auto where = places(layout);
  const double scale = layout.scale > 0 ? static_cast<double>(layout.scale) : 1;
  Numbers lying(numbers.size());
  for (std::size_t i = 0; i < where.size(); ++i)
    lying[where[i]] = layout.scale > 0 ? std::nearbyint(numbers[i] / scale) : numbers[i];
  return value_of(layout.type, layout.shape, lying);
}
Numbers row_by_row(const Layout& layout, const TensorValue& value) {
  const auto where = places(layout);
  const auto lying = numbers_of(value);
  const double scale = layout.scale > 0 ? static_cast<double>(layout.scale) : 1;
  Numbers result(lying.size());
  for (std::size_t i = 0; i < where.size(); ++i) result[i] = lying[where[i]] * scale;
  return result;
}

struct Operand {
  Layout layout;
  Numbers numbers;  ///< row by row; as they are after laid_out()
  bool constant = false;
};

Operand operand(Layout layout, const Numbers& numbers, bool constant = false) {
  const auto value = laid_out(layout, numbers);
  auto kept = row_by_row(layout, value);
  return {std::move(layout), std::move(kept), constant};
}

struct Result {
  Numbers numbers;
  Layout layout;
  std::string implementation;
};

/// What the native row makes of the operands, which are first brought to where it wants them;
/// nullopt where there is none.
std::optional<Result> natively(const Computation& what, Precision precision,
                               const std::vector<std::optional<Operand>>& operands,
                               const Layout& output) {
  models::Operator op;
  op.name = "op";
  op.type = what.type;
  op.attributes = what.attributes;
  hardware::Request request;
  request.op = &op;
  request.opset = what.opset;
  request.precision = precision;
  request.outputs = {output};
  std::vector<TensorValue> constants;
  for (const auto& each : operands) {
    auto& input = request.inputs.emplace_back();
    if (!each) continue;
    input = hardware::Request::Input{each->layout, nullptr};
    if (!each->constant) continue;
    constants.push_back(laid_out(each->layout, each->numbers));
    input->constant = constants.back().bytes.get();
  }
  auto prepared = hardware::find_native(what.type)->make(request);
  if (!prepared) return std::nullopt;
  std::vector<TensorValue> values;
  std::vector<const std::byte*> from;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const bool packed = i < prepared->packed.size() && prepared->packed[i];
    values.emplace_back();
    if (operands[i] && !packed) values[i] = laid_out(prepared->inputs[i], operands[i]->numbers);
    from.push_back(values[i].bytes.get());
  }
  const auto& made = prepared->outputs.at(0);
  auto result = models::fresh_value(made.type, made.shape);
  auto workspace =
      models::fresh_value(ElementType::uint8, {static_cast<std::int64_t>(prepared->workspace)});
  std::byte* to = result.fresh.data();
  prepared->kernel->run(from, {&to, 1}, workspace.fresh.data());
  const auto numbers = row_by_row(made, result.value);
  if (prepared->in_place >= 0) {
    const auto which = static_cast<std::size_t>(prepared->in_place);
    std::memcpy(to, from[which], values[which].size());
    from[which] = to;
    prepared->kernel->run(from, {&to, 1}, workspace.fresh.data());
    const auto again = row_by_row(made, result.value);
    for (std::size_t i = 0; i < again.size(); ++i)
      EXPECT_TRUE(close_to(again[i], numbers[i], 0)) << what.type << " in place at " << i;
  }
  return Result{numbers, made, prepared->implementation};
}

/// What the plain row makes of the same numbers, in fp32.
Numbers plainly(const Computation& what, const std::vector<std::optional<Operand>>& operands,
                const Layout& output) {
  std::vector<TensorValue> inputs;
  for (const auto& each : operands) {
    inputs.emplace_back();
    if (!each) continue;
    const bool real = models::is_real(each->layout.type) || each->layout.scale > 0;
    inputs.back() = value_of(real ? ElementType::float32 : each->layout.type, each->layout.shape,
                             each->numbers);
  }
  const bool real = output.type != ElementType::boolean;
  return computed(what, inputs, Layout{real ? ElementType::float32 : output.type, output.shape});
}

Numbers drawn(models::Random& random, std::int64_t count, double low, double high) {
  Numbers result;
  for (std::int64_t i = 0; i < count; ++i)
    result.push_back(low + (high - low) * static_cast<double>(random.below(100000)) / 99999);
  return result;
}

const std::vector<Computation> functions = {{"Abs"},
                                            {"Neg"},
                                            {"Ceil"},
                                            {"Floor"},
                                            {"Round"},
                                            {"Sign"},
                                            {"Exp"},
                                            {"Erf"},
                                            {"Relu"},
                                            {"LeakyRelu", {{"alpha", 0.1}}},
                                            {"LeakyRelu", {{"alpha", 0.0}}},
                                            {"Elu", {{"alpha", 0.5}}},
                                            {"Selu"},
                                            {"Celu"},
                                            {"ThresholdedRelu"},
                                            {"HardSigmoid"},
                                            {"HardSwish"},
                                            {"Sigmoid"},
                                            {"Softplus"},
                                            {"Softsign"},
                                            {"Tanh"},
                                            {"Gelu"},
                                            {"Gelu", {{"approximate", std::string("tanh")}}},
                                            {"Mish"},
                                            {"Swish"},
                                            {"Shrink"},
                                            {"Clip", {{"min", -1.0}, {"max", 2.0}}, 6},
                                            {"Sin"},
                                            {"Cos"}};

/// As far apart as two neighbours of the precision, at most.
bool agree(double got, double expected, Precision precision) {
  if (precision == Precision::bf16) return close_to(got, expected, 0.0079, 1e-6);
  return close_to(got, expected, 1e-6, 2e-7);
}

TEST(NativeElements, FunctionsAreThoseOfThePlainKernels) {
  models::Random random(1);
  const Shape shape = {2, 19, 5, 7};
  for (const auto& what : functions) {
    for (const auto precision : {Precision::fp32, Precision::bf16}) {
      const auto type = precision == Precision::bf16 ? ElementType::bfloat16 : ElementType::float32;
      for (const bool last : {false, true}) {
        const auto x = operand({type, shape, last, 0}, drawn(random, 2 * 19 * 5 * 7, -9, 9));
        const auto result = natively(what, precision, {x}, {type, shape});
        ASSERT_TRUE(result) << what.type;
        EXPECT_EQ(result->layout.channels_last, last);
        const auto expected = plainly(what, {x}, result->layout);
        for (std::size_t i = 0; i < expected.size(); ++i)
          ASSERT_TRUE(agree(result->numbers[i], expected[i], precision))
              << what.type << " by " << result->implementation << " of " << x.numbers[i] << ": "
              << result->numbers[i] << " not " << expected[i];
      }
    }
  }
}

TEST(NativeElements, FunctionsKeepNanAndInfinity) {
  const Numbers edges = {nan_value, infinity, -infinity, 0, 3e38, -3e38, 1e-39};
  for (const auto& what : functions) {
    for (const auto precision : {Precision::fp32, Precision::bf16}) {
      const auto type = precision == Precision::bf16 ? ElementType::bfloat16 : ElementType::float32;
      const auto x = operand({type, {7}}, edges);
      const auto result = natively(what, precision, {x}, {type, {7}});
      ASSERT_TRUE(result);
      const auto expected = plainly(what, {x}, result->layout);
      for (std::size_t i = 0; i < edges.size(); ++i)
        EXPECT_TRUE(agree(result->numbers[i], expected[i], precision))
            << what.type << " by " << result->implementation << " of " << x.numbers[i] << ": "
            << result->numbers[i] << " not " << expected[i];
    }
  }
}

TEST(NativeElements, CodesBecomeTheNearestCodes) {
  Numbers all;
  for (int i = 0; i < 256; ++i) all.push_back((i - 128) * 0.05);
  for (const auto& what : functions) {
    const auto x = operand({ElementType::int8, {2, 32, 2, 2}, true, 0.05F}, all);
    for (const auto& output : {Layout{ElementType::int8, {2, 32, 2, 2}, false, 0.04F},
                               Layout{ElementType::uint8, {2, 32, 2, 2}, false, 0.02F},
                               Layout{ElementType::float32, {2, 32, 2, 2}}}) {
      const auto result = natively(what, Precision::int8, {x}, output);
      ASSERT_TRUE(result) << what.type;
      EXPECT_TRUE(result->layout.channels_last);
      const auto expected = plainly(what, {x}, {ElementType::float32, output.shape});
      const double step = static_cast<double>(output.scale);
      for (std::size_t i = 0; i < all.size(); ++i) {
        auto nearest = expected[i];
        if (output.type == ElementType::int8)
          nearest = std::clamp(nearest, -128 * step, 127 * step);
        if (output.type == ElementType::uint8) nearest = std::clamp(nearest, 0.0, 255 * step);
        EXPECT_NEAR(result->numbers[i], nearest, step * 0.50001 + 1e-6 * std::abs(nearest))
            << what.type;
      }
    }
  }
}

/// Shapes that broadcast, and which of the operands are channels last.
struct Pair {
  Shape a, b, c;
  bool a_last = false, b_last = false;
};
const std::vector<Pair> pairs = {
    {{2, 19, 5, 7}, {2, 19, 5, 7}, {2, 19, 5, 7}, true, true},
    {{2, 19, 5, 7}, {2, 19, 5, 7}, {2, 19, 5, 7}, true, false},
    {{2, 19, 5, 7}, {2, 19, 5, 7}, {2, 19, 5, 7}, false, false},
    {{2, 19, 5, 7}, {1, 19, 1, 1}, {2, 19, 5, 7}, true, false},
    {{2, 19, 5, 7}, {2, 19, 1, 1}, {2, 19, 5, 7}, true, true},
    {{2, 19, 5, 7}, {19, 1, 1}, {2, 19, 5, 7}, true, false},
    {{2, 19, 5, 7}, {2, 1, 5, 7}, {2, 19, 5, 7}, true, false},
    {{2, 19, 5, 7}, {5, 7}, {2, 19, 5, 7}, true, false},
    {{2, 19, 5, 7}, {7}, {2, 19, 5, 7}, false, false},
    {{2, 19, 5, 7}, {}, {2, 19, 5, 7}, true, false},
    {{19, 1, 1}, {2, 19, 5, 7}, {2, 19, 5, 7}, false, true},
    {{2, 19, 1, 7}, {1, 19, 5, 1}, {2, 19, 5, 7}, true, true},
    {{2, 16, 33}, {1, 16, 1}, {2, 16, 33}, true, true},
    {{1, 3, 4, 5, 6}, {1, 3, 4, 5, 6}, {1, 3, 4, 5, 6}, true, true},
    {{33}, {33}, {33}, false, false},
    {{4, 1}, {1, 6}, {4, 6}, false, false},
};

TEST(NativeElements, OfTwoOperandsBroadcastInAnyLayout) {
  models::Random random(2);
  for (const std::string type : {"Add", "Sub", "Mul", "Div", "Min", "Max", "PRelu", "Pow", "Sum",
                                 "Mean", "Less", "GreaterOrEqual"}) {
    for (const auto precision : {Precision::fp32, Precision::bf16}) {
      const auto real = precision == Precision::bf16 ? ElementType::bfloat16 : ElementType::float32;
      for (const auto& pair : pairs) {
        const auto a = operand({real, pair.a, pair.a_last, 0},
                               drawn(random, models::elements_of(pair.a), 0.5, 4));
        // A constant comes in fp32.
        const bool constant = !pair.b_last;
        const auto b =
            operand({constant ? ElementType::float32 : real, pair.b, pair.b_last, 0},
                    Numbers(drawn(random, models::elements_of(pair.b), -2, 2)), constant);
        const bool compares = type == "Less" || type == "GreaterOrEqual";
        const Layout output{compares ? ElementType::boolean : real, pair.c};
        const auto result = natively({type}, precision, {a, b}, output);
        ASSERT_TRUE(result) << type;
        EXPECT_EQ(result->layout.channels_last, pair.a_last || pair.b_last);
        auto rounded = b;
        rounded.numbers = numbers_of(value_of(real, pair.b, b.numbers));
        const auto expected = plainly({type}, {a, rounded}, output);
        for (std::size_t i = 0; i < expected.size(); ++i)
          ASSERT_TRUE(agree(result->numbers[i], expected[i], precision))
              << type << " by " << result->implementation << ' ' << models::text_of(pair.a) << ' '
              << models::text_of(pair.b) << " at " << i << ": " << result->numbers[i] << " not "
              << expected[i];
      }
    }
  }
}

TEST(NativeElements, ALaterOperandIsNotOverwritten) {
  const auto one = operand({ElementType::float32, {}}, {1});
  const auto whole = operand({ElementType::float32, {3}}, {10, 20, 30});
  // natively() also computes in place, where the kernel says it may.
  EXPECT_EQ(
      natively({"Sum"}, Precision::fp32, {one, one, whole}, {ElementType::float32, {3}})->numbers,
      (Numbers{12, 22, 32}));
  EXPECT_EQ(
      natively({"Sum"}, Precision::fp32, {whole, one, one}, {ElementType::float32, {3}})->numbers,
      (Numbers{12, 22, 32}));
}

TEST(NativeElements, OperandsThatCannotBeLaidOutAnewAreRefused) {
  const Numbers many(2 * 19 * 5 * 7, 1);
  const auto last = operand({ElementType::float32, {2, 19, 5, 7}, true, 0}, many);
  const auto fewer = operand({ElementType::float32, {19, 5, 7}}, Numbers(19 * 5 * 7, 1));
  EXPECT_FALSE(
      natively({"Add"}, Precision::fp32, {last, fewer}, {ElementType::float32, {2, 19, 5, 7}}));
  const auto condition = operand({ElementType::boolean, {2, 19, 5, 7}}, many);
  EXPECT_FALSE(natively({"Where"}, Precision::fp32, {condition, last, last},
                        {ElementType::float32, {2, 19, 5, 7}}));
}

TEST(NativeElements, OfTwoOperandsKeepNan) {
  const auto a = operand({ElementType::float32, {6}}, {nan_value, 1, infinity, 0, -infinity, 5});
  const auto b = operand({ElementType::float32, {6}}, {1, nan_value, -infinity, 0, -infinity, 0});
  for (const std::string type : {"Add", "Sub", "Mul", "Div", "Min", "Max"}) {
    const auto result = natively({type}, Precision::fp32, {a, b}, {ElementType::float32, {6}});
    const auto expected = plainly({type}, {a, b}, {ElementType::float32, {6}});
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_TRUE(close_to(result->numbers[i], expected[i], 0)) << type << " at " << i;
  }
}

TEST(NativeElements, SumsAndProductsOfCodes) {
  models::Random random(3);
  const std::vector<Layout> kinds = {{ElementType::int8, {}, false, 0.05F},
                                     {ElementType::uint8, {}, false, 0.02F}};
  for (const std::string type : {"Add", "Mul", "Sub", "Max", "Min"}) {
    for (const auto& pair : pairs) {
      for (auto first : kinds) {
        for (auto second : kinds) {
          for (auto output : kinds) {
            first.shape = pair.a;
            first.channels_last = pair.a_last;
            second.shape = pair.b;
            second.channels_last = pair.b_last;
            output.shape = pair.c;
            const auto a = operand(first, drawn(random, models::elements_of(pair.a), 0, 5));
            const auto b = operand(second, drawn(random, models::elements_of(pair.b), 0, 5));
            const auto result = natively({type}, Precision::int8, {a, b}, output);
            if (!result) continue;
            const auto expected = plainly({type}, {a, b}, {ElementType::float32, pair.c});
            const double step = static_cast<double>(output.scale);
            const bool is_signed = output.type == ElementType::int8;
            for (std::size_t i = 0; i < expected.size(); ++i) {
              const double nearest = std::clamp(expected[i], is_signed ? -128 * step : 0,
                                                is_signed ? 127 * step : 255 * step);
              ASSERT_NEAR(result->numbers[i], nearest, step * 0.5001) << type;
            }
          }
        }
      }
    }
  }
}

TEST(NativeElements, EqualShapesOfCodesAlwaysHaveAKernel) {
  const Numbers many(64, 1);
  const auto codes = operand({ElementType::int8, {1, 4, 4, 4}, true, 0.05F}, many);
  const auto constant = operand({ElementType::float32, {4, 1, 1}}, Numbers(4, 2), true);
  for (const auto& output : {Layout{ElementType::int8, {1, 4, 4, 4}, false, 0.1F},
                             Layout{ElementType::uint8, {1, 4, 4, 4}, false, 0.1F}}) {
    const auto sum = natively({"Add"}, Precision::int8, {codes, codes}, output);
    ASSERT_TRUE(sum);
    EXPECT_NEAR(sum->numbers[9], 2, 1e-6);
    const auto product = natively({"Mul"}, Precision::int8, {codes, constant}, output);
    ASSERT_TRUE(product);
    EXPECT_NEAR(product->numbers[9], 2, 1e-6);
  }
}

TEST(NativeConcat, JoinsInAnyLayoutAndPrecision) {
  models::Random random(4);
  for (const auto precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    for (const bool last : {false, true}) {
      for (const std::int64_t axis : {1, 2, -1}) {
        Layout a{ElementType::float32, {2, 8, 5, 6}, last, 0};
        if (precision == Precision::bf16) a.type = ElementType::bfloat16;
        if (precision == Precision::int8) a = {ElementType::int8, {2, 8, 5, 6}, last, 0.25F};
        auto b = a, c = a;
        const auto at = static_cast<std::size_t>(axis < 0 ? axis + 4 : axis);
        b.shape[at] = 3;
        c.shape[at] += 3;
        c.channels_last = false;
        const auto x = operand(a, drawn(random, a.elements(), -9, 9));
        const auto y = operand(b, drawn(random, b.elements(), -9, 9));
        const Computation what{"Concat", {{"axis", axis}}};
        const auto result = natively(what, precision, {x, y}, c);
        // With narrower vectors oneDNN has no bf16.
        if (precision == Precision::bf16 && !result &&
            !hardware::isa_in_effect().starts_with("avx512"))
          continue;
        ASSERT_TRUE(result);
        EXPECT_EQ(result->layout.channels_last, last);
        EXPECT_EQ(result->numbers, plainly(what, {x, y}, {ElementType::float32, c.shape}))
            << result->implementation;
      }
    }
  }
}

TEST(NativeElements, RowsHavePlainRowsBesideThem) {
  for (const auto& row : hardware::native_elements())
    EXPECT_NE(hardware::find_plain(row.type), nullptr) << row.type;
}

}  // namespace
