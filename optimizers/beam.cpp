#include <algorithm>
#include <array>

#include "optimizers/algorithms.h"
#include "optimizers/beam_search.h"
#include "optimizers/first_plans.h"
#include "optimizers/proposals.h"

namespace optimizers {

namespace {

using models::Metric;

constexpr std::array beam_parameters = {
    Parameter{"width", 32, 1, 100000, "states kept; fewer where the problem is large"},
};

/// Of operators x devices of all beams: what takes long gets fewer policies.
constexpr std::int64_t most_size = 200'000;

BeamSearch::Rank rank_for(const models::Problem& problem, Metric metric) {
  switch (metric) {
    case Metric::period:
    case Metric::period_bound:
    case Metric::throughput:
    case Metric::load_balance:
      return BeamSearch::Rank::load;
    case Metric::makespan:
      return problem.requests() >= 4 ? BeamSearch::Rank::load : BeamSearch::Rank::end;
    case Metric::latency_mean:
    case Metric::latency_p50:
    case Metric::latency_p95:
    case Metric::latency_p99:
    case Metric::deadline_misses:
      return BeamSearch::Rank::end;
    default:
      return BeamSearch::Rank::sum;
  }
}

/// One beam per rank the goal asks for and policy, the best states of each.
class Beams final : public Constructor {
 public:
  Beams(const Task& task, int width)
      : problem_(task.problem),
        graph_(task.problem),
        policies_(list_policies(task.problem, task.goal)),
        width_(width) {
    std::erase_if(policies_,
                  [](const Policy& policy) { return policy.wire != models::Plan::as_produced; });
    const auto size = std::int64_t{problem_.operators} * problem_.devices;
    const auto most = std::max<std::int64_t>(1, most_size / std::max<std::int64_t>(1, size));
    if (std::ssize(policies_) > most) policies_.resize(static_cast<std::size_t>(most));
    for (const auto& objective : task.goal.objectives) {
      const auto rank = rank_for(problem_, objective.metric);
      if (std::find(ranks_.begin(), ranks_.end(), rank) == ranks_.end()) ranks_.push_back(rank);
    }
    if (ranks_.empty()) ranks_.push_back(BeamSearch::Rank::end);
  }

  int count() const override {
    return static_cast<int>(policies_.size() * ranks_.size()) * most_found;
  }

  /// A beam that ended with fewer states has its last plan proposed again.
  void make(int index, models::Plan& plan) override {
    const int beam = index / most_found, policies = static_cast<int>(policies_.size());
    const auto& policy = at(policies_, beam % policies);
    if (beam != beam_) look(policy, at(ranks_, beam / policies));
    beam_ = beam;
    const auto& found =
        at(found_, std::min(index % most_found, static_cast<int>(found_.size()) - 1));
    ChainLayout(problem_, found.order, policy).write(found.device, plan);
  }

 private:
  static constexpr int most_found = 8;
  static constexpr std::array margins = {1.0, 1.6, 2.5};

  /// Of devices that suit operators differently nobody knows how full they can get: some guesses.
  void look(const Policy& policy, BeamSearch::Rank rank) {
    BeamSearch search(problem_, graph_, policy, rank, width_);
    found_.clear();
    for (const double margin : margins) {
      for (auto& found : search.run(most_found, margin)) found_.push_back(std::move(found));
      if (rank != BeamSearch::Rank::load) break;
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [](const auto& a, const auto& b) { return a.value < b.value; });
    const auto same = [](const auto& a, const auto& b) {
      return a.order == b.order && a.device == b.device;
    };
    found_.erase(std::unique(found_.begin(), found_.end(), same), found_.end());
  }

  const models::Problem& problem_;
  Graph graph_;
  std::vector<Policy> policies_;
  std::vector<BeamSearch::Rank> ranks_;
  int width_;
  int beam_ = -1;  ///< the one that was last run
  std::vector<BeamSearch::Found> found_;
};

}  // namespace

Entry beam_entry() {
  return {"beam", "beam search over down-sets: pieces grown operator by operator; no search",
          beam_parameters, [](const Task& task, const Settings& settings) {
            return propose(task, std::make_unique<Beams>(task, static_cast<int>(settings[0])));
          }};
}

}  // namespace optimizers
