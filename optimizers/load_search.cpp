#include "optimizers/load_search.h"

#include <algorithm>
#include <bit>

namespace optimizers {

using models::Plan;
using models::Problem;
using models::Random;

LoadSearch::LoadSearch(const Problem& problem, const Graph& graph, bool formats)
    : problem_(problem),
      graph_(graph),
      formats_(formats),
      loads_(problem),
      supported_(static_cast<std::size_t>(problem.operators) *
                 static_cast<std::size_t>(problem.devices)),
      weights_(static_cast<std::size_t>(problem.devices)),
      value_(static_cast<std::size_t>(loads_.resources())) {
  for (int op = 0; op < problem.operators; ++op)
    for (const auto option : problem.options(op))
      formats_on(op, option.device) |= std::uint32_t{1} << option.precision;
}

void LoadSearch::start(const Plan& plan) {
  plan_ = plan;
  loads_.start(plan);
  std::fill(weights_.begin(), weights_.end(), 0);
  for (int op = 0; op < problem_.operators; ++op) add_weights(op, 1);
  set_unit(doublings_);
}

void LoadSearch::keep(State& state) {
  double unit = unit_;
  state(plan_, reserve_, unit, doublings_);
  if (!state.reading() || plan_.order.empty()) return;
  start(plan_);
  unit_ = unit;
  for (int r = 0; r < loads_.resources(); ++r) at(value_, r) = power(loads_.load(r));
}

void LoadSearch::set_unit(int doublings) {
  doublings_ = doublings;
  unit_ = 1 / std::max(1.0, static_cast<double>(bound().count()));
  for (int r = 0; r < loads_.resources(); ++r) at(value_, r) = power(loads_.load(r));
}

double LoadSearch::power(std::int64_t load) const {
  double value = static_cast<double>(load) * unit_;
  for (int k = 0; k < doublings_; ++k) value *= value;
  return value;
}

/// Shared weights are left out.
void LoadSearch::add_weights(std::int32_t op, std::int64_t sign) {
  at(weights_, at(plan_.device, op)) +=
      sign * at(problem_.weight_bytes, op * problem_.compute_formats + at(plan_.precision, op));
}

/// In parts of the memory, times a price that no load is worth.
double LoadSearch::over_by(int device) const {
  constexpr double price = 200;
  const auto room = std::max<std::int64_t>(1, at(problem_.capacity, device) - reserve_);
  const auto over = at(weights_, device) - room;
  return over <= 0 ? 0 : price * static_cast<double>(over) / static_cast<double>(room);
}

std::int64_t LoadSearch::memory_over() const {
  std::int64_t sum = 0;
  for (int d = 0; d < problem_.devices; ++d)
    sum += std::max<std::int64_t>(0, at(weights_, d) + reserve_ - at(problem_.capacity, d));
  return sum;
}

void LoadSearch::note_loads() {
  for (const auto& step : loads_.last_steps()) {
    const double now = power(loads_.load(static_cast<int>(step.resource)));
    auto& value = value_[step.resource];
    was_.push_back({step.resource, value});
    change_ += now - value;
    value = now;
  }
}

void LoadSearch::move(std::int32_t op, int device, int precision) {
  const int from = at(plan_.device, op);
  moved_.push_back({op, from, at(plan_.precision, op)});
  change_ -= over_by(from) + (device != from ? over_by(device) : 0);
  add_weights(op, -1);
  at(plan_.device, op) = static_cast<std::uint16_t>(device);
  at(plan_.precision, op) = static_cast<std::uint8_t>(precision);
  add_weights(op, 1);
  change_ += over_by(from) + (device != from ? over_by(device) : 0);
  loads_.make_move(op, device, precision);
  note_loads();
}

/// Those that can run there, in their precision if it is supported there, else the fastest.
void LoadSearch::move_all(std::span<const std::int32_t> ops, int device) {
  for (const auto op : ops) {
    if (at(plan_.device, op) == device) continue;
    const auto formats = formats_on(op, device);
    int precision = at(plan_.precision, op);
    if (formats == 0) continue;
    if ((formats >> precision & 1) == 0) {
      precision = std::countr_zero(formats);
      const auto takes = [&](int format) {
        return problem_.duration[problem_.cost_index(op, device, format)];
      };
      for (auto rest = formats; rest != 0; rest &= rest - 1)
        if (takes(std::countr_zero(rest)) < takes(precision)) precision = std::countr_zero(rest);
    }
    move(op, device, precision);
  }
}

void LoadSearch::set_wire(std::int32_t entry, int format) {
  rewired_ = entry;
  wire_was_ = at(plan_.wire, entry);
  at(plan_.wire, entry) = static_cast<std::uint8_t>(format);
  loads_.make({models::Change::What::wire, entry, format});
  note_loads();
}

void LoadSearch::undo() {
  const bool single = moved_.size() == 1;
  if (single || rewired_ >= 0) loads_.take_back();
  if (rewired_ >= 0) at(plan_.wire, rewired_) = wire_was_;
  for (auto k = moved_.size(); k-- > 0;) {
    const auto& [op, device, precision] = moved_[k];
    add_weights(op, -1);
    at(plan_.device, op) = static_cast<std::uint16_t>(device);
    at(plan_.precision, op) = static_cast<std::uint8_t>(precision);
    add_weights(op, 1);
    if (!single) loads_.make_move(op, device, precision);
  }
  for (auto k = was_.size(); k-- > 0;) value_[was_[k].resource] = was_[k].value;
}

int LoadSearch::near_device(std::int32_t op, Random& random) const {
  const auto readers = graph_.readers(op), makers = graph_.makers(op);
  const auto count = std::ssize(readers) + std::ssize(makers);
  if (count == 0) return -1;
  const auto k = random.below(count);
  return at(plan_.device,
            k < std::ssize(readers) ? at(readers, k) : at(makers, k - std::ssize(readers)));
}

/// An operator in another precision where it is, or a tensor in another format on its way.
void LoadSearch::propose_format(Random& random) {
  if (random.chance(0.5) && problem_.wire_option.size() > 1 && !graph_.edges().empty()) {
    const auto& edge = at(graph_.edges(), random.below(std::ssize(graph_.edges())));
    const int target = at(plan_.device, edge.reader);
    const auto format = at(problem_.wire_option, random.below(std::ssize(problem_.wire_option)));
    const auto entry = edge.tensor * problem_.devices + target;
    if (target != at(plan_.device, edge.maker) && at(problem_.is_fixed, edge.tensor) == 0 &&
        format != at(plan_.wire, entry))
      set_wire(entry, format);
    return;
  }
  const auto op = static_cast<std::int32_t>(random.below(problem_.operators));
  const int device = at(plan_.device, op);
  const auto wanted = static_cast<int>(random.below(problem_.compute_formats));
  if (wanted != at(plan_.precision, op) && at(problem_.is_free, op) == 0 &&
      (formats_on(op, device) >> wanted & 1) != 0)
    move(op, device, wanted);
}

/// Makes a random step; false if it would change nothing.
bool LoadSearch::propose(const Clusters& clusters, int level, Random& random) {
  change_ = 0;
  moved_.clear();
  was_.clear();
  rewired_ = -1;
  const double draw = random.unit();
  if (formats_ && draw < 0.1) {
    propose_format(random);
    return !was_.empty();
  }
  const auto some = [&] {
    return clusters.members(level, static_cast<int>(random.below(clusters.count(level))));
  };
  const auto ops = some();
  const auto op = at(ops, random.below(std::ssize(ops)));
  const int here = at(plan_.device, op);
  if (draw < 0.65) {
    const int there = near_device(op, random);
    if (there >= 0 && there != here) move_all(ops, there);
  } else if (draw < 0.85) {
    const auto options = problem_.options(op);
    const int there = at(options, random.below(std::ssize(options))).device;
    if (there != here) move_all(ops, there);
  } else {
    const auto others = some();
    const int there = at(plan_.device, others.front());
    if (there != here) {
      move_all(ops, there);
      move_all(others, here);
    }
  }
  return !moved_.empty();
}

void LoadSearch::run(const Clusters& clusters, int level, std::int64_t steps, double temperature,
                     Random& random) {
  for (std::int64_t k = 0; k < steps; ++k) {
    if (!propose(clusters, level, random)) continue;
    const bool accepted =
        change_ <= 0 || (change_ < 30 * temperature &&
                         change_ < -temperature * models::portable_log(1 - random.unit()));
    if (!accepted) undo();
  }
}

}  // namespace optimizers
