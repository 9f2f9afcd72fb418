#include "optimizers/bounds/path_bound.h"

#include <algorithm>
#include <limits>

namespace optimizers {

using models::Problem;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

class Chains {
 public:
  explicit Chains(const LeastCosts& costs) : costs_(costs), problem_(costs.problem()) {}

  std::vector<double> values() {
    const int devices = problem_.devices;
    end_.assign(at(problem_.tensors) * at(devices), infinite);
    for (int tensor = 0; tensor < problem_.inputs; ++tensor) {
      std::vector<double> made(at(devices), infinite);
      at(made, problem_.stream_with(tensor).source) = 0;
      spread(tensor, made, costs_.whole_bytes(tensor, problem_.input_format));
    }
    for (int op = 0; op < problem_.operators; ++op) run(op);
    std::vector<double> longest(problem_.streams.size(), 0);
    for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
      if (at(problem_.is_output, tensor) == 0) continue;
      const auto s = at(problem_.stream_of_tensor, tensor);
      at(longest, s) = std::max(at(longest, s),
                                at(end_, tensor * devices + problem_.streams[at(s)].sink) * safety);
    }
    return longest;
  }

 private:
  /// When each device can have the tensor at the earliest.
  void spread(int tensor, const std::vector<double>& made, double bytes) {
    const int devices = problem_.devices;
    const int stream = at(problem_.stream_of_tensor, tensor);
    const double jitter = least_jitter(problem_.streams[at(stream)].workload());
    const auto row = at(tensor) * at(devices);
    for (int to = 0; to < devices; ++to)
      at(end_, row + at(to)) = std::min(end_[row + at(to)], made[at(to)]);
    for (int from = 0; from < devices; ++from) {
      if (made[at(from)] == infinite) continue;
      for (int to = 0; to < devices; ++to) {
        if (to == from) continue;
        const int route = from * devices + to;
        const double takes = bytes * costs_.narrowest_pace(route) / picosecond * jitter +
                             static_cast<double>(at(problem_.route_latency, route));
        end_[row + at(to)] = std::min(end_[row + at(to)], made[at(from)] + takes);
      }
    }
  }

  void run(int op) {
    const int devices = problem_.devices;
    std::vector<double> ready(at(devices), 0);
    for (auto k = at(problem_.input_begin, op); k < at(problem_.input_begin, op + 1); ++k)
      for (int d = 0; d < devices; ++d)
        ready[at(d)] = std::max(ready[at(d)], at(end_, at(problem_.input_tensor, k) * devices + d));
    for (auto tensor = at(problem_.output_begin, op); tensor < at(problem_.output_begin, op + 1);
         ++tensor) {
      const int stream = at(problem_.stream_of_tensor, tensor);
      const double jitter = least_jitter(problem_.streams[at(stream)].workload());
      // Formats differ in time and in what they send: each is followed to the devices by itself.
      for (int format = 0; format < problem_.compute_formats; ++format) {
        std::vector<double> made(at(devices), infinite);
        for (const auto& option : problem_.options(op))
          if (option.precision == format)
            made[option.device] = ready[option.device] + costs_.lasting(op, option) * jitter;
        spread(tensor, made, costs_.whole_bytes(tensor, format));
      }
    }
  }

  const LeastCosts& costs_;
  const Problem& problem_;
  std::vector<double> end_;  ///< [tensor x device]
};

}  // namespace

std::vector<double> longest_chains(const LeastCosts& costs) {
  return Chains(costs).values();
}

}  // namespace optimizers
