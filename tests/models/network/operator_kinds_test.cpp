// What single operators do to shapes, and what they cost: answers worked out by hand.
#include "models/network/operator_kinds.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/error.h"

namespace {

using models::Shape;
using Attributes = std::map<std::string, models::Attribute>;

/// An input is computed if it has no values, and a constant if it has.
struct In {
  Shape shape;
  std::vector<std::int64_t> values;
  bool absent = false;
};
const In none{{}, {}, true};

In list(const Shape& values) {
  return {{static_cast<std::int64_t>(values.size())}, values};
}

struct Case {
  std::string type;
  std::vector<In> inputs;
  Attributes attributes;
  std::vector<Shape> outputs;
  std::int64_t macs = 0;
  std::int64_t element_operations = 0;
  int opset = 17;
};

models::Network network_of(const Case& row) {
  models::OnnxModel model;
  model.source = "case";
  model.name = "case";
  model.opset = row.opset;
  models::OnnxNode node;
  node.name = "op";
  node.type = row.type;
  node.attributes = row.attributes;
  for (std::size_t i = 0; i < row.inputs.size(); ++i) {
    const auto& input = row.inputs[i];
    const auto name = "in" + std::to_string(i);
    node.inputs.push_back(input.absent ? "" : name);
    if (input.absent) continue;
    if (!input.values.empty()) {
      model.weights.push_back(
          {name, models::ElementType::int64, input.shape, true, input.values, {}});
      continue;
    }
    auto& info = model.inputs.emplace_back();
    info.name = name;
    for (const auto size : input.shape) info.shape.push_back({size, ""});
  }
  for (std::size_t i = 0; i < row.outputs.size(); ++i) {
    node.outputs.push_back("out" + std::to_string(i));
    model.outputs.emplace_back().name = node.outputs.back();
    model.outputs.back().fault = "is not declared";
  }
  model.nodes.push_back(node);
  return models::network_of(std::move(model));
}

class OperatorKinds : public testing::TestWithParam<Case> {};

TEST_P(OperatorKinds, ShapesAndCostsAreAsByHand) {
  const auto network = network_of(GetParam());
  ASSERT_EQ(network.operators.size(), 1U);
  std::vector<Shape> shapes;
  for (const int output : network.outputs)
    shapes.push_back(models::at(network.tensors, output).shape);
  EXPECT_EQ(shapes, GetParam().outputs);
  EXPECT_EQ(network.operators[0].macs, GetParam().macs);
  EXPECT_EQ(network.operators[0].element_operations, GetParam().element_operations);
}

const Attributes none_given;

Attributes ints(const std::string& name, const Shape& values) {
  return {{name, values}};
}
Attributes one(const std::string& name, std::int64_t value) {
  return {{name, value}};
}

INSTANTIATE_TEST_SUITE_P(
    Products, OperatorKinds,
    testing::Values(
        Case{"Conv", {{{1, 3, 7}, {}}, {{4, 3, 3}, {}}}, none_given, {{1, 4, 5}}, 4 * 5 * 9, 0},
        // Two groups, stride 2, padding 1, dilation 2: (9 + 2 - 5) / 2 + 1 = 4.
        Case{"Conv",
             {{{2, 4, 9, 9}, {}}, {{6, 2, 3, 3}, {}}, {{6}, {}}},
             {{"group", std::int64_t{2}},
              {"strides", Shape{2, 2}},
              {"pads", Shape{1, 1, 1, 1}},
              {"dilations", Shape{2, 2}}},
             {{2, 6, 4, 4}},
             2 * 6 * 16 * 18,
             2 * 6 * 16},
        Case{"Conv",
             {{{1, 1, 5, 6}, {}}, {{1, 1, 3, 3}, {}}},
             {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Shape{2, 2}}},
             {{1, 1, 3, 3}},
             81,
             0},
        // (4 - 1) * 2 + 3 - 2 + 1 = 8.
        Case{"ConvTranspose",
             {{{1, 8, 4, 4}, {}}, {{8, 5, 3, 3}, {}}},
             {{"strides", Shape{2, 2}},
              {"pads", Shape{1, 1, 1, 1}},
              {"output_padding", Shape{1, 1}}},
             {{1, 5, 8, 8}},
             8 * 16 * 5 * 9,
             0},
        Case{"Gemm",
             {{{7, 5}, {}}, {{3, 7}, {}}, {{3}, {}}},
             {{"transA", std::int64_t{1}}, {"transB", std::int64_t{1}}},
             {{5, 3}},
             5 * 3 * 7,
             15},
        Case{"MatMul",
             {{{2, 1, 4, 5}, {}}, {{3, 5, 6}, {}}},
             none_given,
             {{2, 3, 4, 6}},
             2 * 3 * 4 * 6 * 5,
             0},
        Case{"MatMul", {{{5}, {}}, {{5, 6}, {}}}, none_given, {{6}}, 30, 0},
        Case{"MatMul", {{{4, 5}, {}}, {{5}, {}}}, none_given, {{4}}, 20, 0},
        Case{"Einsum",
             {{{2, 3, 4}, {}}, {{2, 4, 5}, {}}},
             {{"equation", std::string("bij, bjk -> bik")}},
             {{2, 3, 5}},
             2 * 3 * 4 * 5,
             0},
        Case{"LSTM",
             {{{10, 2, 8}, {}}, {{2, 64, 8}, {}}, {{2, 64, 16}, {}}},
             {{"direction", std::string("bidirectional")}},
             {{10, 2, 2, 16}, {2, 2, 16}, {2, 2, 16}},
             10 * 2 * 2 * 64 * 24,
             10 * 2 * 2 * 16 * 13},
        Case{"GRU",
             {{{10, 2, 8}, {}}, {{1, 48, 8}, {}}, {{1, 48, 16}, {}}},
             none_given,
             {{10, 1, 2, 16}, {1, 2, 16}},
             10 * 2 * 48 * 24,
             10 * 2 * 16 * 11}));

