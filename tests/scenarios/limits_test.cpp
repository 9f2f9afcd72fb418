// What every algorithm says about limits that it holds, and that nothing holds.
#include <gtest/gtest.h>

#include "optimizers/optimizer.h"
#include "results/run_file.h"
#include "tests/scenarios/workspace.h"

namespace scenarios {
namespace {

class Limits : public Workspace, public testing::WithParamInterface<std::string> {
 protected:
  Spoken run(const std::string& limits) const {
    return partwise(
        {"run",
         scenario("limits: {" + limits + "}\noptimizer: {name: " + GetParam() + ", budget: 200}\n"),
         "--out", path(limits)});
  }
};

TEST_P(Limits, ThatHoldAreHeldByThePlanThatIsStored) {
  const auto answer = run("energy: 6 J, memory: 1 GiB");
  EXPECT_EQ(answer.code, 0) << answer.err;
  const auto stored =
      results::read_run(results::run_files(path("energy: 6 J, memory: 1 GiB")).front());
  EXPECT_EQ(stored.complaint, "");
  EXPECT_EQ(stored.best_plan()->violation, 0);
  EXPECT_LE(stored.best_plan()->outcome.score.energy_joules, 6);
  EXPECT_LE(stored.best_plan()->outcome.score.memory_bytes, 1 << 30);
}

TEST_P(Limits, ThatNothingHoldsAreSaidToBeMissedAndWhy) {
  const auto answer = run("energy: 1 nJ");
  EXPECT_EQ(answer.code, 1) << answer.err;
  EXPECT_NE(answer.err.find("partwise: small: no plan holds all limits; of the best found, energy "
                            "is "),
            std::string::npos)
      << answer.err;
  EXPECT_NE(answer.err.find(" times the limit; no plan can hold that: energy is at least "),
            std::string::npos)
      << answer.err;
}

/// All but the one for which these problems are too large.
std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& entry : optimizers::catalogue())
    if (entry.name != "exhaustive") all.emplace_back(entry.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Optimizers, Limits, testing::ValuesIn(names()),
                         [](const auto& about) { return about.param; });

}  // namespace
}  // namespace scenarios
