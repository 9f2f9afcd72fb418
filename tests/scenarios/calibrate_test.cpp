#include <cmath>

#include "results/json_document.h"
#include "results/ranges_json.h"
#include "results/tensor_file.h"
#include "tests/hardware/running.h"
#include "tests/models/network/onnx_bytes.h"
#include "workspace.h"

namespace scenarios {
namespace {

using Numbers = std::vector<double>;
using results::TensorRanges;

/// y = Relu(x - z), and n = Neg(y), of two inputs, [batch, 4] each.
std::string two_inputs() {
  using namespace onnx_bytes;
  Graph graph;
  graph.inputs = {info("x", {"batch", 4}), info("z", {"batch", 4})};
  graph.outputs = {info("n", {"batch", 4})};
  graph.nodes = {node("Sub", "sub", {"x", "z"}, {"d"}), node("Relu", "relu", {"d"}, {"y"}),
                 node("Neg", "neg", {"y"}, {"n"})};
  return model(graph);
}

/// y = Log(x), [1, 2].
std::string one_input() {
  using namespace onnx_bytes;
  Graph graph;
  graph.inputs = {info("x", {1, 2})};
  graph.outputs = {info("y", {1, 2})};
  graph.nodes = {node("Log", "log", {"x"}, {"y"})};
  return model(graph);
}

class CalibrateVerb : public Workspace {
 protected:
  void tensor(const std::string& name, models::Shape shape, const Numbers& numbers) const {
    results::write_tensor(path(name), floats(std::move(shape), numbers), "x");
  }
  TensorRanges ranges() const { return results::read_ranges(path("ranges.json")); }
  Spoken calibrate(const std::string& network, std::vector<std::string> more) const {
    more.insert(more.begin(), {"calibrate", network, "--output", path("ranges.json")});
    return partwise(more);
  }
};

TEST_F(CalibrateVerb, FindsTheRangeOfEveryTensorOverAllSamples) {
  const auto network = write("net.onnx", two_inputs());
  results::write_tensors(
      path("a.npz"), {{"z", floats({1, 4}, {0, 0, 0, 1})}, {"x", floats({1, 4}, {1, 2, 3, 4})}});
  results::write_tensors(
      path("b.h5"), {{"x", floats({1, 4}, {-1, -2, -3, -4})}, {"z", floats({1, 4}, {2, 2, 2, 2})}});
  const auto said = calibrate(network, {"--data", path("a.npz"), "--data", path("b.h5")});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, "ranges of 5 tensors from 2 samples to " + path("ranges.json") + "\n");
  EXPECT_EQ(
      ranges(),
      (TensorRanges{{"x", {-4, 4}}, {"z", {0, 2}}, {"d", {-6, 3}}, {"y", {0, 3}}, {"n", {-3, 0}}}));
}

TEST_F(CalibrateVerb, CutsArraysIntoSamplesOfTheNetworksBatch) {
  const auto network = write("net.onnx", one_input());
  tensor("x.npy", {3, 2}, {1, 1, 1, 4, 0.5, 1});
  const auto said = calibrate(network, {"--data", path("x.npy"), "--json"});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_NE(said.out.find("\"samples\": 3"), std::string::npos) << said.out;
  EXPECT_EQ(ranges().at("x"), (std::pair<double, double>{0.5, 4}));
  const auto fewer = calibrate(network, {"--data", path("x.npy"), "--samples", "1"});
  ASSERT_EQ(fewer.code, 0) << fewer.err;
  EXPECT_EQ(ranges().at("x"), (std::pair<double, double>{1, 1}));
}

TEST_F(CalibrateVerb, CutsOnlyWhatHasRows) {
  using namespace onnx_bytes;
  Graph graph;
  graph.inputs = {info("x", {1, 4}), info("s", {}), info("z", {"n", 4})};
  graph.outputs = {info("y", {1, 4})};
  graph.nodes = {node("Mul", "mul", {"x", "s"}, {"m"}), node("Add", "add", {"m", "z"}, {"y"})};
  const auto network = write("net.onnx", model(graph));
  const auto x = floats({3, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const auto s = floats({}, {2});
  results::write_tensors(path("a.npz"), {{"x", x}, {"s", s}, {"z", x}});
  const auto said = calibrate(network, {"--data", path("a.npz")});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, "ranges of 5 tensors from 3 samples to " + path("ranges.json") + "\n");
  EXPECT_EQ(ranges().at("y"), (std::pair<double, double>{3, 36}));
  results::write_tensors(path("b.npz"),
                         {{"x", x}, {"s", s}, {"z", floats({4, 4}, Numbers(16, 1))}});
  const auto uneven = calibrate(network, {"--data", path("b.npz")});
  EXPECT_EQ(uneven.code, 2);
  EXPECT_EQ(uneven.err, "partwise: " + path("b.npz") +
                            ": 'z' holds 4 rows, which 3 samples of the other inputs cannot share "
                            "equally\n");
}

TEST_F(CalibrateVerb, TakesTheFilesOfAFolder) {
  const auto network = write("net.onnx", one_input());
  std::filesystem::create_directory(path("samples"));
  tensor("samples/b.npy", {1, 2}, {1, 2});
  tensor("samples/a.pb", {1, 2}, {3, 4});
  write("samples/notes.txt", "not a tensor");
  const auto said = calibrate(network, {"--data", path("samples"), "--method", "mse"});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_NE(said.out.find("from 2 samples"), std::string::npos);
  EXPECT_EQ(ranges().at("x").first, 1);
}

TEST_F(CalibrateVerb, NamesTensorAndSampleWithoutARange) {
  const auto network = write("net.onnx", one_input());
  tensor("x.npy", {3, 2}, {1, 1, 1, 4, -1, 1});
  const auto said = calibrate(network, {"--data", path("x.npy")});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.err, "partwise: " + path("x.npy") +
                          ", sample 2: tensor 'y' has elements that are infinite or not a number, "
                          "and so no range; leave this sample out, or keep what makes the tensor "
                          "in fp32\n");
}

TEST_F(CalibrateVerb, RefusesWhatItCannotUse) {
  const auto one = write("one.onnx", one_input()), two = write("two.onnx", two_inputs());
  tensor("x.npy", {1, 4}, {1, 2, 3, 4});
  std::filesystem::create_directory(path("empty"));
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{one}, "calibrating needs samples: give --data FILE, or --random SEED for random ones"},
      {{one, "--random", "1", "--method", "best"},
       "--method: 'best' is none of minmax, percentile, mse"},
      {{one, "--random", "1", "--percentile", "101"},
       "--percentile: '101' is not above 0 and at most 100"},
      {{one, "--random", "1", "--samples", "0"}, "--samples: must be 1 or more"},
      {{one, "--data", path("empty")},
       "--data: the folder '" + path("empty") +
           "' holds no files of tensors (.pb, .npy, .npz, .h5)"},
      {{two, "--data", path("x.npy")},
       path("x.npy") + ": holds no array 'x', which the network takes; give a .npz or .h5 with an "
                       "array for each of its inputs, by their names"},
      {{one, "--data", path("x.npy")},
       one + ": its input 'x' is declared float32 1x2, and float32 1x4 was given: axis 1 must be "
             "2; give a tensor of the declared shape, or export the model with an open dimension"}};
  for (auto [words, wanted] : cases) {
    const auto network = words.front();
    words.erase(words.begin());
    const auto said = calibrate(network, words);
    EXPECT_EQ(said.code, 2);
    EXPECT_EQ(said.err, "partwise: " + wanted + "\n");
  }
}

