// Every row of the placement catalogue answers the same questions.
#include <gtest/gtest.h>

#include <optional>
#include <sstream>

#include "models/error.h"
#include "optimizers/placement/bounds.h"
#include "optimizers/placement/solver.h"
#include "tests/optimizers/placement_cases.h"

namespace {

using optimizers::PlacementAnswer;
using optimizers::PlacementEntry;
using optimizers::PlacementTask;
using placement_cases::problem;
using Objective = models::PlacementProblem::Objective;

constexpr Objective both[] = {Objective::throughput, Objective::latency};

/// One question: a recipe, what it is asked for, and whether devices stand in a row.
struct Question {
  std::string recipe;
  Objective objective;
  bool contiguous;
};

std::vector<Question> questions(const std::vector<std::string>& recipes) {
  std::vector<Question> all;
  for (const auto& recipe : recipes) {
    // Backward passes have no latency of one sample.
    if (!recipe.starts_with("shape=training")) all.push_back({recipe, Objective::latency, false});
    all.push_back({recipe, Objective::throughput, false});
    all.push_back({recipe, Objective::throughput, true});
  }
  return all;
}

std::ostream& operator<<(std::ostream& out, const Question& question) {
  return out << question.recipe << (question.objective == Objective::latency ? " latency" : "")
             << (question.contiguous ? " contiguous" : "");
}

class PlacementContract : public testing::TestWithParam<PlacementEntry> {
 protected:
  /// Nothing if it refuses.
  static std::optional<PlacementAnswer> answer(const Question& question,
                                               const models::PlacementProblem& asked,
                                               std::int64_t budget) {
    PlacementTask task{asked};
    task.budget = budget;
    task.contiguous = question.contiguous;
    // Counted, not timed: what exact methods do between two questions repeats itself too.
    int asks = 0;
    task.stop = [&asks] { return ++asks > 1000; };
    if (!GetParam().refusal(task).empty()) return std::nullopt;
    return GetParam().solve(task);
  }

