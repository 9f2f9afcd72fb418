#include <algorithm>
#include <limits>

#include "optimizers/list_schedule.h"

namespace optimizers {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

double ListScheduler::mean_duration(int op) const {
  double sum = 0;
  int count = 0;
  for (const auto option : problem_.options(op)) {
    if (!permitted(op, option)) continue;
    const auto index = problem_.cost_index(op, option.device, option.precision);
    sum += static_cast<double>(std::max<std::int64_t>(problem_.duration[index], 0));
    ++count;
  }
  return sum / count;
}

/// On the device, in the best permitted precision; infinite if not supported.
double ListScheduler::shortest(int op, int device) const {
  double least = infinite;
  const auto options = problem_.options(op);
  auto option = std::lower_bound(options.begin(), options.end(), device,
                                 [](const auto& each, int wanted) { return each.device < wanted; });
  for (; option != options.end() && option->device == device; ++option) {
    if (!permitted(op, *option)) continue;
    const auto index = problem_.cost_index(op, device, option->precision);
    least =
        std::min(least, static_cast<double>(std::max<std::int64_t>(problem_.duration[index], 0)));
  }
  return least;
}

double ListScheduler::mean_way(int tensor) const {
  const auto format =
      policy_.precision == Policy::any ? int{problem_.input_format} : policy_.precision;
  return mean_latency_ + mean_per_byte_ * static_cast<double>(at(
                                              problem_.bytes, tensor * problem_.formats + format));
}

template <class Visit>
void ListScheduler::visit_readers(int op, Visit visit) const {
  for (auto tensor = at(problem_.output_begin, op); tensor < at(problem_.output_begin, op + 1);
       ++tensor)
    for (auto k = at(problem_.reader_begin, tensor); k < at(problem_.reader_begin, tensor + 1); ++k)
      visit(at(problem_.reader, k), tensor);
}

void ListScheduler::set_priorities() {
  critical_device_ = -1;
  if (policy_.method == Policy::Method::peft) {
    foresee_costs();
    return;
  }
  rank_upward();
  if (policy_.method != Policy::Method::cpop) return;
  add_ranks_downward();
  find_critical_path();
}

void ListScheduler::rank_upward() {
  priority_.assign(static_cast<std::size_t>(problem_.operators), 0);
  for (int op = problem_.operators - 1; op >= 0; --op) {  // the network's order is topological
    double longest = 0;
    visit_readers(op, [&](int reader, int tensor) {
      longest = std::max(longest, mean_way(tensor) + at(priority_, reader));
    });
    at(priority_, op) = mean_duration(op) + longest;
  }
}

/// Priorities become the lengths of the longest ways through the operators.
void ListScheduler::add_ranks_downward() {
  std::vector<double> downward(priority_.size(), 0);
  for (int op = 0; op < problem_.operators; ++op) {
    const double done = at(downward, op) + mean_duration(op);
    visit_readers(op, [&](int reader, int tensor) {
      at(downward, reader) = std::max(at(downward, reader), done + mean_way(tensor));
    });
  }
  for (std::size_t op = 0; op < priority_.size(); ++op) priority_[op] += downward[op];
}

/// From the first operator of the highest priority on, always to the reader of the highest.
void ListScheduler::find_critical_path() {
  critical_.assign(priority_.size(), 0);
  int op = -1;
  for (int k = 0; k < problem_.operators; ++k)
    if (graph_.makers(k).empty() && (op < 0 || at(priority_, k) > at(priority_, op))) op = k;
  while (op >= 0) {
    at(critical_, op) = 1;
    int next = -1;
    for (const auto reader : graph_.readers(op))
      if (next < 0 || at(priority_, reader) > at(priority_, next)) next = reader;
    op = next;
  }
  critical_device_ = critical_device();
}

/// Where the critical path takes the least time, of those that support most of it.
int ListScheduler::critical_device() const {
  int best = -1, fewest = std::numeric_limits<int>::max();
  double least = infinite;
  for (int device = 0; device < problem_.devices; ++device) {
    int unsupported = 0;
    double sum = 0;
    for (int op = 0; op < problem_.operators; ++op) {
      if (at(critical_, op) == 0) continue;
      const double time = shortest(op, device);
      time < infinite ? sum += time : ++unsupported;
    }
    if (unsupported > fewest || (unsupported == fewest && sum >= least)) continue;
    best = device;
    fewest = unsupported;
    least = sum;
  }
  return best;
}

/// The optimistic cost table: the longest, over who reads, of the shortest that can follow.
void ListScheduler::foresee_costs() {
  const int devices = problem_.devices;
  const auto count = static_cast<std::size_t>(devices);
  beyond_.assign(static_cast<std::size_t>(problem_.operators) * count, 0);
  priority_.assign(static_cast<std::size_t>(problem_.operators), 0);
  std::vector<double> there(beyond_.size());  // what follows and its own time
  std::vector<double> least(static_cast<std::size_t>(problem_.operators), infinite);
  for (int op = problem_.operators - 1; op >= 0; --op) {
    visit_readers(op, [&](int reader, int tensor) {
      const double elsewhere = at(least, reader) + mean_way(tensor);
      for (int device = 0; device < devices; ++device) {
        auto& cost = at(beyond_, op * devices + device);
        cost = std::max(cost, std::min(elsewhere, at(there, reader * devices + device)));
      }
    });
    double sum = 0;
    int supported = 0;
    for (int device = 0; device < devices; ++device) {
      const double time = shortest(op, device), after = at(beyond_, op * devices + device);
      at(there, op * devices + device) = time + after;
      at(least, op) = std::min(at(least, op), time + after);
      if (time == infinite) continue;
      sum += after;
      ++supported;
    }
    at(priority_, op) = sum / supported;
  }
}

}  // namespace optimizers
