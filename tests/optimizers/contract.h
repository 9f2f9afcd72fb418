#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/optimizers/searching.h"

namespace optimizers_test {

inline constexpr std::int64_t small_budget = 2000;
inline constexpr std::int64_t all_plans = 200'000;

/// Propose some plans, good ones, and end.
inline const std::vector<std::string> constructions = {"greedy", "heft",  "peft",
                                                       "cpop",   "chain", "beam"};

using Names = std::vector<std::string>;

inline Names operator+(Names some, const Names& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

/// All of the catalogue but these, which are in it.
inline Names all_but(const Names& left_out) {
  Names all;
  for (const auto& entry : optimizers::catalogue()) all.emplace_back(entry.name);
  for (const auto& name : left_out) std::erase(all, optimizers::find(name).name);
  return all;
}

/// What every algorithm promises. What only some promise, is asked in kinds_test.cpp: of an
/// algorithm that is not named here, as of a search.
class Contract : public testing::TestWithParam<std::string> {
 protected:
  bool is(std::string_view name) const { return GetParam() == name; }
  bool constructs() const {
    return is("integer") || std::ranges::count(constructions, GetParam()) > 0;
  }
  /// Small enough for `exhaustive`.
  std::shared_ptr<const models::Problem> small() const {
    return random_problem({.operators = 4,
                           .precisions = {models::Precision::fp16, models::Precision::int8},
                           .rank = false},
                          3);
  }
  /// With every kind of choice; too large for `exhaustive`.
  std::shared_ptr<const models::Problem> rich() const {
    return random_problem({.operators = 30,
                           .devices = 3,
                           .precisions = {models::Precision::fp16, models::Precision::int8},
                           .wires = {models::Precision::int8, models::Precision::int4},
                           .requests = 4},
                          5);
  }
  std::shared_ptr<const models::Problem> problem() const {
    return is("exhaustive") || is("integer") ? small() : rich();
  }
};

inline std::string name_of(const testing::TestParamInfo<std::string>& about) {
  return about.param;
}

}  // namespace optimizers_test
