// What the reader makes of files that are right.
#include "models/network/onnx.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "models/error.h"
#include "models/network/zoo.h"
#include "tests/models/network/onnx_bytes.h"

namespace {

using namespace onnx_bytes;
using Shape = std::vector<std::int64_t>;

const std::vector<std::string> y = {info("y", {})};

models::Network read(const std::string& bytes, const models::OnnxOptions& options = {}) {
  return models::read_onnx(File(bytes).path(), options);
}

const models::Tensor& output(const models::Network& network) {
  return network.tensors.at(static_cast<std::size_t>(network.outputs.at(0)));
}

/// As exporters write `x.view(x.size(0), -1)`, through five operators on shapes.
Graph flattening() {
  return {{node("Shape", "shape", {"x"}, {"s"}),
           node("Gather", "batch", {"s", "zero"}, {"n"}, attribute("axis", 0)),
           node("Unsqueeze", "list", {"n", "axes"}, {"n1"}),
           node("Concat", "both", {"n1", "rest"}, {"target"}, attribute("axis", 0)),
           node("Reshape", "view", {"x", "target"}, {"y"})},
          {tensor("zero", {}, int64, number(7, 0)), integers("axes", {0}), integers("rest", {-1})},
          {info("x", {"batch", 3, 8, 8})},
          y,
          {}};
}

TEST(Onnx, ShapeSubgraphsAreFolded) {
  models::OnnxOptions options;
  options.dims = {{"batch", 2}};
  const auto network = read(model(flattening()), options);
  ASSERT_EQ(network.operators.size(), 1U);
  EXPECT_EQ(network.operators[0].name, "view");
  EXPECT_EQ(network.operators[0].costing, models::Costing::free);
  EXPECT_EQ(output(network).shape, (Shape{2, 192}));
  EXPECT_EQ(network.notes, std::vector<std::string>{"folded 4 constants"});
}

TEST(Onnx, ArithmeticOnShapesIsExact) {
  const auto network = read(model(
      {{node("Shape", "shape", {"x"}, {"s"}), node("Slice", "last", {"s", "two", "far"}, {"hw"}),
        node("Div", "half", {"hw", "two"}, {"h"}), node("ReduceProd", "area", {"h"}, {"a"}),
        node("Range", "range", {"zero", "a1", "one"}, {"r"}), node("Squeeze", "sq", {"a"}, {"a1"}),
        node("Cast", "cast", {"r"}, {"rf"}, attribute("to", 1)),
        node("Add", "add", {"x1", "rf"}, {"y"})},
       {integers("two", {2}), integers("far", {INT64_MAX}), tensor("zero", {}, int64, number(7, 0)),
        tensor("one", {}, int64, number(7, 1))},
       {info("x", {1, 3, 9, 6}), info("x1", {5, 1})},
       y,
       {}}));
  EXPECT_EQ(output(network).shape, (Shape{5, 12}));
  EXPECT_EQ(network.inputs.size(), 1U);
}

TEST(Onnx, WhatIsMadeOfWeightsOnlyIsAWeight) {
  const auto network =
      read(model({{node("Transpose", "t", {"w"}, {"wt"}), node("MatMul", "m", {"x", "wt"}, {"y"})},
                  {tensor("w", {1000, 4096}, float32)},
                  {info("x", {2, 4096})},
                  y,
                  {}}));
  ASSERT_EQ(network.operators.size(), 1U);
  EXPECT_EQ(network.macs(), 2 * 4096 * 1000);
  EXPECT_EQ(network.parameters(), 4096 * 1000);
}

TEST(Onnx, OperatorsThatReachNoOutputAreRemovedAndReported) {
  const auto network =
      read(model({{node("Abs", "lost", {"x"}, {"u"}), node("Relu", "kept", {"x"}, {"y"})},
                  {},
                  {info("x", {4})},
                  y,
                  {}}));
  ASSERT_EQ(network.operators.size(), 1U);
  EXPECT_EQ(network.notes,
            std::vector<std::string>{"removed 1 operator reaching no output: 'lost'"});
}

TEST(Onnx, OperatorsAreSortedAndNamedApart) {
  const auto network = read(model({{node("Relu", "", {"u"}, {"y"}), node("Abs", "a", {"x"}, {"v"}),
                                    node("Neg", "a", {"v"}, {"u"})},
                                   {},
                                   {info("x", {4})},
                                   y,
                                   {}}));
  ASSERT_EQ(network.operators.size(), 3U);
  EXPECT_EQ(network.operators[0].name, "Abs_1");
  EXPECT_EQ(network.operators[1].name, "Neg_2");
  EXPECT_EQ(network.operators[2].name, "Relu_0");
}

TEST(Onnx, UnknownOperatorsAreListedOrCostedByBytes) {
  const Graph graph{{node("Wobble", "w1", {"x"}, {"u"}), node("If", "i", {"u"}, {"v"}),
                     node("Wobble", "w2", {"v"}, {"y"})},
                    {},
                    {info("x", {4})},
                    {info("y", {4})},
                    {info("u", {7}), info("v", {4})}};
  EXPECT_EQ(models::not_costed(read(model(graph))),
            "Wobble (2): there is no cost model for this operator\n"
            "If (1): operators that hold graphs have no cost model");
  models::OnnxOptions options;
  options.unknown_by_bandwidth = true;
  const auto network = read(model(graph), options);
  EXPECT_EQ(models::not_costed(network), "");
  EXPECT_EQ(network.operators[0].costing, models::Costing::by_bytes);
  EXPECT_EQ(network.tensors.at(1).shape, Shape{7});
}

TEST(Onnx, SubgraphsKeepAliveWhatTheyCapture) {
  const auto branch = text(1, node("Neg", "n", {"u"}, {"z"})) + text(12, info("z", {4}));
  const auto network =
      read(model({{node("Relu", "r", {"x"}, {"u"}),
                   node("If", "i", {"c"}, {"y"},
                        text(5, text(1, "then_branch") + text(6, branch) + number(20, 5)))},
                  {},
                  {info("x", {4}), info("c", {}, 9)},
                  {info("y", {4})},
                  {}}));
  EXPECT_EQ(network.operators.size(), 2U);
}

TEST(Onnx, FunctionsAreInlined) {
  const auto body =
      text(7, node("Relu", "r", {"a"}, {"t"})) + text(7, node("Neg", "n", {"t"}, {"b"}));
  const auto function =
      text(25, text(1, "f") + text(4, "a") + text(5, "b") + body + text(10, "own"));
  const auto network = read(
      model({{node("f", "one", {"x"}, {"u"}, "", "own"), node("f", "two", {"u"}, {"y"}, "", "own")},
             {},
             {info("x", {4})},
             y,
             {}},
            17, function));
  ASSERT_EQ(network.operators.size(), 4U);
  EXPECT_EQ(network.operators[3].name, "own.f_1/n");
  EXPECT_EQ(models::not_costed(network), "");
}

TEST(Onnx, AttributesAndRealConstantsSurviveWriting) {
  const auto resize = node("Resize", "r", {"x", "", "scales"}, {"y"},
                           text(5, text(1, "cubic_coeff_a") + varint(2 << 3 | 5) +
                                       std::string("\x00\x00\x40\xbf", 4) + number(20, 1)));
  const auto network = read(model({{resize},
                                   {tensor("scales", {4}, float32,
                                           text(9, std::string("\x00\x00\x80\x3f\x00\x00\x80\x3f"
                                                               "\x00\x00\x00\x40\x00\x00\x20\x40",
                                                               16)))},
                                   {info("x", {1, 3, 5, 5})},
                                   y,
                                   {}}));
  EXPECT_EQ(output(network).shape, (Shape{1, 3, 10, 12}));
  EXPECT_EQ(std::get<double>(network.operators[0].attributes.at("cubic_coeff_a")), -0.75);
  const File file("");
  models::write_onnx(network, file.path());
  EXPECT_TRUE(models::read_onnx(file.path()) == network);
}

TEST(Onnx, FailedWriteLeavesNothingBehind) {
  const auto network = models::make_network("mobilenet_v2");
  EXPECT_THROW(models::write_onnx(network, "/no_such_folder/net.onnx"), models::EnvironmentError);
  const auto folder = std::filesystem::path(testing::TempDir()) / "is_a_folder.onnx";
  std::filesystem::create_directories(folder / "inside");
  EXPECT_THROW(models::write_onnx(network, folder), models::EnvironmentError);
  EXPECT_FALSE(std::filesystem::exists(folder.string() + ".partial"));
  std::filesystem::remove_all(folder);
}

/// Flips, cuts and repeats parts of the file.
std::string damaged(std::string bytes, std::mt19937_64& random) {
  for (int i = 0; i < 3 && !bytes.empty(); ++i) {
    const auto place = random() % bytes.size();
    switch (random() % 5) {
      case 0:
        bytes[place] = static_cast<char>(random());
        break;
      case 1:
        bytes.erase(place, random() % 40);
        break;
      case 2:
        bytes.insert(place, bytes.substr(random() % bytes.size(), random() % 40));
        break;
      case 3:
        bytes.replace(place, std::min<std::size_t>(9, bytes.size() - place), 9, '\xff');
        break;
      default:
        if (random() % 4 == 0) bytes.resize(place);
    }
  }
  return bytes;
}

TEST(Onnx, DamagedFilesAreReadOrRefusedAndNothingElse) {
  std::ifstream stream("scenarios/networks/mobilenet_v2.onnx", std::ios::binary);
  std::stringstream whole;
  whole << stream.rdbuf();
  const std::vector<std::string> files = {whole.str(), model(flattening())};
  ASSERT_FALSE(files[0].empty());
  std::mt19937_64 random(1);
  int refused = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    try {
      read(damaged(files[i % 2], random)).check();
    } catch (const models::InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
