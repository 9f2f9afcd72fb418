// The optimum is known where every plan can be tried: searches have to find it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/error.h"
#include "models/index.h"
#include "optimizers/bounds/bounds.h"
#include "tests/optimizers/searching.h"
#include "tests/optimizers/varied_problem.h"

namespace {

using models::Metric;
using optimizers_test::goal_of;
using optimizers_test::search;
using optimizers_test::varied_problem;

struct Case {
  std::uint64_t seed = 0;
  std::shared_ptr<const models::Problem> problem = {};
  models::Goal goal = {};
  double cost = 0, violation = 0;  ///< of the best plan
};

models::Goal some_goal(models::Random& random) {
  switch (random.below(4)) {
    case 0:
      return goal_of({Metric::latency_mean});
    case 1:
      return goal_of({Metric::throughput});
    case 2:
      return goal_of({Metric::energy});
    default:
      return goal_of({Metric::latency_mean, Metric::energy});
  }
}

/// Problems with contention, memory limits and precisions, of up to 6,000 plans; some goals have a
/// limit that binds.
const std::vector<Case>& cases() {
  static const auto all = [] {
    constexpr std::size_t count = 200;
    constexpr std::int64_t affordable = 6'000;
    std::vector<Case> cases;
    for (std::uint64_t seed = 5000; cases.size() < count; ++seed) {
      models::Random random(seed);
      Case one{seed, varied_problem(seed), some_goal(random)};
      try {
        optimizers::make("exhaustive", {*one.problem, one.goal, 1, affordable});
      } catch (const models::InputError&) {
        continue;
      }
      one.goal.normalise(sim::make_evaluator(one.problem)->score(one.problem->first_plan()));
      const auto found = search("exhaustive", one.problem, one.goal, 1, affordable);
      if (random.chance(0.3)) {
        const auto& some =
            found.scores[static_cast<std::size_t>(random.below(std::ssize(found.scores)))];
        one.goal.limits = {{Metric::energy, some.energy_joules}};
      }
      optimizers::Archive archive(one.goal);
      for (std::size_t k = 0; k < found.plans.size(); ++k)
        archive.offer(found.plans[k], found.scores[k]);
      one.cost = archive.best()->cost;
      one.violation = archive.best()->violation;
      cases.push_back(one);
    }
    return cases;
  }();
  return all;
}

/// How often a search with so many evaluations finds a plan as good as the best.
int found_by(const std::string& algorithm, std::int64_t budget) {
  int found = 0;
  for (const auto& one : cases()) {
    const auto result = search(algorithm, one.problem, one.goal, 1, budget);
    const auto& best = *result.archive.best();
    const bool equal = best.violation <= one.violation * (1 + 1e-12) &&
                       (one.violation > 0 || best.cost <= one.cost * (1 + 1e-12));
    found += equal ? 1 : 0;
  }
  return found;
}

TEST(Optimum, IsFoundByEverySearchWorthTheName) {
  for (const std::string algorithm :
       {"portfolio", "annealing", "tempering", "genetic", "islands", "local"})
    EXPECT_GE(found_by(algorithm, 2000), 198) << algorithm << ", of " << cases().size();
}

TEST(Optimum, IsNotFoundByListSchedulingAlone) {
  EXPECT_LT(found_by("greedy", 2000), 180);
}

TEST(Optimum, IsNeverBelowItsBound) {
  for (const auto& one : cases()) {
    if (one.violation > 0) continue;
    EXPECT_LE(optimizers::bounds_of(*one.problem, one.goal).cost, one.cost) << one.seed;
  }
}

}  // namespace
