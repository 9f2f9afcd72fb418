#include "hardware/program.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "hardware/calibration.h"
#include "models/error.h"
#include "models/network/zoo.h"
#include "models/precision/convert.h"
#include "models/random.h"
#include "scenarios/random_values.h"
#include "tests/hardware/running.h"
#include "tests/hardware/small_network.h"

namespace {

using hardware::Program;
using hardware::Ranges;
using hardware::Step;
using hardware::uniform_recipe;
using models::Precision;
using models::TensorValue;
using models::ValuedNetwork;
using Numbers = std::vector<double>;

Program program_of(const ValuedNetwork& network, Precision precision, Ranges ranges = {}) {
  return {network, uniform_recipe(network.network, precision), {std::move(ranges), false}};
}

Numbers result_of(const ValuedNetwork& network, const TensorValue& input, Precision precision,
                  Ranges ranges = {}) {
  auto program = program_of(network, precision, std::move(ranges));
  program.run({{input}});
  return numbers_of(program.outputs()[0]);
}

TensorValue random_floats(models::Shape shape, std::uint64_t seed) {
  models::Random random(seed);
  Numbers numbers;
  for (std::int64_t i = 0; i < models::elements_of(shape); ++i)
    numbers.push_back(4 * random.unit() - 2);
  return floats(std::move(shape), numbers);
}

/// y = (x + w) v, reshaped.
ValuedNetwork chain() {
  return SmallNetwork()
      .input("x", {2, 3})
      .weight("w", floats({3}, {1, 2, 3}))
      .weight("v", floats({}, {0.5}))
      .weight("shape", value_of(models::ElementType::int64, {1}, {6}))
      .node("Add", {"x", "w"}, "sum", {2, 3})
      .node("Mul", {"sum", "v"}, "product", {2, 3})
      .node("Reshape", {"product", "shape"}, "y", {6})
      .with_outputs({"y"});
}

TEST(HardwareProgram, ComputesAChain) {
  EXPECT_EQ(result_of(chain(), floats({2, 3}, {1, 1, 1, 3, 4, 5}), Precision::fp32),
            (Numbers{1, 1.5, 2, 2, 3, 4}));
}

TEST(HardwareProgram, ComputesTheSameAgain) {
  auto program = program_of(chain(), Precision::fp32);
  program.run({{floats({2, 3}, {9, 9, 9, 9, 9, 9})}});
  program.run({{floats({2, 3}, {1, 1, 1, 3, 4, 5})}});
  EXPECT_EQ(numbers_of(program.outputs()[0]), (Numbers{1, 1.5, 2, 2, 3, 4}));
}

TEST(HardwareProgram, ComputesConstantPartsOnce) {
  const auto network = SmallNetwork()
                           .input("x", {2})
                           .weight("a", floats({2}, {1, 2}))
                           .weight("b", floats({2}, {10, 20}))
                           .node("Add", {"a", "b"}, "c", {2})
                           .node("Sub", {"x", "c"}, "y", {2})
                           .with_outputs({"y", "c", "x"});
  auto program = program_of(network, Precision::fp32);
  EXPECT_EQ(std::ranges::count(program.steps(), Step::Kind::compute, &Step::kind), 1);
  program.run({{floats({2}, {100, 100})}});
  EXPECT_EQ(numbers_of(program.outputs()[0]), (Numbers{89, 78}));
  EXPECT_EQ(numbers_of(program.outputs()[1]), (Numbers{11, 22}));
  EXPECT_EQ(numbers_of(program.outputs()[2]), (Numbers{100, 100}));
}

TEST(HardwareProgram, EmulatesAFormatByRoundingOperandsAndResults) {
  for (const auto precision : {Precision::tf32, Precision::fp16, Precision::fp8_e4m3,
                               Precision::fp8_e5m2, Precision::mxfp8, Precision::mxint8}) {
    const auto network = SmallNetwork()
                             .input("x", {4, 16})
                             .weight("w", random_floats({4, 16}, 2))
                             .node("Add", {"x", "w"}, "y", {4, 16})
                             .with_outputs({"y"});
    const auto x = random_floats({4, 16}, 3);
    auto a = std::vector<float>(x.as<float>().begin(), x.as<float>().end());
    const auto w = random_floats({4, 16}, 2);
    auto b = std::vector<float>(w.as<float>().begin(), w.as<float>().end());
    models::round_to(a, precision);
    models::round_to(b, precision);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    models::round_to(a, precision);
    EXPECT_EQ(result_of(network, x, precision), Numbers(a.begin(), a.end())) << name_of(precision);
    const auto program = program_of(network, precision);
    EXPECT_TRUE(std::ranges::all_of(program.steps(), &Step::emulated)) << name_of(precision);
  }
}

TEST(HardwareProgram, ConvertsAnInputOnceForAllWhoReadIt) {
  const auto network = SmallNetwork()
                           .input("x", {8})
                           .node("Relu", {"x"}, "a", {8})
                           .node("Neg", {"x"}, "b", {8})
                           .node("Add", {"a", "b"}, "y", {8})
                           .with_outputs({"y"});
  const auto program = program_of(network, Precision::fp16);
  EXPECT_EQ(std::ranges::count(program.steps(), Step::Kind::convert, &Step::kind), 1);
}

/// int8 is refused without ranges; these take the largest magnitude of the run itself.
TEST(HardwareProgram, EmulatedIntegersWithoutRangesAreScaledByTheRun) {
  const auto network =
      SmallNetwork().input("x", {4, 16}).node("Neg", {"x"}, "y", {4, 16}).with_outputs({"y"});
  const auto x = random_floats({4, 16}, 3);
  Numbers larger = numbers_of(x);
  for (auto& number : larger) number *= 1024;
  for (const auto precision : {Precision::int4, Precision::int16}) {
    auto expected = result_of(network, x, precision);
    EXPECT_NE(expected, Numbers(64, 0.0));
    for (auto& number : expected) number *= 1024;
    EXPECT_EQ(result_of(network, floats({4, 16}, larger), precision), expected);
    EXPECT_NE(result_of(network, x, precision, {{"x", {-4, 4}}, {"y", {-4, 4}}}),
              result_of(network, x, precision));
  }
}

TEST(HardwareProgram, WantsRangesForIntegers) {
  try {
    program_of(chain(), Precision::int8);
    FAIL() << "no error";
  } catch (const models::InputError& error) {
    EXPECT_STREQ(error.what(),
                 "int8 needs the range of tensor 'x', which is not known; make ranges with "
                 "'partwise calibrate NETWORK --data ...' and give them with --ranges FILE");
  }
}

TEST(HardwareProgram, KeepsIntegersWithinAStepOfTheTruth) {
  const Ranges ranges = {{"x", {-2, 2}}, {"sum", {0, 5}}, {"product", {0, 2.5}}, {"y", {0, 2.5}}};
  const auto x = random_floats({2, 3}, 5);
  const auto exact = result_of(chain(), x, Precision::fp32);
  const auto rounded = result_of(chain(), x, Precision::int8, ranges);
  for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(rounded[i], exact[i], 0.05);
  EXPECT_NE(rounded, exact);
}

TEST(HardwareProgram, ComputesInBf16ToItsPrecision) {
  const auto x = random_floats({2, 3}, 6);
  const auto exact = result_of(chain(), x, Precision::fp32);
  const auto rounded = result_of(chain(), x, Precision::bf16);
  for (std::size_t i = 0; i < exact.size(); ++i)
    EXPECT_NEAR(rounded[i], exact[i], 0.01 * std::abs(exact[i]) + 0.01);
  EXPECT_NE(rounded, exact);
}

TEST(HardwareProgram, MovesElementsExactlyInAnyPrecision) {
  const auto network =
      SmallNetwork()
          .input("x", {2, 3})
          .node("Transpose", {"x"}, "y", {3, 2}, {{"perm", std::vector<std::int64_t>{1, 0}}})
          .with_outputs({"y"});
  const auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  for (const auto precision : {Precision::fp32, Precision::bf16, Precision::fp16})
    EXPECT_EQ(result_of(network, x, precision), (Numbers{1, 4, 2, 5, 3, 6}));
}

TEST(HardwareProgram, RefusesInputsThatDoNotFit) {
  auto program = program_of(chain(), Precision::fp32);
  try {
    program.run({{floats({3, 2}, {1, 1, 1, 3, 4, 5})}});
    FAIL() << "no error";
  } catch (const models::InputError& error) {
    EXPECT_STREQ(error.what(), "input 'x' is 3x2 float32; the network takes 2x3 float32");
  }
}

TEST(HardwareProgram, NamesWhatItDoesNotSupport) {
  const auto network =
      SmallNetwork().input("x", {2}).node("Unheard", {"x"}, "y", {2}).with_outputs({"y"});
  EXPECT_EQ(hardware::not_supported(network.network), "Unheard");
  EXPECT_THROW(program_of(network, Precision::fp32), models::InputError);
}

/// Two convolutions, then the clips of the second and the first, which share their bounds.
ValuedNetwork crossed(double low, double high) {
  return SmallNetwork()
      .input("x", {1, 2, 3, 3})
      .weight("w", random_floats({2, 2, 1, 1}, 7))
      .weight("low", floats({}, {low}))
      .weight("high", floats({}, {high}))
      .node("Conv", {"x", "w"}, "a", {1, 2, 3, 3})
      .node("Conv", {"x", "w"}, "b", {1, 2, 3, 3})
      .node("Clip", {"b", "low", "high"}, "d", {1, 2, 3, 3})
      .node("Clip", {"a", "low", "high"}, "c", {1, 2, 3, 3})
      .node("Sub", {"c", "d"}, "y", {1, 2, 3, 3})
      .with_outputs({"y", "c"});
}

TEST(HardwareProgram, KeepsWeightsUntilAllWhoShareThemArePrepared) {
  auto program = program_of(crossed(-0.5, 0.5), Precision::fp32);
  program.run({{random_floats({1, 2, 3, 3}, 8)}});
  for (const double difference : numbers_of(program.outputs()[0])) EXPECT_EQ(difference, 0);
}

// ONNX: where the lower bound is above the upper one, the result is the upper one.
TEST(HardwareProgram, ClipsToTheUpperBoundWhenBoundsAreCrossed) {
  auto program = program_of(crossed(2, 1), Precision::fp32);
  program.run({{random_floats({1, 2, 3, 3}, 8)}});
  for (const double clipped : numbers_of(program.outputs()[1])) EXPECT_EQ(clipped, 1);
}

TEST(HardwareProgram, ComputesAChainLongerThanCanBeFused) {
  SmallNetwork network;
  network.input("x", {1, 2, 3, 3}).weight("w", floats({2, 2, 1, 1}, {1, 0, 0, 1}));
  network.node("Conv", {"x", "w"}, "t0", {1, 2, 3, 3});
  for (int i = 0; i < 40; ++i)
    network.node("Abs", {"t" + std::to_string(i)}, "t" + std::to_string(i + 1), {1, 2, 3, 3});
  const auto x = random_floats({1, 2, 3, 3}, 9);
  const auto y = result_of(network.with_outputs({"t40"}), x, Precision::fp32);
  const auto numbers = numbers_of(x);
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], std::abs(numbers[i]));
}

