#include "optimizers/placement/prices.h"

#include <algorithm>
#include <numeric>

#include "models/index.h"
#include "optimizers/integer_programme.h"
#include "optimizers/placement/best_set.h"

namespace optimizers {
namespace {

using models::at;
using Amount = Division::Amount;
using Term = IntegerProgramme::Term;

/// The linear programme for prices: shares of all that sum to one, such that the devices' most
/// valuable sets so far are worth as little as can be.
class Market {
 public:
  explicit Market(const Division& division) {
    std::vector<Term> all;
    for (int i = 0; i < division.size(); ++i) {
      programme_.add_column({0, 0, 1, false});
      all.push_back({i, 1});
    }
    programme_.add_row(all, 1, 1);
    accelerator_ = programme_.add_column({static_cast<double>(division.accelerators), 0, 1, false});
    cpu_ = programme_.add_column({static_cast<double>(division.cpus), 0, 1, false});
  }
  void add(const std::vector<int>& set, bool cpu) {
    std::vector<Term> row = {{cpu ? cpu_ : accelerator_, 1}};
    for (const int item : set) row.push_back({item, -1});
    programme_.add_row(row, 0, IntegerProgramme::infinite);
  }
  /// The cost: one or more says that the sets known suffice to cover everything, or that it was
  /// stopped.
  double solve(const std::function<bool()>& stop) {
    auto solution = relaxed_solution(programme_, stop);
    values_ = std::move(solution.values);
    return solution.cost;
  }
  std::vector<Amount> prices(int items) const {
    constexpr double unit = 1e12;
    std::vector<Amount> prices;
    for (int i = 0; i < items; ++i)
      prices.push_back(static_cast<Amount>(std::max(0.0, at(values_, i)) * unit));
    return prices;
  }

 private:
  IntegerProgramme programme_;
  int accelerator_ = 0, cpu_ = 0;
  std::vector<double> values_;
};

}  // namespace

bool PriceProof::excludes(const Division& division, Amount limit, const Effort& effort) {
  if (division.size() > BestSet::most_items) return false;
  Market market(division);
  BestSet on_accelerator(division, false), on_cpu(division, true);
  std::int64_t spent = 0;
  for (int round = 0; round < effort.rounds && !effort.stop(); ++round) {
    if (market.solve(effort.halt) >= 1 - 1e-9) return false;
    const auto prices = market.prices(division.size());
    const auto all = std::accumulate(prices.begin(), prices.end(), Amount{0});
    Amount sold = 0;
    for (const bool cpu : {false, true}) {
      const int devices = cpu ? division.cpus : division.accelerators;
      if (devices == 0) continue;
      auto& sets = cpu ? on_cpu : on_accelerator;
      const auto most = std::min(effort.budget - spent, static_cast<Amount>(effort.labels));
      const auto before = sets.labels();
      const auto best = sets.find(prices, limit, 0,
                                  static_cast<std::size_t>(std::max(most, Amount{0})), effort.stop);
      spent += sets.labels() - before;
      labels_ += sets.labels() - before;
      if (!best) return false;
      sold += devices * best->worth;
      for (const auto& set : best->sets) market.add(set, cpu);
    }
    if (sold < all) return true;
  }
  return false;
}

}  // namespace optimizers
