// ONNX's own node tests of the operators that move, pick and resize.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "hardware/catalogue.h"
#include "models/error.h"
#include "models/network/tensor_proto.h"
#include "models/network/valued.h"
#include "tests/hardware/running.h"

namespace {

namespace fs = std::filesystem;
using models::TensorValue;

const fs::path folder = "/usr/share/libonnx-testdata/data/node";

std::vector<TensorValue> values_in(const fs::path& data, const std::string& start) {
  std::vector<TensorValue> values;
  for (int i = 0;; ++i) {
    const auto file = data / (start + std::to_string(i) + ".pb");
    if (!fs::exists(file)) return values;
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(stream), {});
    values.push_back(models::tensor_of_proto(bytes, file.string()).value);
  }
}

/// Operator after operator, each by its plain kernel.
std::vector<TensorValue> computed_values(const models::ValuedNetwork& given,
                                         const std::vector<TensorValue>& inputs) {
  const auto& network = given.network;
  auto values = given.values;
  for (std::size_t i = 0; i < inputs.size(); ++i) models::at(values, network.inputs[i]) = inputs[i];
  for (const auto& op : network.operators) {
    std::vector<TensorValue> from;
    for (const int tensor : op.inputs)
      from.push_back(tensor < 0 ? TensorValue{} : models::at(values, tensor));
    std::vector<hardware::Layout> to;
    for (const int tensor : op.outputs)
      to.push_back(
          {models::at(network.tensors, tensor).type, models::at(network.tensors, tensor).shape});
    const auto made = computed({op.type, op.attributes, network.opset}, from, to);
    for (std::size_t i = 0; i < made.size(); ++i) models::at(values, op.outputs[i]) = made[i];
  }
  std::vector<TensorValue> outputs;
  for (const int tensor : network.outputs) outputs.push_back(models::at(values, tensor));
  return outputs;
}

bool is_ours(const models::OnnxModel& model) {
  std::set<std::string_view> types{"Identity"};
  for (const auto rows :
       {hardware::moving_rows(), hardware::picking_rows(), hardware::resizing_rows()})
    for (const auto& row : rows) types.insert(row.type);
  return std::ranges::all_of(models::needs_of(model), [&](const models::Need& need) {
    return need.fault.empty() && (need.type.empty() || types.contains(need.type));
  });
}

void compare(const TensorValue& made, const TensorValue& wanted, const std::string& name) {
  ASSERT_EQ(made.type, wanted.type) << name;
  ASSERT_EQ(made.shape, wanted.shape) << name;
  const auto ours = numbers_of(made);
  const auto theirs = numbers_of(wanted);
  for (std::size_t i = 0; i < ours.size(); ++i)
    ASSERT_TRUE(close_to(ours[i], theirs[i], 1e-5, 1e-6))
        << name << " [" << i << "]: " << ours[i] << " for " << theirs[i];
}

TEST(MovingNodes, GiveWhatOnnxSays) {
  if (!fs::exists(folder)) GTEST_SKIP() << "libonnx-testdata is not installed";
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(folder)) cases.push_back(entry.path());
  std::ranges::sort(cases);
  std::map<std::string, int> tried;
  for (const auto& path : cases) {
    const auto name = path.filename().string();
    auto model = models::parse_onnx(path / "model.onnx", models::Values::all);
    if (!is_ours(model)) continue;
    const auto inputs = values_in(path / "test_data_set_0", "input_");
    const auto outputs = values_in(path / "test_data_set_0", "output_");
    const auto network = models::valued_network_of(std::move(model), {}, inputs);
    if (network.network.operators.empty()) continue;
    std::vector<TensorValue> made;
    try {
      made = computed_values(network, inputs);
    } catch (const hardware::NotSupported& refusal) {
      ADD_FAILURE() << name << ": not supported: " << refusal.what;
      continue;
    } catch (const models::InputError& error) {
      ADD_FAILURE() << name << ": " << error.what();
      continue;
    }
    ASSERT_EQ(made.size(), outputs.size()) << name;
    for (std::size_t i = 0; i < made.size(); ++i) compare(made[i], outputs[i], name);
    ++tried[network.network.operators[0].type];
  }
  std::string text;
  int all = 0;
  for (const auto& [type, count] : tried) {
    text += " " + type + " " + std::to_string(count);
    all += count;
  }
  RecordProperty("cases", text);
  EXPECT_GE(all, 150) << text;
}

}  // namespace