/// Bytes that malloc has handed out and not got back, by its own account.
std::size_t in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(HardwareProgram, HoldsAsMuchMemoryAsItSays) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer's allocator keeps no such account";
#endif
  auto network = models::without_values(models::make_network("mobilenet_v2"));
  scenarios::fill_unknown(network, 1);
  const auto x = random_floats({1, 3, 224, 224}, 2);
  hardware::Calibration calibration(hardware::RangeMethod::minmax);
  Program(network, uniform_recipe(network.network, Precision::fp32), {.ranges = {}, .apart = true})
      .observe({{x}}, [&](const hardware::Observed& it) { calibration.take(it, "x"); });
  const auto ranges = calibration.ranges();
  for (const auto precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    program_of(network, precision, ranges);  // fills oneDNN's cache of primitives
    const auto before = in_use();
    const auto program = program_of(network, precision, ranges);
    const auto held = static_cast<double>(in_use() - before);
    const auto& memory = program.memory();
    const auto said = static_cast<double>(memory.weights + memory.activations + memory.workspace);
    // Steps, names and kernels themselves are not counted: some hundred bytes each.
    EXPECT_NEAR(held, said, 0.1 * said) << name_of(precision);
  }
}

TEST(HardwareProgram, AllocatesLittleMoreThanWeightsAndWhatIsLive) {
  auto network = models::without_values(models::make_network("mobilenet_v2"));
  scenarios::fill_unknown(network, 1);
  std::size_t weights = 0;
  for (const auto& value : network.values)
    if (value) weights += value.size();
  const auto program = program_of(network, Precision::fp32);
  const auto& memory = program.memory();
  const auto allocated = memory.weights + memory.activations + memory.workspace;
  EXPECT_LE(static_cast<double>(allocated),
            1.1 * static_cast<double>(weights + memory.live + memory.workspace));
  EXPECT_GE(memory.activations, memory.live);
}