  static void expect_honest(const Question& question, const models::PlacementProblem& asked,
                            const PlacementAnswer& answer) {
    if (!answer.found()) return;
    const auto score = models::evaluate(asked, answer.placement);
    EXPECT_TRUE(score.valid) << score.fault;
    EXPECT_EQ(score.value, answer.value);
    EXPECT_TRUE(!question.contiguous || models::is_contiguous(asked, answer.placement));
  }
};

TEST_P(PlacementContract, NeverBeatsNorBoundsAwayTheOptimumOfTinyProblems) {
  for (const auto& question : questions(placement_cases::tiny)) {
    std::ostringstream name;
    name << question;
    SCOPED_TRACE(name.str());
    const auto asked = problem(question.recipe, question.objective);
    const auto optimum = placement_cases::optimum(asked, question.contiguous);
    const auto found = answer(question, asked, 20000);
    if (!found) continue;
    expect_honest(question, asked, *found);
    EXPECT_LE(found->lower_bound, optimum);
    if (found->found()) {
      EXPECT_GE(found->value, optimum);
    }
    if (found->is_proven()) {
      EXPECT_EQ(found->value, optimum);
    }
    if (asked.cpus > 0 && !question.contiguous) {
      EXPECT_TRUE(found->found()) << "all on CPUs is always valid";
    }
  }
}

TEST_P(PlacementContract, RepeatsItself) {
  for (const auto& question : questions(placement_cases::small)) {
    std::ostringstream name;
    name << question;
    SCOPED_TRACE(name.str());
    const auto asked = problem(question.recipe, question.objective);
    const auto first = answer(question, asked, 3000);
    if (!first) continue;
    EXPECT_LE(first->effort, 3000);
    expect_honest(question, asked, *first);
    const auto second = answer(question, asked, 3000);
    EXPECT_EQ(first->placement, second->placement);
    EXPECT_EQ(first->value, second->value);
    EXPECT_EQ(first->lower_bound, second->lower_bound);
    EXPECT_EQ(first->effort, second->effort);
  }
}

TEST_P(PlacementContract, ABudgetEndsItWithoutTheClock) {
  // Nothing else stops it: exact methods would take minutes.
  const auto asked = problem(placement_cases::small[3]);
  for (const std::int64_t budget : {1, 50, 20'000})
    for (const bool contiguous : {false, true}) {
      PlacementTask task{asked};
      task.budget = budget;
      task.contiguous = contiguous;
      if (!GetParam().refusal(task).empty()) continue;
      const auto answer = GetParam().solve(task);
      EXPECT_LE(answer.effort, budget);
      EXPECT_LE(answer.lower_bound, answer.value);
    }
}

TEST_P(PlacementContract, IsNeverWorseThanWhatItStartsFrom) {
  for (const auto objective : both) {
    const auto asked = problem(placement_cases::small[1], objective);
    const auto& greedy = optimizers::find_placement("greedy");
    const auto start = greedy.solve(PlacementTask{asked});
    ASSERT_TRUE(start.found());
    PlacementTask task{asked};
    task.budget = 10;
    task.start = {start.placement};
    int asks = 0;
    task.stop = [&asks] { return ++asks > 1000; };
    if (!GetParam().refusal(task).empty()) continue;
    EXPECT_LE(GetParam().solve(task).value, start.value);
  }
}

TEST_P(PlacementContract, EndsWhenItIsStoppedAndTellsWhatItHas) {
  const auto asked = problem("shape=layered,nodes=400,devices=6,seed=3");
  PlacementTask task{asked};
  int asks = 0;
  PlacementAnswer told;
  task.stop = [&asks] { return ++asks > 3; };
  task.improved = [&told](const PlacementAnswer& answer) {
    EXPECT_TRUE(answer.value < told.value || answer.lower_bound > told.lower_bound);
    told = answer;
  };
  if (!GetParam().refusal(task).empty()) GTEST_SKIP() << GetParam().refusal(task);
  const auto answer = GetParam().solve(task);
  EXPECT_LT(asks, 100);
  EXPECT_LE(answer.value, told.value);
}

INSTANTIATE_TEST_SUITE_P(All, PlacementContract,
                         testing::ValuesIn(optimizers::placement_catalogue().begin(),
                                           optimizers::placement_catalogue().end()),
                         [](const auto& entry) {
                           std::string name(entry.param.name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(PlacementCatalogue, NamesWhatThereIs) {
  EXPECT_EQ(optimizers::find_placement("greedy").name, "greedy");
  try {
    optimizers::find_placement("gredy");
    FAIL();
  } catch (const models::InputError& error) {
    const std::string what = error.what();
    EXPECT_EQ(what.find("there is no placement algorithm 'gredy'; there are greedy"), 0u) << what;
  }
}

TEST(PlacementAnswer, IsProvenToOnePartInAMillion) {
  PlacementAnswer answer;
  answer.value = models::Time(2'000'000'000'000);
  answer.lower_bound = answer.value - models::Time(2'000'000);
  EXPECT_FALSE(answer.is_proven()) << "nothing is found";
  answer.placement = {0};
  EXPECT_TRUE(answer.is_proven());
  EXPECT_EQ(answer.gap(), 0);
  answer.lower_bound -= models::Time(1);
  EXPECT_FALSE(answer.is_proven());
  EXPECT_GT(answer.gap(), 0);
}

TEST(PlacementCatalogue, WhatIsProvenIsProvenByAllAlike) {
  for (const auto& question : questions(placement_cases::tiny)) {
    const auto asked = problem(question.recipe, question.objective);
    std::optional<models::Time> proven;
    for (const auto& row : optimizers::placement_catalogue()) {
      PlacementTask task{asked};
      task.budget = 5000;
      task.contiguous = question.contiguous;
      if (!row.refusal(task).empty()) continue;
      const auto answer = row.solve(task);
      if (!answer.is_proven()) continue;
      EXPECT_EQ(proven.value_or(answer.value), answer.value) << row.name << ": " << question;
      proven = answer.value;
    }
  }
}

TEST(PlacementBounds, AreNeverAboveTheOptimumOfMadeUpProblems) {
  for (const auto& question : questions(placement_cases::tiny)) {
    const auto asked = problem(question.recipe, question.objective);
    EXPECT_LE(optimizers::placement_bound(asked).value,
              placement_cases::optimum(asked, question.contiguous))
        << question;
  }
}

}  // namespace
