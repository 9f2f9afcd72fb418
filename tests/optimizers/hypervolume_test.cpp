#include "optimizers/hypervolume.h"

#include <gtest/gtest.h>

#include "tests/optimizers/small_problem.h"

namespace {

using Points = std::vector<std::vector<double>>;
using optimizers::hypervolume;

/// Whole numbers from 0 to 9, so that counting cells is exact.
Points random_points(std::size_t count, std::size_t dimensions, models::Random& random) {
  Points points(count, std::vector<double>(dimensions));
  for (auto& point : points)
    for (auto& value : point) value = static_cast<double>(random.below(10));
  return points;
}

/// Cells of the grid that some point dominates.
double counted(const Points& points, std::size_t dimensions, std::int64_t side) {
  std::int64_t cells = 1, found = 0;
  for (std::size_t i = 0; i < dimensions; ++i) cells *= side;
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    const auto reached = [&](const std::vector<double>& point) {
      auto rest = cell;
      for (const double value : point) {
        if (static_cast<double>(rest % side) < value) return false;
        rest /= side;
      }
      return true;
    };
    found += std::any_of(points.begin(), points.end(), reached);
  }
  return static_cast<double>(found);
}

TEST(Hypervolume, IsTheNumberOfCellsDominated) {
  models::Random random(1);
  for (std::size_t dimensions = 1; dimensions <= 5; ++dimensions)
    for (int k = 0; k < 20; ++k) {
      const auto points =
          random_points(static_cast<std::size_t>(1 + random.below(12)), dimensions, random);
      const std::vector<double> reference(dimensions, 8);
      EXPECT_EQ(hypervolume(points, reference), counted(points, dimensions, 8))
          << dimensions << " dimensions, case " << k;
    }
}

TEST(Hypervolume, DependsNeitherOnTheOrderNorOnWhatIsDominated) {
  models::Random random(2);
  for (std::size_t dimensions = 2; dimensions <= 4; ++dimensions) {
    auto points = random_points(10, dimensions, random);
    const std::vector<double> reference(dimensions, 11);
    const double volume = hypervolume(points, reference);
    std::reverse(points.begin(), points.end());
    points.push_back(std::vector<double>(dimensions, 10));
    points.push_back(points.front());
    EXPECT_EQ(hypervolume(points, reference), volume);
  }
}

TEST(Hypervolume, OfAFrontIsAPartOfItsBox) {
  auto goal =
      optimizers_test::goal_of({models::Metric::latency_mean, models::Metric::energy}, true);
  goal.limits.push_back({models::Metric::energy, 50});
  optimizers::Archive archive(goal);
  models::Score score;
  score.latency_mean = models::Time(1'000'000'000'000);
  score.energy_joules = 60;
  archive.offer(models::Plan{}, score);
  EXPECT_EQ(hypervolume(archive, goal), 0) << "without references";
  goal.objectives[0].reference = 2;
  goal.objectives[1].reference = 100;
  EXPECT_EQ(hypervolume(archive, goal), 0) << "beyond a limit";
  score.energy_joules = 25;
  archive.offer(models::Plan{}, score);
  EXPECT_DOUBLE_EQ(hypervolume(archive, goal), 0.5 * 0.75);
}

}  // namespace
