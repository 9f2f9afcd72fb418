#include <gtest/gtest.h>

#include <set>
#include <string>

#include "models/error.h"
#include "optimizers/optimizer.h"

namespace {

std::string complaint_about(std::string_view name) {
  try {
    optimizers::find(name);
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "";
}

std::string names() {
  std::string all;
  for (const auto& entry : optimizers::catalogue())
    all += (all.empty() ? "" : ", ") + std::string(entry.name);
  return all;
}

TEST(OptimizerCatalogue, NamesAreUniqueAndFound) {
  std::set<std::string_view> seen;
  for (const auto& entry : optimizers::catalogue()) {
    EXPECT_TRUE(seen.insert(entry.name).second) << entry.name;
    EXPECT_EQ(&optimizers::find(entry.name), &entry);
    EXPECT_FALSE(entry.summary.empty());
    for (const auto& parameter : entry.parameters) {
      EXPECT_LE(parameter.low, parameter.standard) << entry.name << "." << parameter.name;
      EXPECT_LE(parameter.standard, parameter.high) << entry.name << "." << parameter.name;
    }
  }
}

TEST(OptimizerCatalogue, AMisspeltNameIsAnsweredWithTheNearestAndAll) {
  EXPECT_EQ(complaint_about("gredy"),
            "there is no optimizer 'gredy'; did you mean 'greedy'? There are: " + names());
}

TEST(OptimizerCatalogue, AnUnlikeNameIsAnsweredWithAll) {
  EXPECT_EQ(complaint_about("gurobi-milp"),
            "there is no optimizer 'gurobi-milp'. There are: " + names());
}

}  // namespace