TEST_F(CalibrateVerb, SaysWhenTheDataWasRandom) {
  const auto said = calibrate(write("net.onnx", two_inputs()),
                              {"--random", "5", "--samples", "2", "--dims", "batch=2"});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_NE(content(path("ranges.json")).find("\"data\": \"random, seed 5\""), std::string::npos);
}

TEST_F(CalibrateVerb, Int8NeedsItsRangesAndIsCloseWithThem) {
  const auto network = write("net.onnx", two_inputs());
  const std::vector<std::string> infer = {"infer", network, "--random", "5", "--dims", "batch=64"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), infer.begin(), infer.end());
    return partwise(more);
  };
  const auto without = with({"--precision", "int8"});
  EXPECT_EQ(without.code, 2);
  EXPECT_EQ(without.err,
            "partwise: int8 needs the range of tensor 'x', which is not known; make ranges with "
            "'partwise calibrate NETWORK --data ...' and give them with --ranges FILE\n");
  ASSERT_EQ(calibrate(network, {"--random", "5", "--dims", "batch=64"}).code, 0);
  ASSERT_EQ(with({"--save", path("reference")}).code, 0);
  const auto close = with({"--precision", "int8", "--ranges", path("ranges.json"), "--compare",
                           path("reference/output_0.npy"), "--rtol", "0", "--atol", "0.05"});
  EXPECT_EQ(close.code, 0) << close.out;
}

TEST_F(CalibrateVerb, AConstantZeroTensorWorksInInt8) {
  write("ranges.json",
        "{\"format\": \"partwise-ranges\", \"version\": 1, \"ranges\": {\"x\": [0, 0], "
        "\"z\": [0, 0], \"d\": [0, 0], \"y\": [0, 0], \"n\": [0, 0]}}");
  results::write_tensors(
      path("zero.npz"), {{"x", floats({1, 4}, {0, 0, 0, 0})}, {"z", floats({1, 4}, {0, 0, 0, 0})}});
  const auto said =
      partwise({"infer", write("net.onnx", two_inputs()), "--input", path("zero.npz"),
                "--precision", "int8", "--ranges", path("ranges.json"), "--save", path("out")});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(numbers_of(results::read_tensor(path("out/output_0.npy"))), (Numbers{0, 0, 0, 0}));
}

}  // namespace
}  // namespace scenarios
