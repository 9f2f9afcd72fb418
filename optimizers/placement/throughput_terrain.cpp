#include "optimizers/placement/throughput_terrain.h"

#include <algorithm>
#include <limits>

namespace optimizers {

namespace {

/// The logarithm, or nearly so where the two hardly differ and it would take longest.
double growth(double ratio) {
  if (ratio < 1.2) return ratio - 1;
  return ratio < std::numeric_limits<double>::max() ? models::portable_log(ratio) : 1e6;
}

}  // namespace

ThroughputTerrain::ThroughputTerrain(const models::PlacementProblem& problem,
                                     const PlacementNets& nets, bool contiguous)
    : problem_(problem),
      nets_(nets),
      loads_(problem, nets),
      contiguous_(contiguous),
      stages_(problem),
      power_(static_cast<std::size_t>(problem.devices())),
      mark_(static_cast<std::size_t>(nets.groups())) {}

bool ThroughputTerrain::set(std::span<const int> device_of_group) {
  exchanging_ = false;
  if (contiguous_ && !stages_.set(device_of_group)) return false;
  loads_.set(device_of_group);
  scale_ = 1 / static_cast<double>(std::max<std::int64_t>(1, loads_.largest()));
  weigh();
  return true;
}

double ThroughputTerrain::power(std::int64_t load) const {
  double power = static_cast<double>(load) * scale_;
  for (int i = 0; i < doublings_; ++i) power *= power;
  return power;
}

void ThroughputTerrain::weigh() {
  energy_ = 0;
  for (int d = 0; d < loads_.devices(); ++d)
    energy_ += power_[static_cast<std::size_t>(d)] = power(loads_.load(d));
}

void ThroughputTerrain::sharpen(double share) {
  const int doublings = 2 + static_cast<int>(share * 7.999);
  if (doublings == doublings_) return;
  doublings_ = doublings;
  scale_ = 1 / static_cast<double>(std::max<std::int64_t>(1, loads_.largest()));
  weigh();
}

bool ThroughputTerrain::apply(std::span<const Shift> shifts) {
  for (const auto& shift : shifts) loads_.move(shift.group, shift.device);
  if (!contiguous_ || exchanging_) return true;
  return std::all_of(shifts.begin(), shifts.end(), [&](const Shift& shift) {
    return stages_.holds(shift.group, loads_.placement());
  });
}

double ThroughputTerrain::attempt(std::span<const Shift> shifts) {
  double after = energy_;
  std::int64_t over = 0;
  if (shifts.size() == 1 && !contiguous_) {
    single_ = shifts[0];
    const int from = loads_.device(single_.group), to = single_.device;
    if (from == to) return 0;
    const auto change = loads_.change(single_.group, to);
    after += power(loads_.load(from) + change.from) - power_[static_cast<std::size_t>(from)] +
             power(loads_.load(to) + change.to) - power_[static_cast<std::size_t>(to)];
    const auto bytes = nets_.group(single_.group).size;
    over = loads_.over(from, loads_.size(from) - bytes) - loads_.over(from, loads_.size(from)) +
           loads_.over(to, loads_.size(to) + bytes) - loads_.over(to, loads_.size(to));
  } else {
    single_.group = -1;
    over = -loads_.memory_over();
    if (!apply(shifts)) return std::numeric_limits<double>::infinity();
    over += loads_.memory_over();
    after = 0;
    for (int d = 0; d < loads_.devices(); ++d) after += power(loads_.load(d));
  }
  double change = after > 0 ? 1 : 0;
  if (energy_ > 0) change = growth(after / energy_) / static_cast<double>(1 << doublings_);
  if (over != 0)
    change += price_ * static_cast<double>(over) / static_cast<double>(problem_.memory + 1);
  return change;
}

void ThroughputTerrain::take() {
  if (single_.group >= 0) loads_.move(single_.group, single_.device);
  loads_.keep();
  if (exchanging_) stages_.exchange(exchange_.group, exchange_.device);
  exchanging_ = false;
  weigh();
}

void ThroughputTerrain::leave() {
  if (single_.group < 0) loads_.undo();
  exchanging_ = false;
}

int ThroughputTerrain::other_device(models::Random& random, int group) const {
  const bool only_cpu = !nets_.group(group).on_accelerator;
  const int first = only_cpu ? problem_.accelerators : 0;
  const int count = problem_.devices() - first;
  const int at = loads_.device(group);
  if (count < 2) return at;
  const int drawn = first + static_cast<int>(random.below(count - 1));
  return drawn >= at ? drawn + 1 : drawn;
}

int ThroughputTerrain::near_device(models::Random& random, int group) const {
  const auto near = nets_.neighbours(group);
  if (near.empty()) return loads_.device(group);
  const int device =
      loads_.device(near[static_cast<std::size_t>(random.below(static_cast<int>(near.size())))]);
  return may(group, device) ? device : loads_.device(group);
}

void ThroughputTerrain::block(models::Random& random, int group, int most,
                              std::vector<int>& groups) {
  groups.assign(1, group);
  ++marks_;
  mark_[static_cast<std::size_t>(group)] = marks_;
  const int at = loads_.device(group);
  for (int tries = 0; tries < 4 * most && static_cast<int>(groups.size()) < most; ++tries) {
    // Mostly from the newest: blocks are long rather than round, as networks are.
    const auto size = static_cast<std::int64_t>(groups.size());
    const auto from = random.below(4) != 0 ? size - 1 : random.below(size);
    const auto near = nets_.neighbours(groups[static_cast<std::size_t>(from)]);
    if (near.empty()) continue;
    const int next =
        near[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(near.size())))];
    auto& mark = mark_[static_cast<std::size_t>(next)];
    if (mark == marks_ || loads_.device(next) != at) continue;
    mark = marks_;
    groups.push_back(next);
  }
}

