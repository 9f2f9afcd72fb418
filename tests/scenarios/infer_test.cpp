#include <gtest/gtest.h>
#include <sys/stat.h>

#include "models/network/tensor_proto.h"
#include "results/json_document.h"
#include "results/tensor_file.h"
#include "tests/hardware/running.h"
#include "tests/models/network/onnx_bytes.h"
#include "workspace.h"

namespace scenarios {
namespace {

/// Small networks as files, and tensors for them.
class Infer : public Workspace {
 protected:
  /// y = relu(x + w), w = (1, -1, 0.5).
  std::string network() const {
    const std::string w = onnx_bytes::tensor("w", {3}, onnx_bytes::float32,
                                             onnx_bytes::text(9, std::string("\0\0\x80\x3f"
                                                                             "\0\0\x80\xbf"
                                                                             "\0\0\0\x3f",
                                                                             12)));
    return file({{onnx_bytes::node("Add", "add", {"x", "w"}, {"s"}),
                  onnx_bytes::node("Relu", "relu", {"s"}, {"y"})},
                 {w},
                 {onnx_bytes::info("x", {"n", 3})},
                 {onnx_bytes::info("y", {"n", 3})},
                 {}});
  }
  std::string file(const onnx_bytes::Graph& graph) const {
    const auto name = path("net.onnx");
    std::ofstream(name, std::ios::binary) << onnx_bytes::model(graph);
    return name;
  }
  std::string tensor(const std::string& name, const models::TensorValue& value) const {
    results::write_tensor(path(name), value, "");
    return path(name);
  }
  std::string x() const { return tensor("x.npy", floats({2, 3}, {0, 0, 0, -3, 4, 1})); }
  std::string x_row() const { return tensor("row.npy", floats({1, 3}, {1, -2, 3})); }
  std::string local(std::string text) const {
    const auto prefix = path("");
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }
};

const std::vector<double> truth = {1, 0, 0.5, 0, 3, 1.5};

TEST_F(Infer, SavesWhatItComputes) {
  for (const std::string kind : {"npy", "pb", "h5"}) {
    const auto answer =
        partwise({"infer", network(), "--input", x(), "--save", path("out"), "--save-as", kind});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(numbers_of(results::read_tensor(path("out/output_0." + kind))), truth);
  }
}

TEST_F(Infer, AnswersFourWhenAnOutputIsOutsideItsReference) {
  const auto right = tensor("right.pb", floats({2, 3}, truth));
  const auto wrong = tensor("wrong.pb", floats({2, 3}, {1, 0, 0.5, 0, 3, 1.6}));
  EXPECT_EQ(partwise({"infer", network(), "--input", x(), "--compare", right}).code, 0);
  const auto answer = partwise({"infer", network(), "--input", x(), "--compare", wrong});
  EXPECT_EQ(answer.code, 4);
  EXPECT_NE(answer.out.find("compared: y: 1 of 6 elements outside; largest error 0.1, relative "
                            "0.0625; signal to noise"),
            std::string::npos)
      << answer.out;
  EXPECT_EQ(
      partwise({"infer", network(), "--input", x(), "--compare", wrong, "--rtol", "0.1"}).code, 0);
}

TEST_F(Infer, AReferenceOfAnotherShapeIsOutside) {
  const auto flat = tensor("flat.npy", floats({6}, truth));
  const auto answer = partwise({"infer", network(), "--input", x(), "--compare", flat});
  EXPECT_EQ(answer.code, 4);
  EXPECT_NE(answer.out.find("compared: y: 2x3 float32, the reference is 6 float32"),
            std::string::npos)
      << answer.out;
}

TEST_F(Infer, RefusesWhatItHasNoKernelForByName) {
  const auto net = file({{onnx_bytes::node("Unheard", "a", {"x"}, {"u"}),
                          onnx_bytes::node("NonMaxSuppression", "b", {"u"}, {"y"})},
                         {},
                         {onnx_bytes::info("x", {2, 3})},
                         {onnx_bytes::info("y", {2, 3})},
                         {}});
  const auto answer = partwise({"infer", net, "--input", x()});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(local(answer.err),
            "partwise: net.onnx: not supported: NonMaxSuppression, Unheard (first in operator "
            "'a'); docs/operators.md lists what is\n");
}

TEST_F(Infer, SaysWhatInputIsMissingOrTooMany) {
  EXPECT_EQ(partwise({"infer", "resnet50"}).err,
            "partwise: input 'image' (1x3x224x224 float32) is not given; add --input FILE, or "
            "--random SEED for random values\n");
  const auto answer = partwise({"infer", network(), "--input", x(), "--input", x()});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(local(answer.err),
            "partwise: --input: 'x.npy' is one too many; the network has 1 inputs\n");
}

TEST_F(Infer, SaysWhichInputHasNoSuchName) {
  const auto answer = partwise({"infer", network(), "--input", "z=" + x()});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.err, "partwise: --input: the network has no input 'z'; it has x\n");
}

TEST_F(Infer, WantsAllInputsOrNone) {
  const auto net = file({{onnx_bytes::node("Add", "add", {"a", "b"}, {"y"})},
                         {},
                         {onnx_bytes::info("a", {2, 3}), onnx_bytes::info("b", {2, 3})},
                         {onnx_bytes::info("y", {2, 3})},
                         {}});
  EXPECT_EQ(partwise({"infer", net, "--input", x(), "--random", "1"}).err,
            "partwise: input 'b' is not given; add --input FILE for it\n");
}

TEST_F(Infer, RefusesInputsOfTypesThatDoNotGoTogether) {
  constexpr int float64 = 11;
  const auto net = file({{onnx_bytes::node("MatMul", "m", {"a", "b"}, {"y"})},
                         {},
                         {onnx_bytes::info("a", {2, 3}, float64), onnx_bytes::info("b", {3, 2})},
                         {onnx_bytes::info("y", {2, 2}, float64)},
                         {}});
  const auto answer = partwise({"infer", net, "--random", "1"});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.err,
            "partwise: operator 'm' (MatMul): its inputs 'a' and 'b' are float64 and float32, "
            "where ONNX wants one type; cast one of them\n");
}

