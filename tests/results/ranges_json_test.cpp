#include "results/ranges_json.h"

#include <gtest/gtest.h>

#include "models/error.h"
#include "models/random.h"
#include "results/output.h"
#include "tests/scenarios/workspace.h"

namespace {

using RangesJson = scenarios::Workspace;
using results::TensorRanges;

const TensorRanges some = {{"a", {-1.5, 2}}, {"b \"quoted\"", {0, 0}}, {"c", {0.1, 1e30}}};

std::string by_hand(const std::string& more) {
  return "{\"format\": \"partwise-ranges\", \"version\": 1,\n" + more + "}";
}

/// What reading the text says, without the folder.
std::string complaint(const std::string& file) {
  try {
    results::read_ranges(file);
  } catch (const models::InputError& error) {
    const std::string text = error.what();
    return text.substr(text.rfind('/') + 1);
  }
  return "fine";
}

TEST_F(RangesJson, ReadsBackWhatItWrote) {
  const auto text =
      results::write_ranges(some, {"net.onnx", "percentile 99.9", "random, seed 1", 3});
  EXPECT_EQ(results::read_ranges(write("r.json", text)), some);
  for (const char* about : {"\"network\": \"net.onnx\"", "\"method\": \"percentile 99.9\"",
                            "\"data\": \"random, seed 1\"", "\"samples\": 3"})
    EXPECT_NE(text.find(about), std::string::npos) << text;
}

TEST_F(RangesJson, NeedsNoOrigin) {
  EXPECT_EQ(results::read_ranges(write("r.json", by_hand("\"ranges\": {\"x\": [-1, 1]}"))),
            (TensorRanges{{"x", {-1, 1}}}));
}

TEST_F(RangesJson, FaultsAreNamedWithTheirPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{\"format\": \"partwise-plan\"}",
       "r.json:1:12: format must be 'partwise-ranges'; 'partwise calibrate' makes such"},
      {"{\"format\": \"partwise-ranges\", \"version\": 2}",
       "r.json:1:42: only version 1 is known to this version of Partwise"},
      {by_hand("\"ranges\": {\"x\": [1]}"), "r.json:2:17: a range is [low, high]"},
      {by_hand("\"ranges\": {\"x\": [1, 0]}"),
       "r.json:2:17: a range must be of finite float32 numbers, and low not above high"},
      {by_hand("\"ranges\": {\"x\": [0, 1e39]}"),
       "r.json:2:17: a range must be of finite float32 numbers, and low not above high"},
      {by_hand("\"ranges\": {\"x\": [0, 1]}, \"more\": 1"), "r.json:2:26: unknown key 'more'"},
      {by_hand("\"ranges\": {\"x\": [0, 1], \"x\": [0, 2]}"),
       "r.json:2:25: the range of 'x' is given twice"},
      {by_hand("\"ranges\": {\"x\": [0, \"1\"]}"), "r.json:2:21: high must be a number"},
      {by_hand("\"ranges\": 3"), "r.json:2:11: ranges must be an object {...}"},
      {by_hand("\"samples\": 3"), "r.json:1:1: the file of ranges lacks the key 'ranges'"}};
  for (const auto& [text, wanted] : cases) EXPECT_EQ(complaint(write("r.json", text)), wanted);
}

TEST_F(RangesJson, AMissingFileIsTheSurroundingsFault) {
  EXPECT_THROW(results::read_ranges(path("none.json")), models::EnvironmentError);
}

/// Everything but InputError is our bug.
TEST_F(RangesJson, BrokenFilesAreRefusedInWords) {
  const auto whole = results::write_ranges(some, {"net.onnx", "mse", "x.npy", 3});
  models::Random random(7);
  const std::string letters = "{}[]\",:0-e. a";
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    auto text = whole;
    for (int i = 0; i <= round % 3; ++i) {
      const auto place = static_cast<std::size_t>(random.below(std::ssize(text)));
      const auto letter = letters[static_cast<std::size_t>(random.below(std::ssize(letters)))];
      if (random.below(2) == 0)
        text[place] = letter;
      else
        text.erase(place, static_cast<std::size_t>(1 + random.below(20)));
    }
    refused += complaint(write("r.json", text)) != "fine" ? 1 : 0;
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