TEST(HardwareProgram, ShowsEveryTensorWhenItIsMade) {
  const auto network = chain();
  Program program(network, uniform_recipe(network.network, Precision::fp32), {{}, true});
  std::vector<std::string> names;
  std::map<std::string, Numbers> seen;
  program.observe({{floats({2, 3}, {1, 1, 1, 3, 4, 5})}}, [&](const hardware::Observed& tensor) {
    const auto* const numbers = reinterpret_cast<const float*>(tensor.bytes.data());
    names.emplace_back(tensor.name);
    seen[names.back()].assign(numbers, numbers + tensor.bytes.size() / sizeof(float));
  });
  EXPECT_EQ(names, (std::vector<std::string>{"x", "sum", "product", "y"}));
  EXPECT_EQ(seen["sum"], (Numbers{2, 3, 4, 4, 6, 8}));
  EXPECT_EQ(seen["product"], (Numbers{1, 1.5, 2, 2, 3, 4}));
  EXPECT_EQ(seen["y"], seen["product"]);
}

TEST(HardwareProgram, ShowsTensorsOfConvolutionsWhateverTheirLayout) {
  const auto network = SmallNetwork()
                           .input("x", {1, 16, 8, 8})
                           .weight("w", random_floats({16, 16, 1, 1}, 4))
                           .node("Conv", {"x", "w"}, "a", {1, 16, 8, 8})
                           .node("Relu", {"a"}, "y", {1, 16, 8, 8})
                           .with_outputs({"y"});
  const auto x = random_floats({1, 16, 8, 8}, 5);
  Program program(network, uniform_recipe(network.network, Precision::fp32), {{}, true});
  std::map<std::string, Numbers> seen;
  program.observe({{x}}, [&](const hardware::Observed& tensor) {
    const auto* const numbers = reinterpret_cast<const float*>(tensor.bytes.data());
    seen[std::string(tensor.name)].assign(numbers, numbers + tensor.bytes.size() / sizeof(float));
  });
  auto made = seen["y"], wanted = result_of(network, x, Precision::fp32);
  std::ranges::sort(made);
  std::ranges::sort(wanted);
  ASSERT_EQ(made.size(), wanted.size());
  for (std::size_t i = 0; i < made.size(); ++i) EXPECT_NEAR(made[i], wanted[i], 1e-4);
  EXPECT_LT(std::ranges::min(seen["a"]), 0);
}

}  // namespace
