#include "optimizers/bounds/forest.h"

#include <algorithm>
#include <limits>

namespace optimizers {

using models::Problem;

Forest::Prices::Prices(const Forest& forest)
    : option(forest.first_option_.back()),
      per_byte(at(forest.problem_.devices) * at(forest.problem_.devices)),
      second_of(at(forest.problem_.operators)),
      second_of_input(at(forest.problem_.tensors)),
      second_of_output(at(forest.problem_.tensors)) {}

Forest::Forest(const LeastCosts& costs) : costs_(costs), problem_(costs.problem()) {
  const auto& problem = problem_;
  std::size_t options = 0;
  for (int op = 0; op < problem.operators; ++op) {
    first_option_.push_back(options);
    options += problem.options(op).size();
  }
  first_option_.push_back(options);
  reader_of_.assign(at(problem.tensors), -1);
  sends_.assign(at(problem.operators), -1);
  input_.resize(at(problem.operators));
  output_.resize(at(problem.operators));
  bytes_.assign(options, 0);
  input_bytes_.assign(at(problem.inputs), 0);
  for (int tensor = 0; tensor < problem.tensors; ++tensor) {
    const int maker = at(problem.producer, tensor);
    const auto begin = at(problem.reader_begin, tensor), end = at(problem.reader_begin, tensor + 1);
    // Readers on the sink's device and the sink share one transfer: only one of them is counted.
    if (at(problem.is_output, tensor) != 0) {
      if (maker >= 0) at(output_, maker).push_back(tensor);
      continue;
    }
    if (begin == end) continue;
    if (maker < 0) {
      at(input_bytes_, tensor) = costs.bytes(tensor, problem.input_format);
      at(reader_of_, tensor) = at(problem.reader, begin);
      at(input_, at(problem.reader, begin)).push_back(tensor);
    } else if (at(sends_, maker) < 0) {
      at(reader_of_, tensor) = at(problem.reader, begin);
      at(sends_, maker) = tensor;
    }
  }
  for (int op = 0; op < problem.operators; ++op)
    if (at(sends_, op) >= 0)
      for (std::size_t k = 0; k < problem.options(op).size(); ++k)
        at(bytes_, first_option(op) + k) =
            costs.bytes(at(sends_, op), problem.options(op)[k].precision);
  best_.assign(at(problem.operators) * at(problem.devices), 0);
  chosen_.assign(at(problem.operators), 0);
}

double Forest::effort() const {
  return static_cast<double>(first_option_.back()) * static_cast<double>(problem_.devices);
}

double Forest::travel(const Prices& prices, int from, int to, double bytes, double second) const {
  const int route = from * problem_.devices + to;
  double price = bytes * at(prices.per_byte, route);
  if (second > 0 && from != to) price += second * costs_.travel(route, bytes);
  return price;
}

double Forest::seconds(int tensor, int from, int to) const {
  if (from == to) return 0;
  const int maker = at(problem_.producer, tensor);
  const int format = maker < 0 ? problem_.input_format : option(maker).precision;
  return costs_.travel(from * problem_.devices + to, costs_.bytes(tensor, format));
}

/// What its inputs from the source and its outputs to the sink add to each option.
void Forest::add_ends(int op, const Prices& prices) {
  if (at(input_, op).empty() && at(output_, op).empty()) return;
  for (std::size_t k = 0; k < problem_.options(op).size(); ++k) {
    const auto& own = problem_.options(op)[k];
    auto& sum = at(sum_, first_option(op) + k);
    for (const auto tensor : at(input_, op))
      sum += travel(prices, problem_.stream_with(tensor).source, own.device,
                    at(input_bytes_, tensor), at(prices.second_of_input, tensor));
    for (const auto tensor : at(output_, op))
      sum += travel(prices, own.device, problem_.stream_with(tensor).sink,
                    costs_.bytes(tensor, own.precision), at(prices.second_of_output, tensor));
  }
}

/// Hands the least sum of an operator on to its reader, for each device that the reader may have.
void Forest::send(int op, const Prices& prices) {
  if (at(sends_, op) < 0) return;
  const int reader = reader_of(at(sends_, op));
  const double second = at(prices.second_of, op);
  const auto own = problem_.options(op);
  const auto first = first_option(op);
  const auto theirs = problem_.options(reader);
  int known = -1;
  double least = 0;
  for (std::size_t r = 0; r < theirs.size(); ++r) {
    const int to = theirs[r].device;
    if (to != known) {  // options are ordered by device
      known = to;
      least = std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; k < own.size(); ++k) {
        const double sum =
            at(sum_, first + k) + travel(prices, own[k].device, to, at(bytes_, first + k), second);
        if (sum >= least) continue;
        least = sum;
        at(best_, op * problem_.devices + to) = static_cast<std::int32_t>(k);
      }
    }
    at(sum_, first_option(reader) + r) += least;
  }
}

int Forest::least_option(int op) const {
  const auto begin = sum_.begin() + static_cast<std::ptrdiff_t>(first_option(op));
  const auto end = sum_.begin() + static_cast<std::ptrdiff_t>(first_option(op + 1));
  return static_cast<int>(std::min_element(begin, end) - begin);
}

double Forest::minimise(const Prices& prices) {
  sum_ = prices.option;
  double total = 0;
  for (int op = 0; op < problem_.operators; ++op) {
    add_ends(op, prices);
    send(op, prices);
    if (at(sends_, op) < 0) total += at(sum_, first_option(op) + at(least_option(op)));
  }
  for (int op = problem_.operators - 1; op >= 0; --op) {
    if (at(sends_, op) < 0) {
      at(chosen_, op) = least_option(op);
      continue;
    }
    const int to = option(reader_of(at(sends_, op))).device;
    at(chosen_, op) = at(best_, op * problem_.devices + to);
  }
  return total;
}

}  // namespace optimizers
