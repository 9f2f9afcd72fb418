#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <vector>

#include "models/error.h"
#include "models/random.h"
#include "scenarios/scenario.h"
#include "scenarios/yaml.h"
#include "tests/scenarios/folder.h"
#include "tests/scenarios/workspace.h"

namespace scenarios {
namespace {

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> sorted;
  std::error_code error;  // tests are listed from anywhere
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".yaml") sorted.insert(entry.path());
  return {sorted.begin(), sorted.end()};
}

TEST(Examples, AreFitToRun) {
  const auto files = files_in("scenarios/examples");
  EXPECT_GE(files.size(), 5u);
  for (const auto& file : files) {
    const auto found = faults(file);
    EXPECT_TRUE(found.empty()) << found.front().what();
    const auto experiment = read_experiment(file);
    EXPECT_EQ(experiment.name, file.stem().string());
    EXPECT_FALSE(experiment.question.empty()) << file;
    EXPECT_FALSE(experiment.claims.empty()) << file;
  }
}

/// A shipped example is a test: its `expect:` holds.
class Example : public Workspace, public testing::WithParamInterface<std::filesystem::path> {};

TEST_P(Example, AnswersAsItSays) {
  const auto answer = partwise({"run", GetParam().string(), "--out", path("out")});
  EXPECT_EQ(answer.code, 0) << answer.err;
}

INSTANTIATE_TEST_SUITE_P(Shipped, Example, testing::ValuesIn(files_in("scenarios/examples")),
                         [](const auto& of) {
                           auto name = of.param.stem().string();
                           std::ranges::replace_if(
                               name, [](char letter) { return !std::isalnum(letter); }, '_');
                           return name;
                         });

TEST(Platforms, AreFitToUse) {
  const auto files = files_in("scenarios/platforms");
  EXPECT_GE(files.size(), 5u);
  for (const auto& file : files) {
    const auto platform = read_platform(file);
    EXPECT_EQ(platform.name, file.stem().string());
    for (const auto& device : platform.devices) EXPECT_FALSE(device.source.empty()) << device.name;
    for (const auto& link : platform.links) EXPECT_FALSE(link.source.empty()) << link.name;
  }
}

/// Every key of the value is a property of the schema there, as far as the schema names its keys.
void expect_named(const Value& value, const Value& schema, const std::string& path) {
  const auto* properties = schema.find("properties");
  for (const auto& entry : value.entries) {
    const auto* rest = schema.find("additionalProperties");
    const auto* named = properties ? properties->find(entry.key) : nullptr;
    const bool closed = rest && rest->text == "false";
    EXPECT_TRUE(named || !closed) << path << entry.key << " is not in the schema";
    if (named) expect_named(entry.value, *named, path + entry.key + ".");
  }
  if (const auto* items = schema.find("items"); items)
    for (const auto& item : value.items) expect_named(item, *items, path);
}

TEST(Schema, NamesEveryKeyOfTheExamples) {
  const auto schema = parse_yaml(scenario_schema(), "schema.json");
  for (const auto& file : files_in("scenarios/examples")) expect_named(read_yaml(file), schema, "");
}

TEST(Schema, RefusesAnUnknownKey) {
  const auto schema = parse_yaml(scenario_schema(), "schema.json");
  const auto* properties = schema.find("properties");
  ASSERT_NE(properties, nullptr);
  EXPECT_EQ(schema.find("additionalProperties")->text, "false");
  EXPECT_NE(properties->find("optimizer"), nullptr);
  EXPECT_EQ(properties->find("optimiser"), nullptr);
  const auto* limits = properties->find("limits")->find("properties");
  EXPECT_NE(limits->find("latency_mean"), nullptr);
}

/// A few changes at random places: letters replaced, removed, doubled, lines swapped or joined.
std::string mutated(std::string text, models::Random& random) {
  constexpr std::string_view letters = ":-[]{}&*!|>'\"%@,#? \n\t0a.\\";
  const auto changes = 1 + random.below(4);
  for (int i = 0; i < changes && !text.empty(); ++i) {
    const auto at = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(text.size())));
    const auto letter = letters[static_cast<std::size_t>(random.below(std::ssize(letters)))];
    switch (random.below(5)) {
      case 0:
        text[at] = letter;
        break;
      case 1:
        text.erase(at, static_cast<std::size_t>(1 + random.below(30)));
        break;
      case 2:
        text.insert(at, 1, letter);
        break;
      case 3:
        text.insert(at, text.substr(at, static_cast<std::size_t>(1 + random.below(60))));
        break;
      default:
        text[at] = static_cast<char>(random.below(256));
    }
  }
  return text;
}

/// Everything but InputError is our bug. Networks are left out: `file` leads nowhere from here.
TEST(Fuzz, BrokenScenariosAreRefusedInWords) {
  const Folder folder;
  for (const auto& file : files_in("scenarios/platforms"))
    folder.write("platforms/" + file.filename().string(), content(file));
  for (const auto& file : files_in("scenarios/platforms/parts"))
    folder.write("platforms/parts/" + file.filename().string(), content(file));
  auto files = files_in("scenarios/examples");
  const auto platforms = files_in("scenarios/platforms");
  files.insert(files.end(), platforms.begin(), platforms.end());

  const char* more = std::getenv("PARTWISE_FUZZ");
  const int rounds = more ? std::atoi(more) : 60;
  models::Random random(2026);
  int refused = 0;
  int accepted = 0;
  for (int round = 0; round < rounds; ++round)
    for (const auto& file : files) {
      const bool is_platform = file.parent_path().filename() == "platforms";
      const auto broken = folder.write(
          (is_platform ? "platforms/broken-" : "examples/broken-") + file.filename().string(),
          mutated(content(file), random));
      try {
        if (is_platform)
          read_platform(broken);
        else
          read_experiment(broken);
        ++accepted;
      } catch (const models::InputError& error) {
        EXPECT_NE(std::string(error.what()), "");
        ++refused;
      }
      for (const auto& error : faults(broken)) EXPECT_NE(std::string(error.what()), "");
    }
  EXPECT_GT(refused, 0);
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace scenarios
