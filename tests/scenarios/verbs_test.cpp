#include "tests/scenarios/verbs.h"

#include <algorithm>

namespace scenarios {
namespace {

namespace fs = std::filesystem;

TEST(List, EachCatalogueHasLinesAndReadsAsJson) {
  for (const std::string what : {"optimizers", "placements", "devices", "links", "metrics",
                                 "precisions", "operators", "kernels", "networks", "platforms"}) {
    const auto text = partwise({"list", what});
    EXPECT_EQ(text.code, 0) << text.err;
    const auto lines = std::ranges::count(text.out, '\n');
    EXPECT_GE(lines, 3) << what;
    const auto json = partwise({"list", what, "--json"});
    const results::JsonDocument document(json.out, "output");
    EXPECT_EQ(std::ssize(document.list(document.root(), what)), lines);
  }
}

/// The part of docs/operators.md below its words.
TEST(List, TheOperatorsPageIsWhatTheProgramSays) {
  const auto page = content("docs/operators.md");
  const auto table = page.find("| name |");
  ASSERT_NE(table, std::string::npos);
  const auto said = partwise({"list", "kernels", "--markdown"});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(page.substr(table), said.out)
      << "make it anew: keep the words, then partwise list kernels --markdown >> docs/operators.md";
}

TEST(List, SaysWhichMetricsAreEstimates) {
  EXPECT_NE(partwise({"list", "metrics"})
                .out.find("noise-to-signal ratio at the outputs "
                          "(estimated)"),
            std::string::npos);
}

TEST_F(Verbs, ListPrintsTheSchema) {
  const auto answer = partwise({"list", "schema"});
  EXPECT_EQ(answer.code, 0);
  const results::JsonDocument schema(answer.out, "schema");
  EXPECT_NE(answer.out.find("\"events\""), std::string::npos);
}

TEST(Inspect, CountsResNet50) {
  const auto answer = partwise({"inspect", "resnet50", "--json"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  const Json json(answer.out);
  EXPECT_EQ(json.size("inputs"), 1u);
  EXPECT_EQ(json.size("outputs"), 1u);
  EXPECT_EQ(json.size("not_costed"), 0u);
  EXPECT_NEAR(static_cast<double>(json.whole("macs")), 4.09e9, 0.05e9);
  EXPECT_NEAR(static_cast<double>(json.whole("parameters")), 25.5e6, 0.2e6);
}

TEST(Inspect, TypesAddUpToTheWhole) {
  const auto answer = partwise({"inspect", "bert_base", "--sequence", "16", "--json"});
  const Json json(answer.out);
  std::int64_t operators = 0, macs = 0, parameters = 0;
  for (const auto& type : json.document().object(json.at("by_type"), "by_type")) {
    results::JsonKeys keys(json.document(), type.value, type.key);
    operators += json.document().whole(keys.need("operators"), "operators");
    macs += json.document().whole(keys.need("macs"), "macs");
    parameters += json.document().whole(keys.need("parameters"), "parameters");
  }
  EXPECT_EQ(operators, json.whole("operators"));
  EXPECT_EQ(macs, json.whole("macs"));
  EXPECT_EQ(parameters, json.whole("parameters"));
}

TEST(Inspect, RefusesWhatDoesNotFit) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"inspect", "resnet50", "--batch", "0"}, "--batch: '0' is not a whole number of 1 or more"},
      {{"inspect", "resnet50", "--dims", "batch=1"},
       "inspect: --dims and --unknown are for files; 'resnet50' is built in and takes --batch and "
       "--sequence"},
      {{"inspect", "README.md", "--batch", "2"},
       "inspect: --batch and --sequence are for built-in networks; of a file, set --dims"},
      {{"inspect", "README.md", "--dims", "batch"},
       "--dims: 'batch' must be written like 'batch=1'"},
      {{"inspect", "README.md", "--unknown", "guess"},
       "--unknown: 'guess' is no way to cost an operator; there is 'bandwidth'"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto answer = partwise(arguments);
    EXPECT_EQ(answer.code, 2);
    EXPECT_EQ(answer.err, "partwise: " + message + "\n");
  }
}

TEST(Inspect, AgreesWithTheFactsOfForeignFiles) {
  const fs::path folder = "../shared/data/onnx-light";
  if (!fs::exists(folder)) GTEST_SKIP() << "no files in " << folder;
  const auto text = content(folder / "facts.json");
  const results::JsonDocument facts(text, "facts.json");
  for (const auto& [file, at, fact] : facts.object(facts.root(), "facts")) {
    const auto answer = partwise({"inspect", (folder / file).string(), "--json"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    const Json json(answer.out);
    results::JsonKeys keys(facts, fact, file);
    EXPECT_EQ(json.whole("macs"), facts.whole(keys.need("macs_in_conv_gemm_matmul"), "macs"))
        << file;
    EXPECT_EQ(json.whole("parameters"), facts.whole(keys.need("params"), "params")) << file;
    EXPECT_EQ(json.size("not_costed"), 0u) << file;
  }
}

TEST_F(Verbs, InspectSavesWhatReadsBackEqual) {
  ASSERT_EQ(partwise({"inspect", "mobilenet_v2", "--batch", "2", "--save", path("n.onnx")}).code,
            0);
  // The notes tell of the constant fills that were folded, all else is the same.
  const auto facts = [](const std::string& json) { return json.substr(0, json.find("\"notes\"")); };
  const auto again = partwise({"inspect", path("n.onnx"), "--json"}).out;
  const auto made = partwise({"inspect", "mobilenet_v2", "--batch", "2", "--json"}).out;
  EXPECT_EQ(facts(again), facts(made));
}

TEST_F(Verbs, CheckFindsEveryFaultOfEveryFile) {
  const auto good = scenario();
  const auto bad = write("bad.yaml", content(good) + "limts: {energy: 1 mJ}\nfinalists: 0\n");
  const auto answer = partwise({"check", good, bad});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.out, good + ": no faults\n" + bad +
                            ":28:1: unknown key 'limts'; did you mean 'limits'?\n" + bad +
                            ":29:12: finalists: 0 is outside 1 to 1000\n");
  const auto json = partwise({"check", good, bad, "--json"});
  EXPECT_EQ(json.code, 2);
  const results::JsonDocument document(json.out, "output");
  EXPECT_EQ(document.list(document.root(), "files").size(), 2u);
}

TEST_F(Verbs, CheckReadsNetworksToo) {
  ASSERT_EQ(partwise({"inspect", "resnet50", "--save", path("n.onnx")}).code, 0);
  EXPECT_EQ(partwise({"check", path("n.onnx")}).out, path("n.onnx") + ": no faults\n");
  const auto half = content(path("n.onnx"));
  const auto truncated = write("half.onnx", half.substr(0, half.size() / 2));
  const auto answer = partwise({"check", truncated});
  EXPECT_EQ(answer.code, 2);
  EXPECT_NE(answer.out.find(truncated), std::string::npos) << answer.out;
}

}  // namespace
}  // namespace scenarios
