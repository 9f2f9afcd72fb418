// Other people's cases through whole programs: the ONNX project's node tests, its exported
// networks, and five known networks. All is as stored, or refused by the name of what is not
// supported.
#include "tests/hardware/conformance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <numeric>
#include <set>

#include "hardware/catalogue.h"
#include "hardware/program.h"
#include "models/error.h"
#include "tests/hardware/property.h"

namespace hardware::conformance {
namespace {

using models::TensorValue;

struct Verdict {
  bool passed = false;
  std::string refused{};  ///< the operator or type that is not supported; empty: something is wrong
  std::string fault{};
};

/// The operator or type that keeps a model from being computed; empty if none does.
std::string hindrance(const models::OnnxModel& model) {
  for (const auto& need : models::needs_of(model)) {
    if (!need.fault.empty()) return need.fault;
    if (find_plain(need.type) == nullptr && need.type != "Constant") return need.type;
  }
  return model.fault;
}

Verdict compared(models::OnnxModel model, const std::filesystem::path& folder_of_case) {
  const auto stored = read_case(folder_of_case);
  auto valued = models::valued_network_of(std::move(model), {}, stored.inputs);
  auto inputs = stored.inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto tensor = valued.network.inputs.at(i);
    inputs[i] = models::taken_as(inputs[i], models::at(valued.network.tensors, tensor).type);
  }
  const auto recipe = uniform_recipe(valued.network, models::Precision::fp32);
  Program program(std::move(valued), recipe);
  program.run(inputs);
  const auto outputs = program.outputs();
  if (outputs.size() != stored.outputs.size()) return {.fault = "another number of outputs"};
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (auto fault = difference(outputs[i], stored.outputs[i]); !fault.empty())
      return {.fault = "output " + std::to_string(i) + ": " + fault};
  return {.passed = true};
}

Verdict verdict_of(const std::filesystem::path& folder_of_case) {
  try {
    auto model = models::parse_onnx(folder_of_case / "model.onnx", models::Values::all);
    if (auto what = hindrance(model); !what.empty()) return {.refused = what};
    return compared(std::move(model), folder_of_case);
  } catch (const NotSupported& error) {
    return {.fault = "not supported: " + error.what};
  } catch (const models::InputError& error) {
    const std::string what = error.what();
    if (what.find("training mode") != std::string::npos) return {.refused = "training mode"};
    return {.fault = what};
  }
}

/// A suite, or a part of it whose cases' names start alike, so that parts can run side by side.
struct Part {
  std::string suite;
  std::string start;
};
void PrintTo(const Part& part, std::ostream* out) {
  *out << part.suite << "/" << part.start << "*";
}

class Suite : public testing::TestWithParam<Part> {};

TEST_P(Suite, IsAsStoredOrRefusedByName) {
  const auto cases = cases_in(GetParam().suite, GetParam().start);
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << folder << " is not here (Debian: libonnx-testdata)";
  ASSERT_FALSE(cases.empty());
  int passed = 0;
  std::map<std::string, int> refused;
  for (const auto& each : cases) {
    const auto verdict = verdict_of(each);
    passed += verdict.passed ? 1 : 0;
    if (!verdict.refused.empty()) ++refused[verdict.refused];
    EXPECT_TRUE(verdict.passed || !verdict.refused.empty()) << each << ": " << verdict.fault;
  }
  std::cout << passed << " of " << cases.size() << " cases pass; refused:";
  for (const auto& [what, count] : refused) {
    std::cout << " " << what << " (" << count << ")";
    EXPECT_FALSE(property::in_table(what)) << what;
  }
  std::cout << "\n";
}

std::vector<Part> parts() {
  std::vector<Part> result = {
      {"simple", "test_"}, {"pytorch-converted", "test_"}, {"pytorch-operator", "test_"}};
  for (const char letter : std::string("abcdefghilmnopqrstuwx"))
    result.push_back({"node", std::string("test_") + letter});
  return result;
}

INSTANTIATE_TEST_SUITE_P(Conformance, Suite, testing::ValuesIn(parts()), [](const auto& tested) {
  std::string name = tested.param.suite + "_" + tested.param.start;
  std::ranges::replace(name, '-', '_');
  return name;
});

/// Models without stored weights, whose inputs are all places in order, over their number.
class KnownNetwork : public testing::TestWithParam<const char*> {};

TEST_P(KnownNetwork, GivesItsPublishedOutput) {
  const std::filesystem::path folder_of_networks = "../shared/data/onnx-light";
  const auto name = std::string("light_") + GetParam();
  const auto file = folder_of_networks / (name + ".onnx");
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here";
  auto model = models::parse_onnx(file, models::Values::all);
  const auto declared = models::read_onnx(file);
  const auto& tensor = models::at(declared.tensors, declared.inputs.at(0));
  auto input = models::fresh_value(models::ElementType::float32, tensor.shape);
  auto* values = reinterpret_cast<float*>(input.fresh.data());
  const auto count = input.value.elements();
  for (std::int64_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(static_cast<double>(i) / static_cast<double>(count));
  auto valued = models::valued_network_of(std::move(model), {}, {input.value});
  const auto recipe = uniform_recipe(valued.network, models::Precision::fp32);
  Program program(std::move(valued), recipe);
  program.run(std::vector{input.value});
  EXPECT_EQ(difference(program.outputs().at(0),
                       read_tensor(folder_of_networks / (name + "_output_0.pb"))),
            "");
}

INSTANTIATE_TEST_SUITE_P(Conformance, KnownNetwork,
                         testing::Values("bvlc_alexnet", "inception_v1", "resnet50", "squeezenet",
                                         "vgg19"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace hardware::conformance
