#include "models/period_delta.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <ostream>

#include "models/error.h"
#include "sim/event_engine.h"
#include "sim/static_evaluator.h"
#include "tests/sim/random_case.h"

namespace models {

void PrintTo(const PeriodDelta::Bound& bound, std::ostream* out) {
  *out << bound.period.count() << " ps by "
       << (bound.bottleneck.kind == models::Resource::Kind::device ? "device " : "channel ")
       << bound.bottleneck.index;
}

}  // namespace models

namespace {

using models::at;
using models::Change;
using models::PeriodDelta;
using random_case::Case;
using random_case::Wanted;
using What = models::Change::What;

std::uint64_t cases() {
  const char* const given = std::getenv("PARTWISE_CASES");
  return given ? std::strtoull(given, nullptr, 10) : 150;
}

/// Any change of anything to anything, supported or not, but of rank.
Change random_change(models::Random& random, const models::Problem& problem) {
  const auto below = [&](int limit) { return static_cast<std::int32_t>(random.below(limit)); };
  switch (below(problem.links > 0 ? 4 : 3)) {
    case 0:
      return {What::device, below(problem.operators), below(problem.devices)};
    case 1:
      return {What::precision, below(problem.operators), below(problem.compute_formats)};
    case 2:
      return {What::wire, below(problem.tensors * problem.devices),
              random.chance(0.2) ? models::Plan::as_produced : below(problem.formats)};
    default: {
      const auto link = below(problem.links);
      return {What::lanes, link, 1 + below(problem.lane_budget[at(link)])};
    }
  }
}

PeriodDelta::Bound scored(models::Evaluator& evaluator, const models::Plan& plan) {
  const auto score = evaluator.score(plan);
  return {score.period_bound, score.bottleneck};
}

void follow(const Case& example) {
  const auto& problem = *example.problem;
  models::Random random(example.seed);
  const auto evaluator = sim::make_evaluator(example.problem);
  PeriodDelta delta(problem);
  auto plan = example.plan;
  delta.start(plan);
  EXPECT_EQ(delta.bound(), scored(*evaluator, plan));
  for (int k = 0; k < 12; ++k) {
    const auto change = random_change(random, problem);
    const auto undo = apply(plan, change);
    const auto expected = scored(*evaluator, plan);
    EXPECT_EQ(delta.after(change), expected) << "change " << static_cast<int>(change.what);
    if (random.chance(0.5)) {
      delta.make(change);
      EXPECT_EQ(delta.bound(), expected);
    } else {
      apply(plan, undo);
      EXPECT_EQ(delta.bound(), scored(*evaluator, plan)) << "after taking a change back";
    }
  }
  const auto op = static_cast<std::int32_t>(random.below(problem.operators));
  const auto device = static_cast<int>(random.below(problem.devices));
  const auto precision = static_cast<int>(random.below(problem.compute_formats));
  plan.device[at(op)] = static_cast<std::uint16_t>(device);
  plan.precision[at(op)] = static_cast<std::uint8_t>(precision);
  EXPECT_EQ(delta.after_move(op, device, precision), scored(*evaluator, plan));
}

TEST(PeriodDelta, FollowsEveryChangeExactly) {
  for (const auto links : {Wanted::Links::fifo, Wanted::Links::fair})
    for (const auto discipline :
         {models::Plan::Discipline::strict, models::Plan::Discipline::ready})
      for (std::uint64_t seed = 1; seed <= cases(); ++seed) {
        const auto example =
            random_case::make(seed, {.links = links, .discipline = discipline, .stream = false});
        follow(example);
        if (HasFailure()) FAIL() << random_case::description(example);
      }
}

/// A change of rank that the graph allows, if one is found: operators next to each other.
std::optional<Change> rank_change(models::Random& random, const models::Problem& problem,
                                  const models::Plan& plan) {
  const auto from = random.below(problem.operators), to = random.below(problem.operators);
  const Change change{What::rank, static_cast<std::int32_t>(from), static_cast<std::int32_t>(to)};
  auto next = plan;
  apply(next, change);
  try {
    check_plan(problem, next);
  } catch (const models::InputError&) {
    return std::nullopt;
  }
  return change;
}

TEST(PeriodDelta, FollowsChangesOfRank) {
  int followed = 0;
  for (std::uint64_t seed = 1; seed <= cases(); ++seed) {
    const auto example = random_case::make(seed, {.stream = false});
    const auto& problem = *example.problem;
    const auto evaluator = sim::make_evaluator(example.problem);
    models::Random random(seed);
    PeriodDelta delta(problem);
    auto plan = example.plan;
    delta.start(plan);
    for (int k = 0; k < 20; ++k) {
      const auto change = rank_change(random, problem, plan);
      if (!change) continue;
      ++followed;
      const auto undo = apply(plan, *change);
      ASSERT_EQ(delta.after(*change), scored(*evaluator, plan))
          << random_case::description(example);
      if (random.chance(0.5))
        delta.make(*change);
      else
        apply(plan, undo);
      ASSERT_EQ(delta.bound(), scored(*evaluator, plan)) << random_case::description(example);
    }
  }
  EXPECT_GT(followed, 50);
}

TEST(PeriodDelta, LoadsAreThoseOfTheBound) {
  const auto example = random_case::make(3, {.stream = false});
  PeriodDelta delta(*example.problem);
  delta.start(example.plan);
  std::int64_t largest = 0;
  for (int k = 0; k < delta.resources(); ++k) largest = std::max(largest, delta.load(k));
  EXPECT_EQ(models::Time(largest), delta.bound().period);
}

}  // namespace
