#include "optimizers/integer_programme.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <numeric>

#include "models/random.h"

namespace optimizers {
namespace {

using Term = IntegerProgramme::Term;
using State = IntegerProgrammeAnswer::State;

struct Knapsack {
  std::vector<double> worth, weight;
  double room = 0;
};

Knapsack random_knapsack(models::Random& random, int items) {
  Knapsack sack;
  for (int i = 0; i < items; ++i) {
    sack.worth.push_back(static_cast<double>(1 + random.below(50)));
    sack.weight.push_back(static_cast<double>(1 + random.below(50)));
  }
  sack.room = static_cast<double>(20 + random.below(25 * items));
  return sack;
}

IntegerProgramme programme_of(const Knapsack& sack) {
  IntegerProgramme programme;
  std::vector<Term> row;
  for (std::size_t i = 0; i < sack.worth.size(); ++i)
    row.push_back({programme.add_column({-sack.worth[i], 0, 1, true}), sack.weight[i]});
  programme.add_row(row, -IntegerProgramme::infinite, sack.room);
  return programme;
}

double best_of_all(const Knapsack& sack) {
  double best = 0;
  for (unsigned set = 0; set < 1u << sack.worth.size(); ++set) {
    double worth = 0, weight = 0;
    for (std::size_t i = 0; i < sack.worth.size(); ++i)
      if (set >> i & 1) worth += sack.worth[i], weight += sack.weight[i];
    if (weight <= sack.room) best = std::max(best, worth);
  }
  return -best;
}

TEST(IntegerProgramme, FindsTheBestKnapsack) {
  models::Random random(1);
  for (int round = 0; round < 50; ++round) {
    const auto sack = random_knapsack(random, 12);
    const auto programme = programme_of(sack);
    const auto answer = solve(programme, {}, {});
    EXPECT_EQ(answer.state, State::optimal);
    EXPECT_NEAR(answer.cost, best_of_all(sack), 1e-6);
    EXPECT_NEAR(answer.bound, answer.cost, 1e-6);
    EXPECT_LE(relaxed_bound(programme), answer.cost + 1e-6);
  }
}

/// Two bins: the fuller one counts, through `between` columns that are none of the solver's whole
/// ones, in rows of this factor.
IntegerProgramme packing(const std::vector<double>& sizes, int between, double factor) {
  IntegerProgramme programme;
  std::vector<Term> first, second;
  for (const double size : sizes) {
    const int a = programme.add_column({0, 0, 1, true}), b = programme.add_column({0, 0, 1, true});
    programme.add_row(std::vector<Term>{{a, 1}, {b, 1}}, 1, 1);
    first.push_back({a, -size});
    second.push_back({b, -size});
  }
  int top = programme.add_column({between == 0 ? 1.0 : 0.0, 0, IntegerProgramme::infinite, false});
  first.push_back({top, 1});
  second.push_back({top, 1});
  programme.add_row(first, 0, IntegerProgramme::infinite);
  programme.add_row(second, 0, IntegerProgramme::infinite);
  for (int k = 1; k <= between; ++k) {
    const int above =
        programme.add_column({k == between ? 1.0 : 0.0, 0, IntegerProgramme::infinite, false});
    programme.add_row(std::vector<Term>{{above, factor}, {top, -factor}}, 0,
                      IntegerProgramme::infinite);
    top = above;
  }
  return programme;
}

double best_packing(const std::vector<double>& sizes) {
  double best = IntegerProgramme::infinite;
  for (unsigned set = 0; set < 1u << sizes.size(); ++set) {
    double first = 0, second = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) (set >> i & 1 ? first : second) += sizes[i];
    best = std::min(best, std::max(first, second));
  }
  return best;
}

TEST(IntegerProgramme, FindsTheBestPackingHoweverItsCostIsPassedOn) {
  models::Random random(4);
  for (int round = 0; round < 15; ++round) {
    std::vector<double> sizes;
    for (int i = 0; i < 9; ++i) sizes.push_back(0.01 * static_cast<double>(1 + random.below(200)));
    for (const int between : {0, 1, 2})
      for (const double factor : {1, 2, 4}) {
        const auto answer = solve(packing(sizes, between, factor), {}, {});
        EXPECT_EQ(answer.state, State::optimal);
        EXPECT_NEAR(answer.cost, best_packing(sizes), 1e-6) << between << " by " << factor;
        EXPECT_LE(answer.bound, answer.cost + 1e-6);
      }
  }
}

/// n x n, agents to jobs, with one agent that cannot do a pair of jobs cheaply: costs at random.
IntegerProgramme assignment(const std::vector<double>& costs, int n) {
  IntegerProgramme programme;
  for (const double cost : costs) programme.add_column({cost, 0, 1, true});
  for (int i = 0; i < n; ++i) {
    std::vector<Term> agent, job;
    for (int j = 0; j < n; ++j) agent.push_back({i * n + j, 1}), job.push_back({j * n + i, 1});
    programme.add_row(agent, 1, 1);
    programme.add_row(job, 1, 1);
  }
  return programme;
}

TEST(IntegerProgramme, FindsTheBestAssignmentFromAnyStart) {
  models::Random random(2);
  constexpr int n = 6;
  for (int round = 0; round < 20; ++round) {
    std::vector<double> costs;
    for (int i = 0; i < n * n; ++i) costs.push_back(static_cast<double>(random.below(100)));
    std::vector<int> order(n);
    std::iota(order.begin(), order.end(), 0);
    double best = 1e9;
    do {
      double sum = 0;
      for (int i = 0; i < n; ++i)
        sum += costs[static_cast<std::size_t>(i * n + order[static_cast<std::size_t>(i)])];
      best = std::min(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    std::vector<double> start(n * n, 0.0);
    for (int i = 0; i < n; ++i) start[static_cast<std::size_t>(i * n + i)] = 1;
    const auto answer = solve(assignment(costs, n), start, {});
    EXPECT_EQ(answer.state, State::optimal);
    EXPECT_NEAR(answer.cost, best, 1e-6);
  }
}

TEST(IntegerProgramme, SaysThatThereIsNoSolution) {
  IntegerProgramme programme;
  const int x = programme.add_column({1, 0, 10, true});
  const Term row[] = {{x, 2}};
  programme.add_row(row, 3, 3);
  const auto answer = solve(programme, {}, {});
  EXPECT_EQ(answer.state, State::infeasible);
  EXPECT_TRUE(answer.values.empty());
}

TEST(IntegerProgramme, HasNoBoundWhereThereIsNone) {
  IntegerProgramme programme;
  const int x = programme.add_column({-1, 0, IntegerProgramme::infinite, true});
  const Term row[] = {{x, 1}};
  programme.add_row(row, 0, IntegerProgramme::infinite);
  const auto answer = solve(programme, {}, {});
  EXPECT_EQ(answer.state, State::cut_short);
  EXPECT_EQ(answer.bound, -IntegerProgramme::infinite);
  EXPECT_EQ(relaxed_bound(programme), -IntegerProgramme::infinite);
}

TEST(IntegerProgramme, BelowTheOptimumNothingIsFound) {
  models::Random random(3);
  const auto sack = random_knapsack(random, 12);
  const double best = best_of_all(sack);
  IntegerProgrammeLimits limits;
  limits.cutoff = best;
  const auto answer = solve(programme_of(sack), {}, limits);
  EXPECT_EQ(answer.state, State::infeasible);
  EXPECT_NEAR(answer.bound, best, 1e-6);
  limits.cutoff = best + 0.5;
  EXPECT_NEAR(solve(programme_of(sack), {}, limits).cost, best, 1e-6);
}

/// Twenty items of equal ratio in many knapsacks of equal size: nothing for a relaxation to hold.
IntegerProgramme hard_packing() {
  IntegerProgramme programme;
  models::Random random(4);
  constexpr int bins = 8, items = 60;
  const int most = programme.add_column({1, 0, IntegerProgramme::infinite, false});
  std::vector<double> weight;
  for (int i = 0; i < items; ++i)
    weight.push_back(1000 + 0.001 * static_cast<double>(random.below(900000)));
  for (int b = 0; b < bins; ++b) {
    std::vector<Term> load = {{most, -1}};
    for (int i = 0; i < items; ++i)
      load.push_back({programme.add_column({0, 0, 1, true}), weight[static_cast<std::size_t>(i)]});
    programme.add_row(load, -IntegerProgramme::infinite, 0);
  }
  for (int i = 0; i < items; ++i) {
    std::vector<Term> once;
    for (int b = 0; b < bins; ++b) once.push_back({1 + b * items + i, 1});
    programme.add_row(once, 1, 1);
  }
  return programme;
}

TEST(IntegerProgramme, StopsWhenAskedAndKeepsItsBound) {
  const auto programme = hard_packing();
  const auto begin = std::chrono::steady_clock::now();
  const auto past = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  IntegerProgrammeLimits limits;
  double told = -IntegerProgramme::infinite;
  limits.stop = [&] { return past() > 0.5; };
  limits.progress = [&](double bound, std::span<const double>) {
    EXPECT_GE(bound, told);
    told = bound;
  };
  const auto answer = solve(programme, {}, limits);
  EXPECT_EQ(answer.state, State::cut_short);
  EXPECT_LT(past(), 3.0);
  EXPECT_EQ(told, answer.bound);
  EXPECT_NEAR(answer.bound, relaxed_bound(programme), 0.01 * answer.bound);
  EXPECT_GE(answer.cost, answer.bound);
}

TEST(IntegerProgramme, IsSilentAndLeavesInterruptsAlone) {
  const auto ours = [](int) {};
  const auto before = std::signal(SIGINT, ours);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto programme = hard_packing();
  IntegerProgrammeLimits limits;
  limits.nodes = 50;
  bool was_ours = true;
  limits.stop = [&] {
    struct sigaction now {};
    sigaction(SIGINT, nullptr, &now);
    was_ours = was_ours && now.sa_handler == +ours;
    return false;
  };
  const auto first = solve(programme, {}, limits);
  const auto second = solve(programme, {}, limits);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  std::signal(SIGINT, before);
  EXPECT_TRUE(was_ours);
  EXPECT_EQ(first.bound, second.bound);
  EXPECT_EQ(first.values, second.values);
}

TEST(IntegerProgramme, ARelaxationIsCutShort) {
  // Shares of work among machines: some hundred steps of the simplex method.
  models::Random random(5);
  IntegerProgramme programme;
  const int largest = programme.add_column({1, 0, IntegerProgramme::infinite, false});
  constexpr int machines = 20, jobs = 60;
  std::vector<std::vector<Term>> load(machines, {{largest, -1}});
  for (int job = 0; job < jobs; ++job) {
    std::vector<Term> once;
    for (auto& machine : load) {
      const int column = programme.add_column({0, 0, 1, false});
      once.push_back({column, 1});
      machine.push_back({column, static_cast<double>(1 + random.below(100))});
    }
    programme.add_row(once, 1, 1);
  }
  for (const auto& machine : load) programme.add_row(machine, -IntegerProgramme::infinite, 0);
  int asked = 0;
  const auto whole = relaxed_solution(programme, [&] { return ++asked > 1'000'000; });
  EXPECT_EQ(whole.state, State::optimal);
  ASSERT_GT(asked, 2);
  const auto part = relaxed_solution(programme, [&] { return true; });
  EXPECT_EQ(part.state, State::cut_short);
  EXPECT_TRUE(part.values.empty());
  EXPECT_EQ(part.cost, IntegerProgramme::infinite);
}

}  // namespace
}  // namespace optimizers
