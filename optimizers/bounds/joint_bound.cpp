#include "optimizers/bounds/joint_bound.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace optimizers {

using models::Problem;

namespace {

class Game {
 public:
  Game(const LeastCosts& costs, Forest& forest, const Forest::Prices& base, const TimeTerms& times,
       const std::vector<Allowance>& allowances)
      : costs_(costs),
        problem_(costs.problem()),
        forest_(forest),
        base_(base),
        prices_(base),
        times_(times),
        allowances_(allowances),
        weight_(at(problem_.devices) + at(problem_.channels), 1),
        load_(weight_.size()),
        flow_(at(problem_.operators)),
        tensor_flow_(at(problem_.tensors)),
        of_loads_(times.terms.size(), 0.5) {
    for (const auto& term : times.terms) {
      has_paths_ = has_paths_ || term.paths > 0;
      has_loads_ = has_loads_ || term.loads > 0;
    }
    for (std::size_t i = 0; i < of_loads_.size(); ++i)
      if (times.terms[i].loads == 0 || times.terms[i].paths == 0)
        of_loads_[i] = times.terms[i].paths == 0 ? 1 : 0;
  }

  double value() {
    constexpr double affordable = 1e8;
    const double steps = std::clamp(affordable / std::max(1.0, forest_.effort()), 12.0, 400.0);
    if (has_paths_) {  // the first chain is that of the cheapest answer
      forest_.minimise(base_);
      follow_path(1);
    }
    for (const auto& allowance : allowances_)
      paid_.emplace_back(allowance.per_device ? at(problem_.devices) : 1, 0.0);
    double most = 0;
    for (int step = 0; step < static_cast<int>(steps); ++step) {
      set_prices();
      double value = forest_.minimise(prices_);
      for (const auto& rates : paid_)
        for (const auto rate : rates) value -= rate;
      most = std::max(most, value);
      // Somewhere no option is left: nothing can hold the limits.
      if (value == std::numeric_limits<double>::infinity()) return value;
      answer(step);
      settle(step, std::max(most, value));
    }
    return most;
  }

 private:
  void set_prices() {
    double all = 0;
    for (const auto weight : weight_) all += weight;
    for (auto& weight : weight_) weight /= all;
    double load = 0, path = 0;
    for (std::size_t i = 0; i < of_loads_.size(); ++i) {
      const auto& term = times_.terms[i];
      load += term.weight * term.loads * of_loads_[i];
      path += term.weight * term.paths * (1 - of_loads_[i]);
    }
    for (int op = 0; op < problem_.operators; ++op) {
      auto k = forest_.first_option(op);
      for (const auto& option : problem_.options(op)) {
        double price = base_.option[k];
        if (load > 0) price += load * at(weight_, option.device) * seconds_of_load(op, option);
        if (path > 0 && at(flow_, op) > 0)
          price += path * at(flow_, op) * costs_.lasting(op, option) * picosecond;
        for (std::size_t a = 0; a < paid_.size(); ++a)
          price += price_of(allowances_[a].use[k],
                            paid_[a][allowances_[a].per_device ? option.device : 0]);
        prices_.option[k++] = price;
      }
    }
    if (load > 0) set_route_prices(load);
    if (path == 0) return;
    for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
      const double second = path * at(tensor_flow_, tensor);
      const int maker = at(problem_.producer, tensor);
      if (at(problem_.is_output, tensor) != 0)
        at(prices_.second_of_output, tensor) = second;
      else if (maker < 0)
        at(prices_.second_of_input, tensor) = second;
      else if (forest_.reader_of(tensor) >= 0)
        at(prices_.second_of, maker) = second;
    }
  }

  static double price_of(double use, double rate) {
    return use == std::numeric_limits<double>::infinity() ? use : use * rate;
  }