INSTANTIATE_TEST_SUITE_P(
    Elementwise, OperatorKinds,
    testing::Values(
        Case{"Add", {{{2, 1, 4}, {}}, {{3, 1}, {}}}, none_given, {{2, 3, 4}}, 0, 24},
        Case{"Sum", {{{4}, {}}, {{4}, {}}, {{4}, {}}}, none_given, {{4}}, 0, 8},
        Case{"Where", {{{3, 1}, {}}, {{4}, {}}, {{1}, {}}}, none_given, {{3, 4}}, 0, 12},
        Case{"Softmax", {{{2, 10}, {}}}, none_given, {{2, 10}}, 0, 100},
        Case{"BatchNormalization",
             {{{2, 3, 4}, {}}, {{3}, {}}, {{3}, {}}, {{3}, {}}, {{3}, {}}},
             none_given,
             {{2, 3, 4}},
             0,
             48},
        Case{"Dropout", {{{5}, {}}}, none_given, {{5}, {5}}, 0, 0},
        Case{"ReduceMean", {{{2, 3, 4}, {}}}, ints("axes", {-1, 0}), {{1, 3, 1}}, 0, 24},
        Case{"ReduceSum", {{{2, 3, 4}, {}}, list({1})}, one("keepdims", 0), {{2, 4}}, 0, 24},
        Case{"ReduceSum", {{{2, 3}, {}}}, one("noop_with_empty_axes", 1), {{2, 3}}, 0, 6},
        Case{"ArgMax", {{{2, 3, 4}, {}}}, one("axis", 1), {{2, 1, 4}}, 0, 24},
        Case{"TopK", {{{2, 9}, {}}, list({4})}, none_given, {{2, 4}, {2, 4}}, 0, 36},
        Case{"MaxPool",
             {{{1, 2, 8, 8}, {}}},
             {{"kernel_shape", Shape{3, 3}},
              {"strides", Shape{2, 2}},
              {"ceil_mode", std::int64_t{1}}},
             {{1, 2, 4, 4}},
             0,
             32 * 9},
        // The fourth window would start in the padding and is left out.
        Case{"AveragePool",
             {{{1, 1, 5}, {}}},
             {{"kernel_shape", Shape{2}},
              {"strides", Shape{2}},
              {"pads", Shape{1, 1}},
              {"ceil_mode", std::int64_t{1}}},
             {{1, 1, 3}},
             0,
             6},
        Case{"GlobalAveragePool", {{{2, 3, 4, 5}, {}}}, none_given, {{2, 3, 1, 1}}, 0, 120},
        Case{"Resize",
             {{{1, 3, 4, 4}, {}}, none, none, list({1, 3, 8, 6})},
             none_given,
             {{1, 3, 8, 6}},
             0,
             144},
        Case{"Resize",
             {{{1, 3, 4, 4}, {}}, none, none, list({1, 3, 8, 6})},
             {{"mode", std::string("linear")}},
             {{1, 3, 8, 6}},
             0,
             144 * 8},
        Case{"Resize",
             {{{1, 3, 4, 8}, {}}, none, none, list({16, 16})},
             {{"axes", Shape{2, 3}}, {"keep_aspect_ratio_policy", std::string("not_larger")}},
             {{1, 3, 8, 16}},
             0,
             384,
             18},
        Case{"Upsample",
             {{{1, 3, 4, 4}, {}}},
             {{"scales", std::vector<double>{1, 1, 2, 2.5}}},
             {{1, 3, 8, 10}},
             0,
             240,
             7}));