TEST_F(Infer, RefusesSizesThatCannotBeMeant) {
  const auto net = file({{onnx_bytes::node("Relu", "r", {"x"}, {"y"})},
                         {},
                         {onnx_bytes::info("x", {3, std::int64_t{1} << 39})},
                         {onnx_bytes::info("y", {3, std::int64_t{1} << 39})},
                         {}});
  const auto answer = partwise({"infer", net, "--random", "1"});
  EXPECT_EQ(answer.code, 2) << answer.err;
}

TEST_F(Infer, DoesNotWaitForAPipe) {
  ASSERT_EQ(mkfifo(path("pipe.npy").c_str(), 0600), 0);
  const auto answer = partwise({"infer", network(), "--input", path("pipe.npy")});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(local(answer.err),
            "partwise: pipe.npy: is no regular file; copy what it holds into one\n");
}

TEST_F(Infer, TakesInputsByName) {
  EXPECT_EQ(partwise({"infer", network(), "--input", "x=" + x()}).code, 0);
}

TEST_F(Infer, RefusesOptionsThatMeanNothing) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--repeat", "0"}, "--repeat: must be 1 or more"},
      {{"--precision", "fp33"},
       "--precision: 'fp33' is none; there are fp32, tf32, fp16, bf16, fp8_e4m3, fp8_e5m2, mxfp8, "
       "mxint8, int16, int8, int4"},
      {{"--precision", "fp16", "--plan", "p.json"},
       "--precision and --plan exclude each other: the plan says the precisions"},
      {{"--rtol", "few"}, "--rtol: 'few' is not a number of 0 or more"},
      {{"--save-as", "csv"}, "--save-as: 'csv' is none of npy, pb, h5"},
      {{"--dims", "n"}, "--dims: 'n' must be written like 'batch=1'"}};
  for (const auto& [options, message] : cases) {
    std::vector<std::string> words = {"infer", network(), "--input", x()};
    words.insert(words.end(), options.begin(), options.end());
    const auto answer = partwise(words);
    EXPECT_EQ(answer.code, 2) << message;
    EXPECT_EQ(answer.err, "partwise: " + message + "\n");
  }
}

TEST_F(Infer, WantsRangesForIntegers) {
  const auto answer = partwise({"infer", network(), "--input", x(), "--precision", "int8"});
  EXPECT_EQ(answer.code, 2);
  EXPECT_NE(answer.err.find("int8 needs the range of tensor"), std::string::npos) << answer.err;
}

