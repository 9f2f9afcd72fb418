#include <algorithm>
#include <limits>

#include "optimizers/placement/search.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {

namespace {

/// Iterated local search by ejection chains (as Kernighan and Lin 1970, Glover 1996): what the
/// value suffers from moves to where it does best, then what suffers from that, each group once;
/// the chain is cut where it was best. Where no chain helps any more, a bigger step starts anew
/// nearby.
class PlacementLocal final : public PlacementSearch {
 public:
  explicit PlacementLocal(const SearchTask& task)
      : random_(task.seed),
        terrain_(make_terrain(task.problem, task.nets, task.contiguous)),
        tabu_(static_cast<std::size_t>(task.nets.groups())),
        question_(moves_per_question(task.nets.groups())) {
    first_devices(task.problem, task.nets, *terrain_);
    terrain_->sharpen(0.6);
    remember(*terrain_);
  }

  std::int64_t run(std::int64_t moves, const std::function<bool()>& stop,
                   const std::function<bool()>& halt) override {
    halt_ = &halt;
    if (!begun_ && found()) terrain_->set(best());
    begun_ = true;
    left_ = moves;
    while (left_ > 0 && !halted_ && !stop()) {
      if (failed_ >= patience) jump();
      price_ =
          terrain_->memory_over() > 0 ? std::min(price_ * 1.2, 1e6) : std::max(price_ / 1.1, 1.);
      terrain_->press(price_);
      failed_ = chain() ? 0 : failed_ + 1;
    }
    return moves - left_;
  }

 private:
  static constexpr int patience = 8, depth = 10;
  static constexpr std::size_t most_tried = 48;

  bool is_over() {
    if (++tried_ % question_ == 0) halted_ = halted_ || (*halt_)();
    return halted_;
  }

  /// One chain; true if it made things better.
  bool chain() {
    ++chains_;
    done_.clear();
    double sum = 0, least = -1e-12;
    std::size_t best_length = 0;
    while (left_ > 0 && !halted_ && done_.size() < depth) {
      const auto grown = extend();
      if (!(grown < std::numeric_limits<double>::infinity())) break;
      sum += grown;
      remember(*terrain_);
      if (sum >= least) continue;
      least = sum;
      best_length = done_.size();
    }
    back_.clear();
    for (; done_.size() > best_length; done_.pop_back()) back_.push_back(done_.back());
    if (!back_.empty()) {
      terrain_->attempt(back_);
      terrain_->take();
    }
    return best_length > 0;
  }

  /// The best of the moves looked at is made, good or bad; by how much the energy grew, infinite if
  /// there was none.
  double extend() {
    terrain_->aimed(random_, single_);
    double least = std::numeric_limits<double>::infinity();
    Shift chosen;
    const auto tries = std::min(most_tried, single_.size());
    for (std::size_t i = 0; i < tries; ++i) {
      const auto left = static_cast<std::int64_t>(single_.size() - i);
      std::swap(single_[i], single_[i + static_cast<std::size_t>(random_.below(left))]);
      if (tabu_[static_cast<std::size_t>(single_[i].group)] == chains_) continue;
      if (left_ <= 0 || is_over()) break;
      --left_;
      const double grown = terrain_->attempt({&single_[i], 1});
      terrain_->leave();
      if (grown >= least) continue;
      least = grown;
      chosen = single_[i];
    }
    if (tries == 0) --left_;
    if (!(least < 1e9)) return std::numeric_limits<double>::infinity();
    const int from = terrain_->placement()[static_cast<std::size_t>(chosen.group)];
    tabu_[static_cast<std::size_t>(chosen.group)] = chains_;
    done_.push_back({chosen.group, from});
    const double grown = terrain_->attempt({&chosen, 1});
    terrain_->take();
    return grown;
  }

  /// A few neighbours of any kind, or one bigger step, from here or from the best so far.
  void jump() {
    failed_ = 0;
    --left_;
    if (found() && random_.below(4) == 0) terrain_->set(best());
    const bool bigger = random_.below(4) == 0;
    for (auto steps = bigger ? 1 : 1 + random_.below(3); steps > 0; --steps) {
      if (bigger)
        terrain_->perturb(random_, single_);
      else if (!terrain_->draw(random_, single_))
        continue;
      if (single_.empty()) continue;
      if (terrain_->attempt(single_) < 1) {
        terrain_->take();
        remember(*terrain_);
      } else {
        terrain_->leave();
      }
    }
  }

  models::Random random_;
  std::unique_ptr<Terrain> terrain_;
  std::vector<std::int64_t> tabu_;  ///< [group] chain that moved it last
  std::int64_t chains_ = 0, left_ = 0, tried_ = 0, question_;
  const std::function<bool()>* halt_ = nullptr;  ///< of the run under way
  bool halted_ = false;
  int failed_ = 0;
  bool begun_ = false;
  double price_ = 1;
  std::vector<Shift> single_, done_, back_;  ///< done_: where groups came from
};

}  // namespace

std::unique_ptr<PlacementSearch> make_local(const SearchTask& task) {
  return std::make_unique<PlacementLocal>(task);
}

PlacementEntry placement_local_entry() {
  return {"local", "iterated local search by ejection chains out of what limits the value",
          [](const PlacementTask& task) { return search_refusal(task.problem); },
          [](const PlacementTask& task) { return run_alone(task, make_local); }};
}

}  // namespace optimizers