INSTANTIATE_TEST_SUITE_P(
    Moving, OperatorKinds,
    testing::Values(
        Case{"Reshape", {{{2, 3, 4}, {}}, list({0, -1})}, none_given, {{2, 12}}, 0, 0},
        Case{"Flatten", {{{2, 3, 4}, {}}}, one("axis", -1), {{6, 4}}, 0, 0},
        Case{"Squeeze", {{{1, 3, 1}, {}}}, none_given, {{3}}, 0, 0},
        Case{"Squeeze", {{{1, 3, 1}, {}}, list({-1})}, none_given, {{1, 3}}, 0, 0},
        Case{"Unsqueeze", {{{3, 4}, {}}}, ints("axes", {0, 3}), {{1, 3, 4, 1}}, 0, 0, 11},
        Case{"Transpose", {{{2, 3, 4}, {}}}, none_given, {{4, 3, 2}}, 0, 24},
        Case{"Transpose", {{{2, 3, 4}, {}}}, ints("perm", {1, 0, 2}), {{3, 2, 4}}, 0, 24},
        Case{"Concat", {{{2, 3}, {}}, {{2, 5}, {}}}, one("axis", -1), {{2, 8}}, 0, 16},
        Case{"Split", {{{7, 2}, {}}}, none_given, {{4, 2}, {3, 2}}, 0, 14},
        Case{"Split", {{{7, 2}, {}}, list({2, 5})}, none_given, {{2, 2}, {5, 2}}, 0, 14},
        Case{"Slice",
             {{{10, 10}, {}}, list({-1, 2}), list({INT64_MIN, 100}), list({0, 1}), list({-3, 4})},
             none_given,
             {{4, 2}},
             0,
             8},
        Case{"Slice", {{{10}, {}}}, {{"starts", Shape{3}}, {"ends", Shape{-2}}}, {{5}}, 0, 5, 9},
        Case{"Gather", {{{5, 6}, {}}, {{2, 3}, {}}}, one("axis", 1), {{5, 2, 3}}, 0, 30},
        Case{"GatherND", {{{2, 3, 4}, {}}, {{5, 2}, {}}}, none_given, {{5, 4}}, 0, 20},
        Case{"Expand", {{{3, 1}, {}}, list({2, 1, 4})}, none_given, {{2, 3, 4}}, 0, 24},
        Case{"Tile", {{{2, 3}, {}}, list({2, 1})}, none_given, {{4, 3}}, 0, 12},
        Case{"Pad", {{{2, 3}, {}}, list({0, 1, 0, -2})}, none_given, {{2, 2}}, 0, 4},
        Case{"DepthToSpace", {{{1, 8, 2, 3}, {}}}, one("blocksize", 2), {{1, 2, 4, 6}}, 0, 48},
        Case{"SpaceToDepth", {{{1, 2, 4, 6}, {}}}, one("blocksize", 2), {{1, 8, 2, 3}}, 0, 48},
        Case{"OneHot", {{{3}, {}}, {{}, {10}}, list({0, 1})}, one("axis", 0), {{10, 3}}, 0, 30}));

TEST(OperatorTable, IsSortedAndSaysHowEachIsCosted) {
  const auto kinds = models::operator_kinds();
  EXPECT_TRUE(std::ranges::is_sorted(kinds, {}, &models::OperatorKind::type));
  for (const auto& kind : kinds) {
    EXPECT_EQ(models::find_operator_kind(kind.type), &kind);
    EXPECT_FALSE(kind.how.empty()) << kind.type;
    EXPECT_NE(kind.infer, nullptr) << kind.type;
    EXPECT_EQ(kind.products != nullptr, kind.rule == models::CostRule::products) << kind.type;
  }
  EXPECT_EQ(models::find_operator_kind("Wobble"), nullptr);
  EXPECT_EQ(models::cost_text(*models::find_operator_kind("LeakyRelu")),
            "2 operations per output element: scale, select");
}