TEST_F(Infer, JsonHasStepsMemoryAndComparison) {
  const auto right = tensor("right.pb", floats({2, 3}, truth));
  const auto answer =
      partwise({"infer", network(), "--input", x(), "--compare", right, "--repeat", "3", "--json"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  const results::JsonDocument document(answer.out, "output");
  results::JsonKeys keys(document, document.root(), "output");
  EXPECT_GE(document.list(keys.need("steps"), "steps").size(), 1U);
  results::JsonKeys memory(document, keys.need("memory"), "memory");
  EXPECT_GT(document.whole(memory.need("allocated"), "allocated"), 0);
  const auto& comparison = document.list(keys.need("comparison"), "comparison").at(0);
  EXPECT_TRUE(document.boolean(results::JsonKeys(document, comparison, "comparison").need("holds"),
                               "holds"));
}

/// Adds up the steps of one kind and type in what infer says.
int steps_of(const std::string& json, const std::string& kind, const std::string& type) {
  const results::JsonDocument document(json, "output");
  results::JsonKeys keys(document, document.root(), "output");
  int count = 0;
  for (const auto& step : document.list(keys.need("steps"), "steps")) {
    results::JsonKeys facts(document, step, "step");
    count += document.text(facts.need("kind"), "kind") == kind &&
             document.text(facts.need("type"), "type") == type;
  }
  return count;
}

TEST_F(Infer, CarriesOutThePrecisionsAndConversionsOfAPlan) {
  // The sum in fp16 on one device, sent to the other as fp8, rectified there in bf16, and taken by
  // a sink elsewhere in fp8 again.
  const auto plan = write("plan.json", R"({
    "format": "partwise-plan", "version": 1, "platform": "any", "lanes": {"d2d": 3},
    "operators": {"add": {"device": "npu", "precision": "fp16"},
                  "relu": {"device": "cpu", "precision": "bf16"}},
    "wires": [{"tensor": "s", "to": "cpu", "format": "fp8_e5m2"},
              {"tensor": "y", "to": "host", "format": "fp8_e4m3"}]})");
  const auto input = tensor("p.npy", floats({1, 3}, {0.3, 2.7, 10.3}));
  const auto answer = partwise(
      {"infer", network(), "--input", input, "--plan", plan, "--json", "--save", path("out")});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(steps_of(answer.out, "convert", "fp32 to fp16"), 1);
  EXPECT_EQ(steps_of(answer.out, "convert", "fp16 to fp8_e5m2"), 1);
  EXPECT_EQ(steps_of(answer.out, "convert", "fp8_e5m2 to bf16"), 1);
  EXPECT_EQ(steps_of(answer.out, "convert", "bf16 to fp8_e4m3"), 1);
  // 1.3, 1.7 and 10.8 have two bits behind the point in e5m2: 1.25, 1.75, 10.
  EXPECT_EQ(numbers_of(results::read_tensor(path("out/output_0.npy"))),
            (std::vector<double>{1.25, 1.75, 10}));
}

TEST_F(Infer, APlanSaysWhereOutputsGoThoughSomeoneReadsThemThere) {
  const auto net = file({{onnx_bytes::node("Relu", "relu", {"x"}, {"y"}),
                          onnx_bytes::node("Neg", "neg", {"y"}, {"z"})},
                         {},
                         {onnx_bytes::info("x", {1, 3})},
                         {onnx_bytes::info("y", {1, 3}), onnx_bytes::info("z", {1, 3})},
                         {}});
  const auto plan = write("plan.json", R"({
    "format": "partwise-plan", "version": 1, "sink": "cpu",
    "operators": {"relu": {"device": "npu", "precision": "fp32"},
                  "neg": {"device": "cpu", "precision": "fp32"}},
    "wires": [{"tensor": "y", "to": "cpu", "format": "fp8_e4m3"}]})");
  const auto input = tensor("p.npy", floats({1, 3}, {1.03, 2.3, -1}));
  ASSERT_EQ(partwise({"infer", net, "--input", input, "--plan", plan, "--save", path("out")}).code,
            0);
  EXPECT_EQ(numbers_of(results::read_tensor(path("out/output_0.npy"))),
            (std::vector<double>{1, 2.25, 0}));
  EXPECT_EQ(numbers_of(results::read_tensor(path("out/output_1.npy"))),
            (std::vector<double>{-1, -2.25, 0}));
}

TEST_F(Infer, WhatTravelsIsNotFusedAway) {
  const auto net = file({{onnx_bytes::node("Add", "add", {"x", "x"}, {"s"}),
                          onnx_bytes::node("Relu", "relu", {"s"}, {"y"})},
                         {},
                         {onnx_bytes::info("x", {1, 3})},
                         {onnx_bytes::info("y", {1, 3})},
                         {}});
  const auto operators = [](const std::string& second) {
    return R"({"format": "partwise-plan", "version": 1,
               "operators": {"add": {"device": "npu", "precision": "bf16"},
                             "relu": {"device": ")" +
           second + R"(", "precision": "bf16"}}})";
  };
  const auto apart = partwise({"infer", net, "--input", x_row(), "--plan",
                               write("apart.json", operators("cpu")), "--json"});
  ASSERT_EQ(apart.code, 0) << apart.err;
  EXPECT_EQ(steps_of(apart.out, "compute", "Add"), 1);
  EXPECT_EQ(steps_of(apart.out, "compute", "Relu"), 1);
}

TEST_F(Infer, RefusesAPlanOfAnotherNetwork) {
  const auto plan = write("plan.json", R"({"format": "partwise-plan", "version": 1,
    "operators": {"other": {"device": "npu", "precision": "fp16"}}})");
  const auto answer = partwise({"infer", network(), "--input", x(), "--plan", plan});
  EXPECT_EQ(answer.code, 2);
  EXPECT_NE(answer.err.find("unknown operator 'other'"), std::string::npos) << answer.err;
}

TEST_F(Infer, ComputesABuiltInNetworkOfRandomWeights) {
  const auto answer = partwise({"infer", "mobilenet_v2", "--random", "1", "--save", path("a")});
  ASSERT_EQ(answer.code, 0) << answer.err;
  ASSERT_EQ(partwise({"infer", "mobilenet_v2", "--random", "1", "--save", path("b")}).code, 0);
  EXPECT_EQ(content(path("a/output_0.npy")), content(path("b/output_0.npy")));
}

}  // namespace
}  // namespace scenarios