int ThroughputTerrain::at_boundary(models::Random& random, int& group) const {
  for (int tries = 0; tries < 6; ++tries) {
    group = static_cast<int>(random.below(nets_.groups()));
    const int to = near_device(random, group);
    if (to != loads_.device(group)) return to;
  }
  return other_device(random, group);
}

void ThroughputTerrain::move_block(models::Random& random, int group, int most, int to,
                                   std::vector<Shift>& shifts) {
  block(random, group, most, block_);
  for (const int g : block_)
    if (may(g, to)) shifts.push_back({g, to});
}

bool ThroughputTerrain::draw(models::Random& random, std::vector<Shift>& shifts) {
  shifts.clear();
  const auto kind = random.below(100);
  const bool anywhere = kind < 20;
  int group = static_cast<int>(random.below(nets_.groups()));
  const int to = anywhere ? other_device(random, group) : at_boundary(random, group);
  const int at = loads_.device(group);
  if (to == at) return false;
  if (contiguous_ && kind < 2) return draw_exchange(random, shifts);
  if (contiguous_ && kind < 6)
    stages_.advance(static_cast<int>(random.below(problem_.devices())), loads_.placement());
  if (kind < 10 || (kind >= 20 && kind < 60)) {
    shifts.push_back({group, to});
    return true;
  }
  if (kind < 20)
    shifts.push_back({group, to});
  else
    move_block(random, group, 2 + static_cast<int>(random.below(1 << random.below(6))), to, shifts);
  if (kind >= 60 && kind < 80) return !shifts.empty();
  // Something comes back, so that loads stay even.
  for (int tries = 0; tries < 8; ++tries) {
    const int other = static_cast<int>(random.below(nets_.groups()));
    if (loads_.device(other) != to) continue;
    if (kind < 20) {
      if (!may(other, at)) continue;
      shifts.push_back({other, at});
      break;
    }
    if (near_device(random, other) == to) continue;
    const auto most = 2 * static_cast<std::int64_t>(std::max<std::size_t>(1, shifts.size()));
    move_block(random, other, 1 + static_cast<int>(random.below(most)), at, shifts);
    break;
  }
  return !shifts.empty();
}

bool ThroughputTerrain::draw_exchange(models::Random& random, std::vector<Shift>& shifts) {
  if (problem_.accelerators == 0 || problem_.cpus == 0) return false;
  exchange_.group = static_cast<int>(random.below(problem_.accelerators));
  exchange_.device = problem_.accelerators + static_cast<int>(random.below(problem_.cpus));
  for (int g = 0; g < nets_.groups(); ++g) {
    const int at = loads_.device(g);
    if (at == exchange_.group) shifts.push_back({g, exchange_.device});
    if (at != exchange_.device) continue;
    if (!nets_.group(g).on_accelerator) return false;
    shifts.push_back({g, exchange_.group});
  }
  exchanging_ = true;
  return true;
}

void ThroughputTerrain::perturb(models::Random& random, std::vector<Shift>& shifts) {
  shifts.clear();
  const int groups = nets_.groups();
  for (int i = 0; i < 2; ++i) {
    const int group = static_cast<int>(random.below(groups));
    const int to = other_device(random, group);
    block(random, group, 2 + static_cast<int>(random.below(std::min(32, 1 + groups / 8))), block_);
    for (const int g : block_)
      if (may(g, to)) shifts.push_back({g, to});
  }
}

void ThroughputTerrain::aimed(models::Random& random, std::vector<Shift>& single) {
  single.clear();
  int worst = 0, seen = 0;
  for (int d = 0; d < loads_.devices(); ++d)
    if (loads_.load(d) > loads_.load(worst)) worst = d;
  for (int d = 0; d < loads_.devices(); ++d)
    if (loads_.load(d) == loads_.load(worst) && random.below(++seen) == 0) worst = d;
  for (int group = 0; group < nets_.groups(); ++group) {
    if (loads_.device(group) != worst) continue;
    for (int d = 0; d < loads_.devices(); ++d)
      if (d != worst && may(group, d)) single.push_back({group, d});
  }
}

}  // namespace optimizers
