#include <algorithm>
#include <array>

#include "optimizers/placement/search.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {

namespace {

/// Simulated annealing in runs that get longer, in turn hot ones from where it all began and cooler
/// ones from there or the best so far. How it goes does not depend on when it is to end.
class PlacementAnnealing final : public PlacementSearch {
 public:
  explicit PlacementAnnealing(const SearchTask& task)
      : random_(task.seed),
        terrain_(make_terrain(task.problem, task.nets, task.contiguous)),
        length_(std::max<std::int64_t>(20'000, std::int64_t{200} * task.nets.groups())),
        question_(moves_per_question(task.nets.groups())),
        start_(first_devices(task.problem, task.nets, *terrain_)) {
    remember(*terrain_);
  }

  std::int64_t run(std::int64_t moves, const std::function<bool()>& stop,
                   const std::function<bool()>& halt) override {
    std::int64_t used = 0;
    while (used < moves && !stop()) {
      if (done_ >= end_) start_run();
      const auto slice = std::min({moves - used, end_ - done_, slice_length});
      cool();
      for (std::int64_t i = 0; i < slice; ++i) {
        if (i % question_ == question_ - 1 && halt()) return used + i;
        step();
      }
      done_ += slice;
      used += slice;
      press();
    }
    return used;
  }

 private:
  static constexpr std::int64_t slice_length = 500;

  struct Run {
    double heat;     ///< at the start, in parts of the value
    bool from_best;  ///< else from the first placement
  };
  static constexpr std::array<Run, 4> turns = {Run{0.2, false}, Run{0.0005, true},
                                               Run{0.005, false}, Run{0.02, true}};

  void start_run() {
    if (runs_ == 0 && found()) start_.assign(best().begin(), best().end());
    const auto& turn = turns[static_cast<std::size_t>(runs_) % turns.size()];
    if (runs_ > 0 && runs_ % 2 == 0) length_ += length_ / 2;
    terrain_->set(turn.from_best && found() ? best() : std::span<const int>(start_));
    hot_ = turn.heat;
    end_ = length_;
    done_ = 0;
    ++runs_;
  }

  void cool() {
    const double share = static_cast<double>(done_) / static_cast<double>(end_);
    double left = 1 - share;
    left *= left;
    heat_ = hot_ * left * left * left * left + 1e-6;
    terrain_->sharpen(share);
  }

  void press() {
    price_ =
        terrain_->memory_over() > 0 ? std::min(price_ * 1.5, 1e6) : std::max(price_ / 1.2, 0.5);
    terrain_->press(price_);
  }

  void step() {
    if (!terrain_->draw(random_, shifts_)) return;
    if (!passes(terrain_->attempt(shifts_))) {
      terrain_->leave();
      return;
    }
    terrain_->take();
    if (terrain_->value() < value()) remember(*terrain_);
  }

  bool passes(double worse) {
    if (worse <= 0) return true;
    // Beyond 40 it is not worth drawing: once in 10^17.
    return worse < heat_ * 40 && worse < -heat_ * models::portable_log(1 - random_.unit());
  }

  models::Random random_;
  std::unique_ptr<Terrain> terrain_;
  std::int64_t length_, question_;
  std::vector<int> start_;
  std::vector<Shift> shifts_;
  std::int64_t done_ = 0, end_ = 0;
  int runs_ = 0;
  double hot_ = 0, heat_ = 0, price_ = 1;
};

}  // namespace

std::unique_ptr<PlacementSearch> make_annealing(const SearchTask& task) {
  return std::make_unique<PlacementAnnealing>(task);
}

PlacementEntry placement_annealing_entry() {
  return {"annealing", "simulated annealing in longer and longer runs, by blocks and single groups",
          [](const PlacementTask& task) { return search_refusal(task.problem); },
          [](const PlacementTask& task) { return run_alone(task, make_annealing); }};
}

}  // namespace optimizers