TEST(OperatorTable, HasEveryOperatorThatShallRunForReal) {
  for (const std::string_view name : {"Conv",
                                      "ConvTranspose",
                                      "Gemm",
                                      "MatMul",
                                      "MatMulInteger",
                                      "ConvInteger",
                                      "QLinearConv",
                                      "QLinearMatMul",
                                      "LSTM",
                                      "GRU",
                                      "BatchNormalization",
                                      "InstanceNormalization",
                                      "LayerNormalization",
                                      "LRN",
                                      "LpNormalization",
                                      "Softmax",
                                      "LogSoftmax",
                                      "Hardmax",
                                      "MaxPool",
                                      "AveragePool",
                                      "LpPool",
                                      "GlobalAveragePool",
                                      "GlobalMaxPool",
                                      "GlobalLpPool",
                                      "Add",
                                      "Sub",
                                      "Mul",
                                      "Div",
                                      "Pow",
                                      "Mod",
                                      "Min",
                                      "Max",
                                      "Mean",
                                      "Sum",
                                      "Abs",
                                      "Neg",
                                      "Ceil",
                                      "Floor",
                                      "Round",
                                      "Sign",
                                      "Sqrt",
                                      "Exp",
                                      "Log",
                                      "Erf",
                                      "Reciprocal",
                                      "Relu",
                                      "LeakyRelu",
                                      "PRelu",
                                      "Elu",
                                      "Selu",
                                      "Celu",
                                      "ThresholdedRelu",
                                      "HardSigmoid",
                                      "HardSwish",
                                      "Sigmoid",
                                      "Softplus",
                                      "Softsign",
                                      "Tanh",
                                      "Gelu",
                                      "Mish",
                                      "Clip",
                                      "Sin",
                                      "Cos",
                                      "Tan",
                                      "Asin",
                                      "Acos",
                                      "Atan",
                                      "Sinh",
                                      "Cosh",
                                      "Asinh",
                                      "Acosh",
                                      "Atanh",
                                      "Equal",
                                      "Less",
                                      "LessOrEqual",
                                      "Greater",
                                      "GreaterOrEqual",
                                      "And",
                                      "Or",
                                      "Xor",
                                      "Where",
                                      "IsNaN",
                                      "IsInf",
                                      "Not",
                                      "Cast",
                                      "CastLike",
                                      "ReduceL1",
                                      "ReduceL2",
                                      "ReduceLogSum",
                                      "ReduceLogSumExp",
                                      "ReduceMax",
                                      "ReduceMean",
                                      "ReduceMin",
                                      "ReduceProd",
                                      "ReduceSum",
                                      "ReduceSumSquare",
                                      "ArgMax",
                                      "ArgMin",
                                      "CumSum",
                                      "TopK",
                                      "Reshape",
                                      "Flatten",
                                      "Squeeze",
                                      "Unsqueeze",
                                      "Transpose",
                                      "Concat",
                                      "Split",
                                      "Slice",
                                      "Gather",
                                      "GatherElements",
                                      "GatherND",
                                      "Scatter",
                                      "ScatterElements",
                                      "ScatterND",
                                      "Expand",
                                      "Tile",
                                      "Pad",
                                      "Resize",
                                      "Upsample",
                                      "DepthToSpace",
                                      "SpaceToDepth",
                                      "Trilu",
                                      "OneHot",
                                      "EyeLike",
                                      "Range",
                                      "Shape",
                                      "Size",
                                      "Constant",
                                      "ConstantOfShape",
                                      "Identity",
                                      "Dropout",
                                      "QuantizeLinear",
                                      "DequantizeLinear",
                                      "DynamicQuantizeLinear"})
    EXPECT_NE(models::find_operator_kind(name), nullptr) << name;
}

TEST(OperatorTable, DepthwiseConvolutionsAreKnownByTheirChannels) {
  const auto network = network_of(
      {"Conv", {{{1, 8, 4, 4}, {}}, {{8, 1, 3, 3}, {}}}, one("group", 8), {{1, 8, 2, 2}}});
  EXPECT_EQ(network.operators[0].reduction_channels, 1);
}

}  // namespace
