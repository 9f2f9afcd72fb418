// The references themselves, held against the outputs stored with the ONNX project's node tests.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <set>

#include "models/error.h"
#include "models/network/tensor_value.h"
#include "tests/hardware/conformance.h"
#include "tests/hardware/property.h"

namespace hardware::conformance {
namespace {

using models::TensorValue;
using reference::Array;
using reference::Inputs;

Array array_of(const TensorValue& value) {
  property::Bytes bytes(value.size());
  if (value.size() > 0) std::memcpy(bytes.data, value.bytes.get(), value.size());
  return property::array_of(bytes, {value.type, value.shape}, value.type);
}

TensorValue value_of(const Array& array) {
  const auto bytes = property::bytes_of(array, {array.type, array.shape});
  return models::copied(array.type, array.shape, {bytes.data, bytes.size});
}

/// Computes the network operator by operator.
std::vector<TensorValue> computed(const models::ValuedNetwork& valued,
                                  const std::vector<TensorValue>& given) {
  const auto& net = valued.network;
  Inputs arrays(net.tensors.size());
  for (std::size_t i = 0; i < arrays.size(); ++i)
    if (valued.values[i]) arrays[i] = array_of(valued.values[i]);
  for (std::size_t i = 0; i < net.inputs.size(); ++i) {
    const auto tensor = models::at(net.inputs[i]);
    arrays[tensor] = array_of(models::taken_as(given[i], net.tensors[tensor].type));
  }
  for (const auto& op : net.operators) {
    Inputs inputs;
    for (const int input : op.inputs)
      inputs.push_back(input < 0 ? std::nullopt : models::at(arrays, input));
    auto made = reference::outputs_of(op, net.opset, inputs);
    for (auto& array : made)
      for (auto& x : array.reals) x = reference::rounded(array.type, x);
    for (std::size_t i = 0; i < op.outputs.size(); ++i)
      if (op.outputs[i] >= 0) models::at(arrays, op.outputs[i]) = made.at(i);
  }
  std::vector<TensorValue> outputs;
  for (const int output : net.outputs)
    outputs.push_back(value_of(models::at(arrays, output).value()));
  return outputs;
}

/// Why a model is not for the references; empty if it is.
std::string hindrance(const models::OnnxModel& model) {
  for (const auto& need : models::needs_of(model)) {
    if (!need.fault.empty()) return need.fault;
    if (reference::find(need.type) == nullptr) return need.type;
  }
  return model.fault;
}

bool tried(const std::filesystem::path& folder_of_case) {
  SCOPED_TRACE(folder_of_case.string());
  try {
    auto model = models::parse_onnx(folder_of_case / "model.onnx", models::Values::all);
    if (!hindrance(model).empty()) return false;
    const auto stored = read_case(folder_of_case);
    const auto got =
        computed(models::valued_network_of(std::move(model), {}, stored.inputs), stored.inputs);
    for (std::size_t i = 0; i < stored.outputs.size(); ++i)
      EXPECT_EQ(difference(got.at(i), stored.outputs[i]), "");
    return true;
  } catch (const std::exception& error) {
    const std::string what = error.what();
    if (what.find("training") == std::string::npos) ADD_FAILURE() << what;
    return false;
  }
}

class References : public testing::TestWithParam<const char*> {};

TEST_P(References, GiveTheStoredOutputs) {
  const auto cases = cases_in(GetParam(), "test_");
  if (cases.empty())
    GTEST_SKIP() << folder / GetParam() << " is not here (Debian: libonnx-testdata)";
  int count = 0;
  for (const auto& each : cases) count += tried(each) ? 1 : 0;
  std::cout << GetParam() << ": " << count << " of " << cases.size() << " cases compared\n";
  EXPECT_GT(count, 0);
}

INSTANTIATE_TEST_SUITE_P(Suites, References, testing::Values("node", "simple"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace hardware::conformance
