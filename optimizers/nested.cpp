#include <algorithm>
#include <utility>

#include "models/index.h"
#include "optimizers/codesign.h"
#include "optimizers/rounds.h"

namespace optimizers {

using models::at;

namespace {

/// The integer square root.
std::size_t root(std::size_t number) {
  std::size_t r = 0;
  while ((r + 1) * (r + 1) <= number) ++r;
  return r;
}

class Nested final : public Optimizer {
 public:
  Nested(const DesignTask& task, Outer outer)
      : task_(task),
        outer_(chosen(task, outer)),
        random_(task.seed ^ 0x9e3779b97f4a7c15),
        rounds_(task_) {
    outer_ == Outer::evolution ? begin_with_sample() : begin_with_all();
    rounds_.prepare();
  }

  void ask(models::Batch& batch) override {
    rounds_.ask(batch);
    while (batch.trials.empty() && next_stage()) rounds_.ask(batch);
  }

  void tell(const models::Batch& batch, std::span<const models::Score> scores) override {
    rounds_.tell(batch, scores);
  }

  bool is_exhausted() const override {
    return outer_ == Outer::exhaustive && rounds_.is_exhausted();
  }

  void keep(State& state) override { state(random_, stage_, rounds_); }

 private:
  enum class Stage : std::uint8_t { first, children, last };

  static Outer chosen(const DesignTask& task, Outer outer) {
    if (outer != Outer::automatic) return outer;
    if (task.inner.name == "exhaustive") return Outer::exhaustive;
    const auto count = task.designs.count();
    const auto rounds = Rounds::rounds_for(static_cast<std::size_t>(count));
    return count * task.least * rounds <= task.budget ? Outer::halving : Outer::evolution;
  }

  /// Those of the plans to start from, each once, in their order.
  std::vector<std::uint32_t> platforms_to_start_from() const {
    std::vector<std::uint32_t> all;
    for (const auto& plan : task_.start)
      if (std::ranges::find(all, plan.platform) == all.end()) all.push_back(plan.platform);
    return all;
  }

  void begin_with_all() {
    std::vector<std::uint32_t> all;
    double least = 0;
    for (std::int64_t d = 0; d < task_.designs.count(); ++d) {
      const auto design = static_cast<std::uint32_t>(d);
      const double excess = task_.designs.excess(design, task_.goal);
      if (!all.empty() && excess > least) continue;
      if (all.empty() || excess < least) all.clear();
      least = excess;
      all.push_back(design);
    }
    // A small budget ends before all are visited.
    const auto first = platforms_to_start_from();
    std::stable_partition(all.begin(), all.end(), [&](std::uint32_t design) {
      return std::ranges::find(first, design) != first.end();
    });
    std::vector<std::size_t> arms;
    for (const auto design : all) arms.push_back(rounds_.enter(design));
    const int rounds = outer_ == Outer::exhaustive ? 1 : Rounds::rounds_for(arms.size());
    rounds_.begin(std::move(arms), rounds, task_.budget);
    stage_ = Stage::last;
  }

  void begin_with_sample() {
    const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(
        task_.budget / (16 * task_.least), 2, std::min<std::int64_t>(task_.designs.count(), 256)));
    std::vector<std::size_t> arms;
    const double bearable =
        task_.designs.excess(within_limits([] { return std::uint32_t{0}; }), task_.goal);
    for (const auto design : platforms_to_start_from())
      if (arms.size() < count && task_.designs.excess(design, task_.goal) <= bearable)
        arms.push_back(rounds_.enter(design));
    for (std::size_t tries = 0; arms.size() < count && tries < 4 * count; ++tries) {
      const auto design = tries == 0 ? within_limits([] { return std::uint32_t{0}; })
                                     : within_limits([&] { return task_.designs.drawn(random_); });
      if (!rounds_.has(design)) arms.push_back(rounds_.enter(design));
    }
    const int rounds = Rounds::rounds_for(arms.size());
    rounds_.begin(std::move(arms), rounds, task_.budget / 2);
  }

  /// Draws until a platform is within the limits on area and price; of many that are not, the
  /// nearest.
  template <class Draw>
  std::uint32_t within_limits(Draw draw) {
    constexpr int tries = 64;
    std::uint32_t best = draw();
    double least = task_.designs.excess(best, task_.goal);
    for (int k = 1; k < tries && least > 0; ++k) {
      const auto design = draw();
      const double excess = task_.designs.excess(design, task_.goal);
      if (excess >= least) continue;
      best = design;
      least = excess;
    }
    return best;
  }

  bool next_stage() {
    if (stage_ == Stage::last) return false;
    const auto first_end = task_.budget / 2, children_end = task_.budget * 4 / 5;
    stage_ = Stage::children;
    if (rounds_.used() < children_end)
      if (const auto child = new_child()) {
        const auto visits =
            std::clamp<std::int64_t>((children_end - first_end) / (4 * task_.least), 4, 256);
        const auto share = std::max(task_.least, (children_end - first_end) / visits);
        rounds_.begin({*child}, 1, std::min(task_.budget, rounds_.used() + share));
        return true;
      }
    stage_ = Stage::last;
    auto best = rounds_.ranked();
    if (best.size() > 4) best.resize(4);
    const int rounds = Rounds::rounds_for(best.size());
    rounds_.begin(std::move(best), rounds, task_.budget);
    return true;
  }

  /// A neighbour of one of the best that was not visited yet; where all were, another platform.
  std::optional<std::size_t> new_child() {
    if (const auto child = new_neighbour()) return child;
    for (int tries = 0; tries < 64; ++tries)
      if (const auto design = within_limits([&] { return task_.designs.drawn(random_); });
          !rounds_.has(design))
        return rounds_.enter(design);
    return std::nullopt;
  }

  std::optional<std::size_t> new_neighbour() {
    const auto best = rounds_.ranked();
    const auto parents = static_cast<std::int64_t>(std::max<std::size_t>(1, root(best.size())));
    for (int tries = 0; tries < 64; ++tries) {
      const auto& parent = rounds_.arms()[at(best, random_.below(parents))];
      auto design = task_.designs.neighbour(parent.design, random_);
      if (random_.chance(0.3)) design = task_.designs.neighbour(design, random_);
      const double bearable = task_.designs.excess(parent.design, task_.goal);
      if (rounds_.has(design) || task_.designs.excess(design, task_.goal) > bearable) continue;
      return rounds_.enter(design);
    }
    return std::nullopt;
  }

  DesignTask task_;
  Outer outer_;
  models::Random random_;
  Stage stage_ = Stage::first;
  Rounds rounds_;
};

}  // namespace

std::unique_ptr<Optimizer> make_nested(const DesignTask& task, Outer outer) {
  return std::make_unique<Nested>(task, outer);
}

}  // namespace optimizers
