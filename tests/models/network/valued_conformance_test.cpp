// The ONNX project's own test cases: what is read of them, and the shapes inferred, agree with the
// tensors that come with them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "models/error.h"
#include "models/network/tensor_proto.h"
#include "models/network/valued.h"

namespace {

namespace fs = std::filesystem;
using models::TensorValue;

const fs::path folder = "/usr/share/libonnx-testdata/data";

/// The operators that are to be computed: nothing else is of interest here.
const std::set<std::string> table = {"Abs",
                                     "Acos",
                                     "Acosh",
                                     "Add",
                                     "And",
                                     "ArgMax",
                                     "ArgMin",
                                     "Asin",
                                     "Asinh",
                                     "Atan",
                                     "Atanh",
                                     "AveragePool",
                                     "BatchNormalization",
                                     "Cast",
                                     "CastLike",
                                     "Ceil",
                                     "Celu",
                                     "Clip",
                                     "Concat",
                                     "Constant",
                                     "ConstantOfShape",
                                     "Conv",
                                     "ConvInteger",
                                     "ConvTranspose",
                                     "Cos",
                                     "Cosh",
                                     "CumSum",
                                     "DepthToSpace",
                                     "DequantizeLinear",
                                     "Div",
                                     "Dropout",
                                     "DynamicQuantizeLinear",
                                     "Elu",
                                     "Equal",
                                     "Erf",
                                     "Exp",
                                     "Expand",
                                     "EyeLike",
                                     "Flatten",
                                     "Floor",
                                     "GRU",
                                     "Gather",
                                     "GatherElements",
                                     "GatherND",
                                     "Gelu",
                                     "Gemm",
                                     "GlobalAveragePool",
                                     "GlobalLpPool",
                                     "GlobalMaxPool",
                                     "Greater",
                                     "GreaterOrEqual",
                                     "HardSigmoid",
                                     "HardSwish",
                                     "Hardmax",
                                     "Identity",
                                     "InstanceNormalization",
                                     "IsInf",
                                     "IsNaN",
                                     "LRN",
                                     "LSTM",
                                     "LayerNormalization",
                                     "LeakyRelu",
                                     "Less",
                                     "LessOrEqual",
                                     "Log",
                                     "LogSoftmax",
                                     "LpNormalization",
                                     "LpPool",
                                     "MatMul",
                                     "MatMulInteger",
                                     "Max",
                                     "MaxPool",
                                     "Mean",
                                     "Min",
                                     "Mish",
                                     "Mod",
                                     "Mul",
                                     "Neg",
                                     "Not",
                                     "OneHot",
                                     "Or",
                                     "PRelu",
                                     "Pad",
                                     "Pow",
                                     "QLinearConv",
                                     "QLinearMatMul",
                                     "QuantizeLinear",
                                     "Range",
                                     "Reciprocal",
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
                                     "Relu",
                                     "Reshape",
                                     "Resize",
                                     "Round",
                                     "Scatter",
                                     "ScatterElements",
                                     "ScatterND",
                                     "Selu",
                                     "Shape",
                                     "Sigmoid",
                                     "Sign",
                                     "Sin",
                                     "Sinh",
                                     "Size",
                                     "Slice",
                                     "Softmax",
                                     "Softplus",
                                     "Softsign",
                                     "SpaceToDepth",
                                     "Split",
                                     "Sqrt",
                                     "Squeeze",
                                     "Sub",
                                     "Sum",
                                     "Tan",
                                     "Tanh",
                                     "ThresholdedRelu",
                                     "Tile",
                                     "TopK",
                                     "Transpose",
                                     "Trilu",
                                     "Unsqueeze",
                                     "Upsample",
                                     "Where",
                                     "Xor"};

TensorValue read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  return models::tensor_of_proto(bytes, file.string()).value;
}

std::vector<TensorValue> read_all(const fs::path& data, const std::string& kind) {
  std::vector<TensorValue> values;
  for (int i = 0;; ++i) {
    const auto file = data / (kind + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(file)) return values;
    values.push_back(read(file));
  }
}

/// What keeps a model from being computed: "Loop", "string"; empty if nothing does.
std::string hindrance(const models::OnnxModel& model) {
  for (const auto& need : models::needs_of(model)) {
    if (!need.fault.empty()) return need.fault;
    if (!table.contains(need.type)) return need.type;
  }
  return model.fault;
}

struct Tally {
  int read = 0;
  int refused = 0;
};

void try_case(const fs::path& file, Tally& tally) {
  SCOPED_TRACE(file.string());
  try {
    auto model = models::parse_onnx(file, models::Values::all);
    if (!hindrance(model).empty()) {
      ++tally.refused;
      return;
    }
    const auto data = file.parent_path() / "test_data_set_0";
    const auto inputs = read_all(data, "input");
    const auto outputs = read_all(data, "output");
    const auto valued = models::valued_network_of(std::move(model), {}, inputs);
    const auto& net = valued.network;
    ++tally.read;
    EXPECT_TRUE(valued.unknown.empty());
    ASSERT_EQ(net.inputs.size(), inputs.size());
    ASSERT_EQ(net.outputs.size(), outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto& tensor = models::at(net.tensors, net.outputs[i]);
      EXPECT_EQ(models::text_of(tensor.shape), models::text_of(outputs[i].shape)) << tensor.name;
      EXPECT_EQ(models::name_of(tensor.type),
                models::name_of(models::taken_as(outputs[i], tensor.type).type))
          << tensor.name;
    }
  } catch (const models::InputError& error) {
    const std::string what = error.what();
    if (what.find("in training mode") == std::string::npos)
      ADD_FAILURE() << what;
    else
      ++tally.refused;
  }
}

class Conformance : public testing::TestWithParam<const char*> {};

TEST_P(Conformance, ShapesAreThoseOfTheStoredOutputs) {
  const auto suite = folder / GetParam();
  if (!fs::exists(suite)) GTEST_SKIP() << suite << " is not here (Debian: libonnx-testdata)";
  std::set<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(suite))
    if (fs::exists(entry.path() / "model.onnx")) cases.insert(entry.path() / "model.onnx");
  Tally tally;
  for (const auto& file : cases) try_case(file, tally);
  std::cout << GetParam() << ": " << tally.read << " read, " << tally.refused << " refused\n";
  EXPECT_GT(tally.read + tally.refused, 0);
}

INSTANTIATE_TEST_SUITE_P(Suites, Conformance,
                         testing::Values("node", "simple", "pytorch-converted", "pytorch-operator"),
                         [](const auto& suite) {
                           std::string name = suite.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