  void set_route_prices(double load) {
    for (int route = 0; route < problem_.devices * problem_.devices; ++route) {
      double sum = 0;
      for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k) {
        const int channel = at(problem_.route_channel, k);
        sum += at(weight_, problem_.devices + channel) * costs_.pace(route, channel);
      }
      at(prices_.per_byte, route) = at(base_.per_byte, route) + load * sum;
    }
  }

  double seconds_of_load(int op, const Problem::Option& option) const {
    return costs_.work(op, option) * picosecond /
           static_cast<double>(at(problem_.slots, option.device));
  }

  void measure_loads() {
    std::fill(load_.begin(), load_.end(), 0);
    for (int op = 0; op < problem_.operators; ++op)
      at(load_, forest_.option(op).device) += seconds_of_load(op, forest_.option(op));
    forest_.for_transfers([&](int from, int to, double bytes) {
      const int route = from * problem_.devices + to;
      for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k) {
        const int channel = at(problem_.route_channel, k);
        at(load_, problem_.devices + channel) += bytes * costs_.pace(route, channel);
      }
    });
  }

  /// The longest chain of the last answer joins the mean with the given share. Its seconds.
  double follow_path(double share) {
    end_.assign(at(problem_.operators), 0);
    before_.assign(at(problem_.operators), -1);
    int last = -1;
    double longest = -1;
    for (int op = 0; op < problem_.operators; ++op) {
      const int here = forest_.option(op).device;
      double ready = 0;
      for (auto k = at(problem_.input_begin, op); k < at(problem_.input_begin, op + 1); ++k) {
        const int tensor = at(problem_.input_tensor, k);
        const int maker = at(problem_.producer, tensor);
        double present = maker < 0 ? 0 : at(end_, maker);
        if (forest_.reader_of(tensor) == op)
          present += forest_.seconds(
              tensor,
              maker < 0 ? problem_.stream_with(tensor).source : forest_.option(maker).device, here);
        if (present <= ready) continue;
        ready = present;
        at(before_, op) = tensor;
      }
      at(end_, op) = ready + costs_.lasting(op, forest_.option(op)) * picosecond;
      for (auto tensor = at(problem_.output_begin, op); tensor < at(problem_.output_begin, op + 1);
           ++tensor) {
        if (at(problem_.is_output, tensor) == 0) continue;
        const double arrival =
            at(end_, op) + forest_.seconds(tensor, here, problem_.stream_with(tensor).sink);
        if (arrival <= longest) continue;
        longest = arrival;
        last = tensor;
      }
    }
    mix_in(last, share);
    return std::max(longest, 0.0);
  }

  void mix_in(int tensor, double share) {
    for (auto& flow : flow_) flow *= 1 - share;
    for (auto& flow : tensor_flow_) flow *= 1 - share;
    int reader = -1;
    while (tensor >= 0) {
      if (reader < 0 || forest_.reader_of(tensor) == reader) at(tensor_flow_, tensor) += share;
      reader = at(problem_.producer, tensor);
      if (reader < 0) return;
      at(flow_, reader) += share;
      tensor = at(before_, reader);
    }
  }

  /// What the last answer makes longest weighs more from now on.
  void answer(int step) {
    const double share = 2.0 / (step + 3);
    const double path = has_paths_ ? follow_path(share) : 0;
    double largest = 0;
    if (has_loads_) {
      measure_loads();
      largest = *std::max_element(load_.begin(), load_.end());
      const double rate = 2 / std::sqrt(static_cast<double>(step) + 4);
      if (largest > 0)
        for (std::size_t r = 0; r < load_.size(); ++r) weight_[r] *= 1 + rate * load_[r] / largest;
    }
    for (std::size_t i = 0; i < of_loads_.size(); ++i) {
      const auto& term = times_.terms[i];
      if (term.paths == 0 || term.loads == 0) continue;
      const double choice = term.loads * largest > term.paths * path ? 1 : 0;
      of_loads_[i] += share * (choice - of_loads_[i]);
    }
  }

  /// What was used too much of costs more from now on; what is left over, less.
  void settle(int step, double worth) {
    for (std::size_t a = 0; a < paid_.size(); ++a) {
      const auto& allowance = allowances_[a];
      used_.assign(paid_[a].size(), 0);
      for (int op = 0; op < problem_.operators; ++op)
        used_[allowance.per_device ? forest_.option(op).device : 0] +=
            allowance.use[forest_.first_option(op) + at(forest_.chosen(op))];
      for (std::size_t i = 0; i < used_.size(); ++i) {
        const double over = std::clamp(used_[i] - 1, -1.0, 1.0);
        paid_[a][i] = std::max(0.0, paid_[a][i] + worth * over / (step + 4));
      }
    }
  }

  const LeastCosts& costs_;
  const Problem& problem_;
  Forest& forest_;
  const Forest::Prices& base_;
  Forest::Prices prices_;
  const TimeTerms& times_;
  const std::vector<Allowance>& allowances_;
  std::vector<std::vector<double>> paid_;  ///< [allowance][device or one] cost of all of it
  std::vector<double> used_;
  std::vector<double> weight_, load_;       ///< [device, then channel]
  std::vector<double> flow_, tensor_flow_;  ///< mean over chains: [operator], [tensor]
  std::vector<double> of_loads_;            ///< [term] share of loads; the rest is that of chains
  bool has_paths_ = false, has_loads_ = false;
  std::vector<double> end_;           ///< [operator] seconds
  std::vector<std::int32_t> before_;  ///< [operator] tensor it waited for, or -1
};

}  // namespace

double joint_bound(const LeastCosts& costs, Forest& forest, const Forest::Prices& base,
                   const TimeTerms& times, const std::vector<Allowance>& allowances) {
  return Game(costs, forest, base, times, allowances).value();
}

}  // namespace optimizers
