// Times of systolic arrays and traffic of on-chip memories, by the formulas of their sources.
#include <gtest/gtest.h>

#include "models/cost/cost_model.h"
#include "models/cost/product.h"
#include "models/random.h"
#include "tests/models/samples.h"

namespace models {
namespace {

using namespace std::chrono_literals;
using Shape = std::vector<std::int64_t>;

Tensor tensor(const std::string& name, Shape shape, Tensor::Role role) {
  Tensor made;
  made.name = name;
  made.shape = std::move(shape);
  made.role = role;
  return made;
}

/// One operator that reads x and w and makes y.
Network one_operator(const std::string& type, const Shape& x, const Shape& w, const Shape& y,
                     std::int64_t macs) {
  Network network;
  network.tensors = {tensor("x", x, Tensor::Role::input), tensor("w", w, Tensor::Role::weight),
                     tensor("y", y, Tensor::Role::computed)};
  network.tensors[2].producer = 0;
  Operator op;
  op.name = "op";
  op.type = type;
  op.inputs = {0, 1};
  op.outputs = {2};
  op.costing = Costing::counted;
  op.macs = macs;
  network.operators = {op};
  network.inputs = {0};
  network.outputs = {2};
  return network;
}

Network matrices(std::int64_t m, std::int64_t k, std::int64_t n) {
  return one_operator("MatMul", {m, k}, {k, n}, {m, n}, m * n * k);
}

/// An unpadded convolution with a square kernel, of `groups` groups.
Network convolution(std::int64_t channels, std::int64_t side, std::int64_t results,
                    std::int64_t kernel, std::int64_t groups = 1) {
  const auto out = side - kernel + 1, read = channels / groups;
  auto made = one_operator("Conv", {1, channels, side, side}, {results, read, kernel, kernel},
                           {1, results, out, out}, results * out * out * read * kernel * kernel);
  made.operators[0].reduction_channels = read;
  return made;
}

Product product(const Network& network) {
  return product_of(network, network.operators[0]).value();
}

Device array_of(std::int64_t rows, std::int64_t columns) {
  Device device;
  device.name = "array";
  device.model = Device::Model::systolic;
  device.array = {rows, columns, {1e9}};
  device.memory = {1'000'000'000};
  device.memory_bandwidth = {1e15};
  device.formats = {{Precision::int8, {}, {1e12}, {}}};
  return device;
}

Time time_of(const Device& device, const Network& network) {
  return make_cost_model(device)->of_operator(network, 0, device.formats[0].precision)->duration;
}

/// Moves 1 GB/s, and computes in no time to speak of.
Device tiled_into(std::int64_t sram) {
  auto device = sample_device("d");
  for (auto& format : device.formats) format.matrix_rate = {1e18};
  device.sram = {sram};
  return device;
}

std::int64_t bytes_of(const Device& device, const Network& network, Precision p) {
  return std::chrono::nanoseconds(
             std::chrono::duration_cast<std::chrono::nanoseconds>(
                 make_cost_model(device)->of_operator(network, 0, p)->duration))
      .count();
}

/// What the two formulas are about, in many sizes.
std::vector<Network> some_products() {
  std::vector<Network> all;
  Random random(17);
  for (int i = 0; i < 40; ++i) {
    const auto m = 1 + random.below(200);
    const auto k = 1 + random.below(200);
    all.push_back(matrices(m, k, 1 + random.below(200)));
    const auto groups = 1 + random.below(4);
    const auto channels = groups * (1 + random.below(16));
    const auto results = groups * (1 + random.below(16));
    const auto kernel = 1 + random.below(4);
    all.push_back(convolution(channels, kernel + random.below(20), results, kernel, groups));
  }
  return all;
}

TEST(Products, OfMatricesAreThoseOfTheirLastDimensions) {
  const auto one = product(matrices(6, 10, 20));
  EXPECT_EQ((std::vector{one.count, one.m, one.n, one.k, one.reuse}),
            (std::vector<double>{1, 6, 20, 10, 1}));
  // Twelve heads, each with a matrix of its own.
  const auto heads =
      product(one_operator("MatMul", {12, 6, 10}, {12, 10, 20}, {12, 6, 20}, 12 * 1200));
  EXPECT_EQ((std::vector{heads.count, heads.m, heads.n, heads.k}),
            (std::vector<double>{12, 6, 20, 10}));
}

TEST(Products, OfABatchWithTheSameWeightsAreOneTallerMatrix) {
  for (const auto& weights : {Shape{10, 20}, Shape{1, 10, 20}}) {
    const auto one = product(one_operator("MatMul", {12, 6, 10}, weights, {12, 6, 20}, 12 * 1200));
    EXPECT_EQ((std::vector{one.count, one.m, one.n, one.k}), (std::vector<double>{1, 72, 20, 10}));
  }
}

TEST(Products, OfConvolutionsHaveOneRowPerPixel) {
  // 3 x 3 of 4 channels of 10 x 10: each of 64 pixels reads 36 elements, of 400 there are.
  const auto one = product(convolution(4, 10, 8, 3));
  EXPECT_EQ((std::vector{one.count, one.m, one.n, one.k, one.reuse}),
            (std::vector<double>{1, 64, 8, 36, 5.76}));
  const auto depthwise = product(convolution(8, 10, 8, 3, 8));
  EXPECT_EQ((std::vector{depthwise.count, depthwise.m, depthwise.n, depthwise.k, depthwise.reuse}),
            (std::vector<double>{8, 64, 1, 9, 5.76}));
}

TEST(Products, AreNotWhatHasNoMultiplications) {
  const auto network = one_operator("Add", {6, 10}, {6, 10}, {6, 10}, 0);
  EXPECT_FALSE(product_of(network, network.operators[0]).has_value());
}

TEST(Products, HaveAsManyMultiplicationsAsTheOperator) {
  for (const auto& network : some_products()) {
    const auto one = product(network);
    EXPECT_NEAR(one.count * one.m * one.n * one.k, static_cast<double>(network.operators[0].macs),
                1e-6);
  }
}

TEST(Systolic, TakesTheCyclesOfItsFolds) {
  // 3 x 3 folds of 2 x 4 + 8 + 6 - 2 = 20 cycles.
  EXPECT_EQ(time_of(array_of(4, 8), matrices(6, 10, 20)), 180ns);
  // One fold, nearly empty: 2 x 128 + 128 + 6 - 2.
  EXPECT_EQ(time_of(array_of(128, 128), matrices(6, 10, 20)), 388ns);
  // 9 x 1 folds of 8 + 8 + 64 - 2 = 78.
  EXPECT_EQ(time_of(array_of(4, 8), convolution(4, 10, 8, 3)), 702ns);
  // Eight groups of 3 x 1 folds.
  EXPECT_EQ(time_of(array_of(4, 8), convolution(8, 10, 8, 3, 8)), 1872ns);
}

TEST(Systolic, DividesByRateEfficiencyAndSlots) {
  auto device = array_of(4, 8);
  device.formats[0].cell_rate = 2;
  EXPECT_EQ(time_of(device, matrices(6, 10, 20)), 90ns);
  device.efficiency = 0.5;
  EXPECT_EQ(time_of(device, matrices(6, 10, 20)), 180ns);
  device.slots = 3;
  EXPECT_EQ(time_of(device, matrices(6, 10, 20)), 540ns);
  device.array.clock = {2e9};
  EXPECT_EQ(time_of(device, matrices(6, 10, 20)), 270ns);
}

TEST(Systolic, IsARooflineForWhatIsNoProduct) {
  auto network = one_operator("Add", {6, 10}, {6, 10}, {6, 10}, 0);
  network.operators[0].element_operations = 60'000;
  EXPECT_EQ(time_of(array_of(4, 8), network), 60ns);
}

TEST(Systolic, IsNeverSlowerWithALargerArrayThatDividesTheMatrix) {
  for (const std::int64_t m : {1, 7, 300}) {
    const auto network = matrices(m, 384, 640);
    for (std::int64_t rows = 1; rows <= 64; rows *= 2)
      for (std::int64_t columns = 1; columns <= 64; columns *= 2) {
        const auto time = time_of(array_of(rows, columns), network);
        EXPECT_LE(time_of(array_of(2 * rows, columns), network), time);
        EXPECT_LE(time_of(array_of(rows, 2 * columns), network), time);
      }
  }
}

TEST(Systolic, IsNeverFasterThanAllItsCellsAtOnce) {
  for (const auto& network : some_products())
    for (const std::int64_t side : {1, 8, 50}) {
      const auto device = array_of(side, side);
      EXPECT_GE(time_of(device, network),
                make_roofline(device)->of_operator(network, 0, Precision::int8)->duration);
    }
}

TEST(Traffic, IsWhatTheBoundsSay) {
  // 2 x 1,200 / 8 + 120 and 2 x 18,432 / sqrt(100 x 5.76) + 512.
  EXPECT_DOUBLE_EQ(traffic_of(product(matrices(6, 10, 20)), 64), 420);
  EXPECT_DOUBLE_EQ(traffic_of(product(convolution(4, 10, 8, 3)), 100), 2048);
  // Eight groups of 2 x 576 / sqrt(100 x 5.76) + 64.
  EXPECT_DOUBLE_EQ(traffic_of(product(convolution(8, 10, 8, 3, 8)), 100), 8 * (48 + 64));
}

TEST(Sram, BoundsWhatAProductMoves) {
  const auto network = matrices(6, 10, 20);  // 60 + 200 + 120 elements of four bytes
  EXPECT_EQ(bytes_of(tiled_into(0), network, Precision::fp32), 1520);
  EXPECT_EQ(bytes_of(tiled_into(64 * 4), network, Precision::fp32), 420 * 4);
  EXPECT_EQ(bytes_of(tiled_into(256 * 4), network, Precision::fp32), 1520);
  // As many bytes hold four times as many elements of one byte; each tensor has a scale.
  EXPECT_EQ(bytes_of(tiled_into(16), network, Precision::int8), 2400 / 4 + 120);
  EXPECT_EQ(bytes_of(tiled_into(64), network, Precision::int8), 420);
  EXPECT_EQ(bytes_of(tiled_into(256), network, Precision::int8), 380 + 3 * 4);
}

TEST(Sram, DoesNotMatterToWhatIsNoProduct) {
  auto network = one_operator("Add", {6, 10}, {6, 10}, {6, 10}, 0);
  EXPECT_EQ(bytes_of(tiled_into(4), network, Precision::fp32),
            bytes_of(tiled_into(0), network, Precision::fp32));
}

TEST(Sram, OfMoreNeverMovesMore) {
  for (const auto& network : some_products())
    for (const auto p : {Precision::fp32, Precision::int8}) {
      auto before = bytes_of(tiled_into(1), network, p);
      for (std::int64_t sram = 2; sram < 1 << 20; sram *= 3) {
        const auto bytes = bytes_of(tiled_into(sram), network, p);
        EXPECT_LE(bytes, before);
        EXPECT_GE(bytes, bytes_of(tiled_into(0), network, p));
        before = bytes;
      }
    }
}

TEST(Sram, ThatHoldsTheResultsMovesEachTensorOnce) {
  for (const auto& network : some_products()) {
    const auto results = network.tensors[2].elements() * 4;
    EXPECT_EQ(bytes_of(tiled_into(results), network, Precision::fp32),
              bytes_of(tiled_into(0), network, Precision::fp32));
  }
}

}  // namespace
}  // namespace models
