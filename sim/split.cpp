#include "sim/split.h"

#include <algorithm>

namespace sim {

namespace {

/// Of scoring a trial: alone, or as one of many neighbours of its base.
constexpr std::size_t alone = 2, neighbour = 1;
constexpr std::size_t few = 5;  ///< neighbours of one base that are scored alone
constexpr std::size_t lanes = 8;

std::size_t end_of_run(const models::Batch& batch, std::size_t first) {
  auto end = first;
  while (end < batch.trials.size() && batch.trials[end].base == batch.trials[first].base) ++end;
  return end;
}

std::size_t weight(std::size_t run) {
  return run < few ? alone : neighbour;
}

/// Where to cut the run [first, end) when a cut at `wanted` would be even: at its ends if they are
/// no farther than `near`, else so that lanes stay full.
std::size_t cut(std::size_t first, std::size_t end, std::size_t wanted, std::size_t near) {
  if (wanted - first <= near || end - wanted <= near) {
    return wanted - first < end - wanted ? first : end;
  }
  const auto full = first + (wanted - first + lanes / 2) / lanes * lanes;
  const auto off = full < wanted ? wanted - full : full - wanted;
  return off <= near && full < end ? full : wanted;
}

}  // namespace

void split(const models::Batch& batch, std::size_t parts, std::vector<std::size_t>& ends) {
  const auto count = batch.trials.size();
  std::size_t total = 0;
  for (std::size_t first = 0, end = 0; first < count; first = end) {
    end = end_of_run(batch, first);
    total += (end - first) * weight(end - first);
  }
  ends.assign(parts, count);
  std::size_t part = 1, done = 0;
  for (std::size_t first = 0, end = 0; first < count; first = end) {
    end = end_of_run(batch, first);
    const auto each = weight(end - first);
    const auto behind = done + (end - first) * each;
    for (; part < parts && part * total / parts < behind; ++part) {
      const auto wanted = first + (part * total / parts - done) / each;
      ends[part - 1] = cut(first, end, wanted, total / parts / each / 8);
    }
    done = behind;
  }
  for (std::size_t p = 1; p < parts; ++p) ends[p] = std::max(ends[p], ends[p - 1]);
}

void cut_into_units(const models::Batch& batch, std::size_t first, std::size_t end,
                    std::vector<std::size_t>& ends) {
  for (auto begin = first; begin < end;) {
    const auto behind = std::min(end, end_of_run(batch, begin));
    const auto size = behind - begin < few ? 1 : lanes;
    for (; begin < behind; begin = ends.back()) ends.push_back(std::min(behind, begin + size));
  }
}

void copy_part(const models::Batch& batch, std::size_t first, std::size_t end,
               models::Batch& part) {
  part.clear();
  part.bases.assign(batch.bases.begin(), batch.bases.end());
  for (auto i = first; i < end; ++i) {
    auto trial = batch.trials[i];
    const auto begin = static_cast<int>(part.changes.size());
    part.changes.insert(part.changes.end(), batch.changes.begin() + trial.first_change,
                        batch.changes.begin() + trial.end_change);
    part.trials.push_back({trial.base, begin, static_cast<int>(part.changes.size())});
  }
}

}  // namespace sim
