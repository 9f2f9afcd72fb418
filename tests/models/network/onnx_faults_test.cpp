// What the reader says of files that are wrong.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "models/error.h"
#include "models/network/onnx.h"
#include "tests/models/network/onnx_bytes.h"

namespace {

using namespace onnx_bytes;

const std::vector<std::string> image = {info("x", {1, 3, 8, 8})};
const std::vector<std::string> y = {info("y", {})};

/// The message of the InputError, with the file's name as net.onnx; "" if the file is accepted.
std::string fault(const std::string& bytes, const models::OnnxOptions& options = {}) {
  const File file(bytes);
  try {
    models::read_onnx(file.path(), options);
  } catch (const models::InputError& error) {
    std::string what = error.what();
    const auto name = file.path().string();
    for (auto at = what.find(name); at != std::string::npos; at = what.find(name))
      what.replace(at, name.size(), "net.onnx");
    return what;
  }
  return "";
}

std::string fault_of_graph(const Graph& graph, int opset = 17) {
  return fault(model(graph, opset));
}

Graph relu() {
  return {{node("Relu", "r", {"x"}, {"y"})}, {}, image, y, {}};
}

TEST(OnnxFaults, SmallestModelHasNone) {
  EXPECT_EQ(fault_of_graph(relu()), "");
}

TEST(OnnxFaults, EmptyFile) {
  EXPECT_EQ(fault(""), "net.onnx: is empty; export the model again");
}

TEST(OnnxFaults, AnotherKindOfFile) {
  EXPECT_EQ(fault("scenario: quickstart\n"),
            "net.onnx: is not an ONNX model, or is damaged or cut short; export it again");
}

TEST(OnnxFaults, CutShort) {
  const auto bytes = model(relu());
  EXPECT_EQ(fault(bytes.substr(0, bytes.size() / 2)),
            "net.onnx: is not an ONNX model, or is damaged or cut short; export it again");
}

TEST(OnnxFaults, NoGraph) {
  EXPECT_EQ(fault(number(1, 8)),
            "net.onnx: is not an ONNX model: it holds no graph; name a file made by an exporter");
}

TEST(OnnxFaults, FolderInsteadOfFile) {
  EXPECT_THROW(models::read_onnx("/"), models::InputError);
}

TEST(OnnxFaults, MissingFileIsTheSurroundingsFault) {
  EXPECT_THROW(models::read_onnx("no_such_file.onnx"), models::EnvironmentError);
}

TEST(OnnxFaults, OpsetOutsideTheKnownOnes) {
  EXPECT_EQ(fault_of_graph(relu(), 29),
            "net.onnx: its opset 29 is not known; export it with opset 7 to 28");
  EXPECT_EQ(fault_of_graph(relu(), 7), "");
  EXPECT_EQ(fault_of_graph(relu(), 28), "");
}

TEST(OnnxFaults, OldOpsetsAreReadWhereNothingChanged) {
  EXPECT_EQ(fault_of_graph(relu(), 6), "");
  EXPECT_EQ(fault_of_graph(relu(), 1), "");
  EXPECT_EQ(fault_of_graph({{node("Cast", "c", {"x"}, {"y"})}, {}, image, y, {}}, 5),
            "net.onnx: its opset 5 defines operator 'c' (Cast) otherwise; export it with opset 7 "
            "to 28");
}

TEST(OnnxFaults, NoOperators) {
  EXPECT_EQ(fault_of_graph({{}, {}, image, y, {}}),
            "net.onnx: it has no operators; there is nothing to run");
}

TEST(OnnxFaults, Cycle) {
  EXPECT_EQ(fault_of_graph({{node("Add", "a", {"x", "v"}, {"u"}), node("Relu", "b", {"u"}, {"v"}),
                             node("Relu", "c", {"v"}, {"y"})},
                            {},
                            image,
                            y,
                            {}}),
            "network 'net.onnx': its operators form a cycle: 'a' -> 'b' -> 'a'; a network must be "
            "free of cycles (unroll loops before exporting)");
}

TEST(OnnxFaults, UnknownTensor) {
  EXPECT_EQ(fault_of_graph({{node("Relu", "r", {"z"}, {"y"})}, {}, image, y, {}}),
            "net.onnx: node 'r' (Relu): it reads tensor 'z', which nothing makes; export the model "
            "again");
}

TEST(OnnxFaults, TensorMadeTwice) {
  EXPECT_EQ(
      fault_of_graph(
          {{node("Relu", "r", {"x"}, {"y"}), node("Abs", "a", {"x"}, {"y"})}, {}, image, y, {}}),
      "net.onnx: tensor 'y' is defined twice; every tensor needs one maker: export the model "
      "again");
}

TEST(OnnxFaults, OutputThatNothingMakes) {
  EXPECT_EQ(fault_of_graph({{node("Relu", "r", {"x"}, {"y"})}, {}, image, {info("q", {})}, {}}),
            "net.onnx: nothing makes its output 'q'; export the model again");
}

TEST(OnnxFaults, ConstantOutputsLeaveNothingToRun) {
  EXPECT_EQ(fault_of_graph({{node("Shape", "s", {"x"}, {"y"})}, {}, image, y, {}}),
            "net.onnx: none of its outputs depends on an operator that runs; there is nothing to "
            "run");
}

TEST(OnnxFaults, OpenDimensionsAreNamedWithTheRemedy) {
  const Graph graph{
      {node("Relu", "r", {"x"}, {"y"})}, {}, {info("x", {"batch", 3, "rows", -1})}, y, {}};
  EXPECT_EQ(fault(model(graph)),
            "net.onnx: its input 'x' has dimensions without a size: 'batch', 'rows', 'x.3'; set "
            "them with `dims: {batch: 1, rows: 1, x.3: 1}`");
  models::OnnxOptions options;
  options.dims = {{"batch", 2}, {"rows", 4}, {"x.3", 5}};
  EXPECT_EQ(fault(model(graph), options), "");
}

TEST(OnnxFaults, DimensionThatNobodyHas) {
  const Graph graph{{node("Relu", "r", {"x"}, {"y"})}, {}, {info("x", {"batch", 3})}, y, {}};
  models::OnnxOptions options;
  options.dims = {{"batch", 2}, {"seq", 4}};
  EXPECT_EQ(fault(model(graph), options),
            "net.onnx: dims: it has no dimension 'seq'; there is 'batch'");
  EXPECT_EQ(fault(model(relu()), options),
            "net.onnx: dims: it has no dimension 'batch'; all its dimensions are fixed");
  options.dims = {{"batch", 0}};
  EXPECT_EQ(fault(model(graph), options), "net.onnx: dims: 'batch' is 0; it must be 1 or more");
}

TEST(OnnxFaults, GiganticShapes) {
  const auto huge = std::int64_t{1} << 30;
  EXPECT_EQ(
      fault_of_graph({{node("Relu", "r", {"x"}, {"y"})}, {}, {info("x", {huge, huge})}, y, {}}),
      "net.onnx: its input 'x' of shape 1073741824x1073741824 is not possible: a tensor has "
      "too many elements");
  EXPECT_EQ(fault_of_graph({{node("Tile", "t", {"x", "n"}, {"y"})},
                            {integers("n", {1, huge, huge, 1})},
                            image,
                            y,
                            {}}),
            "net.onnx: node 't' (Tile): a product is too large; the sizes in the file cannot be "
            "meant");
  EXPECT_EQ(
      fault_of_graph(
          {{node("Add", "a", {"x", "w"}, {"y"})}, {tensor("w", {-4}, float32)}, image, y, {}}),
      "net.onnx: tensor 'w': its shape -4 is not possible: a dimension is out of range");
}

TEST(OnnxFaults, TruncatedTensor) {
  EXPECT_EQ(fault_of_graph({{node("Add", "a", {"x", "w"}, {"y"})},
                            {tensor("w", {8}, float32, text(9, "1234567"))},
                            image,
                            y,
                            {}}),
            "net.onnx: tensor 'w': it holds 7 bytes where its shape 8 needs 32; the file is "
            "damaged: export it again");
}

TEST(OnnxFaults, UnsupportedElements) {
  EXPECT_EQ(
      fault_of_graph({{node("Relu", "r", {"x"}, {"y"})}, {}, {info("x", {1}, string)}, y, {}}),
      "net.onnx: its input 'x' has elements of string, which are not supported");
}

TEST(OnnxFaults, ShapesThatDoNotFit) {
  EXPECT_EQ(fault_of_graph({{node("Conv", "c", {"x", "w"}, {"y"})},
                            {tensor("w", {16, 4, 3, 3}, float32)},
                            image,
                            y,
                            {}}),
            "net.onnx: node 'c' (Conv): its weight of shape 16x4x3x3 with 1 groups does not fit an "
            "input of shape 1x3x8x8");
  EXPECT_EQ(fault_of_graph({{node("Conv", "c", {"x", "w"}, {"y"})},
                            {tensor("w", {16, 3, 9, 9}, float32)},
                            image,
                            y,
                            {}}),
            "net.onnx: node 'c' (Conv): its kernel reaches over 9 elements of a padded input of 8");
  EXPECT_EQ(
      fault_of_graph(
          {{node("MatMul", "m", {"x", "w"}, {"y"})}, {tensor("w", {9, 4}, float32)}, image, y, {}}),
      "net.onnx: node 'm' (MatMul): its factors of shape 1x3x8x8 and 9x4 do not fit");
}

TEST(OnnxFaults, ShapeThatDependsOnData) {
  EXPECT_EQ(
      fault_of_graph(
          {{node("NonZero", "n", {"x"}, {"y"})}, {}, image, {info("y", {4, "found"})}, {}}),
      "net.onnx: node 'n' (NonZero): the shape of its output 'y' depends on the values of 'x', "
      "which are not constant; declare the shape in the file's value_info");
}

TEST(OnnxFaults, UnknownOperatorWithoutShapesNamesAllUnknown) {
  EXPECT_EQ(fault_of_graph({{node("Wobble", "w", {"x"}, {"u"}),
                             node("Gadget", "g", {"u"}, {"y"}, "", "com.acme")},
                            {},
                            image,
                            y,
                            {}}),
            "net.onnx: node 'w' (Wobble): the shape of its output 'u' is not known, since the "
            "operator is not supported; declare the shape in the file's value_info (operators that "
            "are not supported: Wobble, com.acme.Gadget)");
}

std::string external(const std::string& location) {
  const auto entry = text(13, text(1, "location") + text(2, location));
  return fault_of_graph({{node("Add", "a", {"x", "w"}, {"y"})},
                         {tensor("w", {8}, float32, entry + number(14, 1))},
                         image,
                         y,
                         {}});
}

TEST(OnnxFaults, ExternalDataStaysInItsFolderUnopened) {
  EXPECT_EQ(external("weights.bin"), "");
  EXPECT_EQ(external("a/../weights.bin"), "");
  const std::string start = "net.onnx: weight 'w': its external data '";
  const std::string end = "; keep it in the model's folder and name it by a relative path";
  EXPECT_EQ(external("/etc/passwd"), start + "/etc/passwd' is an absolute path" + end);
  EXPECT_EQ(external("a/../../b"), start + "a/../../b' lies outside the model's folder" + end);
  EXPECT_EQ(external(""), start + "' has no location" + end);

  const auto name = "partwise_link_" + std::to_string(getpid());
  const auto link = std::filesystem::temp_directory_path() / name;
  std::filesystem::create_directory_symlink("/", link);
  EXPECT_EQ(external(name + "/etc/passwd"),
            start + name + "/etc/passwd' leads outside the model's folder through a link" + end);
  std::filesystem::remove(link);
}

TEST(OnnxFaults, FunctionsThatCallEachOther) {
  const auto function =
      text(25, text(1, "f") + text(4, "a") + text(5, "b") +
                   text(7, node("f", "again", {"a"}, {"b"}, "", "own")) + text(10, "own"));
  const Graph graph{{node("f", "call", {"x"}, {"y"}, "", "own")}, {}, image, y, {}};
  EXPECT_NE(fault(model(graph, 17, function)).find("functions call each other without end"),
            std::string::npos);
}

}  // namespace
