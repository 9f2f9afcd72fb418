#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "models/index.h"
#include "sim/event_engine.h"
#include "tests/sim/random_case.h"

/// Claims about every execution, tried on random cases.
namespace each_case {

using models::at;
using models::Outcome;
using models::Problem;
using random_case::Case;
using random_case::Wanted;
using Discipline = models::Plan::Discipline;
using Links = Wanted::Links;

inline constexpr std::uint64_t cases = 150;

inline Outcome executed(const std::shared_ptr<const Problem>& problem, const models::Plan& plan) {
  return sim::make_event_engine(problem, {.timeline = true})->execute(plan);
}
inline Outcome executed(const Case& example) {
  return executed(example.problem, example.plan);
}

/// Calls `claim` with random cases that can run, and their outcomes.
template <class Claim>
void for_each_case(Wanted wanted, Claim claim) {
  int ran = 0;
  for (std::uint64_t seed = 1; seed <= cases; ++seed) {
    const auto example = random_case::make(seed, wanted);
    const auto outcome = executed(example);
    if (!outcome.infeasible.empty()) continue;
    ++ran;
    SCOPED_TRACE(random_case::description(example));
    claim(example, outcome);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(ran, static_cast<int>(cases / 2));
}

/// The same for every order and kind of link.
template <class Claim>
void for_each_kind(Wanted wanted, Claim claim) {
  for (const auto links : {Links::fifo, Links::fair, Links::mixed})
    for (const auto discipline : {Discipline::strict, Discipline::ready}) {
      wanted.links = links;
      wanted.discipline = discipline;
      for_each_case(wanted, claim);
    }
}

}  // namespace each_case
