#include "optimizers/hypervolume.h"

#include <algorithm>

namespace optimizers {

namespace {

using Point = std::vector<double>;
using Points = std::vector<Point>;

/// Whether `a` is nowhere larger than `b`.
bool covers(const Point& a, const Point& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i]) return false;
  return true;
}

/// The area of points in order of rising first value, of which the later are the lower.
double area(const Points& stairs, std::span<const double> reference) {
  double sum = 0;
  for (std::size_t k = 0; k < stairs.size(); ++k) {
    const double end = k + 1 < stairs.size() ? stairs[k + 1][0] : reference[0];
    sum += (end - stairs[k][0]) * (reference[1] - stairs[k][1]);
  }
  return sum;
}

/// Puts the point in, unless one is lower already, and takes out what it is lower than.
void climb(Points& stairs, const Point& point) {
  const auto place =
      std::ranges::upper_bound(stairs, point[0], {}, [](const Point& p) { return p[0]; });
  if (place != stairs.begin() && (*std::prev(place))[1] <= point[1]) return;
  auto first = place;
  if (first != stairs.begin() && (*std::prev(first))[0] == point[0]) --first;
  auto last = first;
  while (last != stairs.end() && (*last)[1] >= point[1]) ++last;
  stairs.insert(stairs.erase(first, last), point);
}

double in_the_plane(Points points, std::span<const double> reference) {
  Points stairs;
  std::ranges::sort(points);
  for (const auto& point : points)
    if (stairs.empty() || point[1] < stairs.back()[1]) stairs.push_back(point);
  return area(stairs, reference);
}

/// Layer by layer along the third value.
double in_space(Points points, std::span<const double> reference) {
  std::ranges::sort(points, {}, [](const Point& p) { return p[2]; });
  Points stairs;
  double volume = 0;
  for (std::size_t k = 0; k < points.size(); ++k) {
    climb(stairs, points[k]);
    const double end = k + 1 < points.size() ? points[k + 1][2] : reference[2];
    if (end > points[k][2]) volume += (end - points[k][2]) * area(stairs, reference);
  }
  return volume;
}

double box(const Point& point, std::span<const double> reference) {
  double volume = 1;
  for (std::size_t i = 0; i < point.size(); ++i) volume *= reference[i] - point[i];
  return volume;
}

/// Those that none of the others covers, of equal ones one.
Points undominated(const Points& points) {
  Points kept;
  for (const auto& point : points) {
    if (std::ranges::any_of(kept, [&](const Point& other) { return covers(other, point); }))
      continue;
    std::erase_if(kept, [&](const Point& other) { return covers(point, other); });
    kept.push_back(point);
  }
  return kept;
}

/// Every point adds its box but for what the points after it dominate as well.
double wfg(Points points, std::span<const double> reference) {
  std::ranges::sort(points, std::greater<>{}, [](const Point& p) { return p.back(); });
  double volume = 0;
  for (std::size_t k = 0; k < points.size(); ++k) {
    Points shared;
    for (std::size_t j = k + 1; j < points.size(); ++j) {
      auto& both = shared.emplace_back(points[j]);
      for (std::size_t i = 0; i < both.size(); ++i) both[i] = std::max(both[i], points[k][i]);
    }
    volume += box(points[k], reference);
    if (!shared.empty()) volume -= wfg(undominated(shared), reference);
  }
  return volume;
}

}  // namespace

double hypervolume(std::vector<std::vector<double>> points, std::span<const double> reference) {
  std::erase_if(points, [&](const Point& point) {
    for (std::size_t i = 0; i < point.size(); ++i)
      if (!(point[i] < reference[i])) return true;
    return false;
  });
  if (points.empty()) return 0;
  if (reference.size() == 1) return reference[0] - std::ranges::min(points)[0];
  if (reference.size() == 2) return in_the_plane(std::move(points), reference);
  if (reference.size() == 3) return in_space(std::move(points), reference);
  return wfg(undominated(points), reference);
}

double hypervolume(const Archive& archive, const models::Goal& goal) {
  std::vector<double> reference;
  double whole = 1;
  for (const auto& one : goal.objectives) {
    reference.push_back(one.reference);
    whole *= one.reference;
  }
  const auto front = archive.front();
  if (!(whole > 0) || front.empty() || front.front().violation > 0) return 0;
  Points points;
  for (const auto& member : front) points.push_back(member.values);
  return hypervolume(std::move(points), reference) / whole;
}

}  // namespace optimizers
