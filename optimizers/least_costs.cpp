#include "optimizers/least_costs.h"

#include <algorithm>
#include <limits>

#include "models/units.h"

namespace optimizers {

using models::Event;
using models::Problem;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

double least(const Problem& problem, const std::vector<double>& bytes, int tensor, int format) {
  const auto row = at(tensor) * at(problem.formats);
  double fewest = bytes[row + at(format)];
  for (const auto wire : problem.wire_option)
    if (wire != models::Plan::as_produced) fewest = std::min(fewest, bytes[row + wire]);
  return fewest;
}

}  // namespace

LeastCosts::LeastCosts(const Problem& problem) : problem_(problem) {
  double all = 0;
  for (const auto& stream : problem.streams) {
    auto requests = static_cast<double>(stream.workload().requests);
    for (const auto& event : problem.events)
      if (event.what == Event::What::burst &&
          (event.network.empty() || event.network == stream.use.name))
        requests += static_cast<double>(event.count) * static_cast<double>(event.times);
    share_.push_back(requests);
    all += requests;
  }
  for (auto& share : share_) share /= all;
  stream_of_.resize(at(problem.operators));
  for (std::size_t s = 0; s < problem.streams.size(); ++s)
    for (int op = problem.streams[s].first_operator; op < problem.streams[s].end_operator; ++op)
      at(stream_of_, op) = static_cast<std::int32_t>(s);
  for (const auto& event : problem.events)
    if (event.what == Event::What::speed) most_speed_ = std::max(most_speed_, event.value);
  note_sizes();
  note_paces();
  note_what_fits();
}

void LeastCosts::note_sizes() {
  work_.assign(problem_.duration.size(), infinite);
  lasting_ = joules_ = work_;
  bytes_.assign(problem_.bytes.size(), infinite);
  whole_bytes_ = bytes_;
  for (std::size_t b = 0; b <= problem_.batched.size(); ++b) {
    const auto& sized = b == 0 ? problem_ : *problem_.batched[b - 1];
    const auto requests = static_cast<double>(b + 1);
    for (std::size_t i = 0; i < work_.size(); ++i) {
      const auto duration = static_cast<double>(sized.duration[i]);
      if (duration < 0) continue;
      work_[i] = std::min(work_[i], duration / requests);
      lasting_[i] = std::min(lasting_[i], duration);
      joules_[i] = std::min(joules_[i], sized.energy[i] / requests);
    }
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      const auto bytes = static_cast<double>(sized.bytes[i]);
      bytes_[i] = std::min(bytes_[i], bytes / requests);
      whole_bytes_[i] = std::min(whole_bytes_[i], bytes);
    }
  }
}

void LeastCosts::note_paces() {
  for (int channel = 0; channel < problem_.channels; ++channel) {
    const int link = at(problem_.channel_link, channel);
    channel_pace_.push_back(1 / (at(problem_.lane_bandwidth, link) *
                                 static_cast<double>(at(problem_.lane_budget, link))));
  }
  const int devices = problem_.devices;
  narrowest_.assign(at(devices) * at(devices), 0);
  for (int route = 0; route < devices * devices; ++route)
    for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k)
      at(narrowest_, route) =
          std::max(at(narrowest_, route), at(channel_pace_, at(problem_.route_channel, k)));
}

double LeastCosts::footprint(int op, const Problem::Option& option) const {
  const auto& p = problem_;
  auto sum = static_cast<double>(at(p.weight_bytes, op * p.compute_formats + option.precision)) +
             static_cast<double>(p.workspace[index(op, option)]);
  for (auto t = at(p.output_begin, op); t < at(p.output_begin, op + 1); ++t)
    sum += static_cast<double>(at(p.bytes, t * p.formats + option.precision));
  for (auto k = at(p.input_begin, op); k < at(p.input_begin, op + 1); ++k) {
    const auto row = p.bytes.begin() + at(p.input_tensor, k) * std::ptrdiff_t{p.formats};
    sum += static_cast<double>(*std::min_element(row, row + p.formats));
  }
  return sum;
}

void LeastCosts::note_what_fits() {
  const auto& p = problem_;
  fits_.assign(at(p.operators) * at(p.devices) * at(p.compute_formats), 1);
  for (int op = 0; op < p.operators; ++op) {
    bool any = false;
    for (const auto& option : p.options(op)) {
      const auto fit = footprint(op, option) <= static_cast<double>(at(p.capacity, option.device));
      at(fits_, (op * p.devices + option.device) * p.compute_formats + option.precision) = fit;
      any = any || fit;
    }
    if (any) continue;  // else no plan fits, and no bound matters
    const auto row = fits_.begin() + std::ptrdiff_t{op} * p.devices * p.compute_formats;
    std::fill(row, row + std::ptrdiff_t{p.devices} * p.compute_formats, std::uint8_t{1});
  }
}

double LeastCosts::work(int op, const Problem::Option& option) const {
  return fits(op, option) != 0 ? stream_share(op) * work_[index(op, option)] : infinite;
}

double LeastCosts::joules(int op, const Problem::Option& option) const {
  return fits(op, option) != 0 ? stream_share(op) * joules_[index(op, option)] : infinite;
}

double LeastCosts::lasting(int op, const Problem::Option& option) const {
  return fits(op, option) != 0 ? lasting_[index(op, option)] / most_speed_ : infinite;
}

double LeastCosts::bytes(int tensor, int format) const {
  return at(share_, at(problem_.stream_of_tensor, tensor)) *
         least(problem_, bytes_, tensor, format);
}

double LeastCosts::whole_bytes(int tensor, int format) const {
  return least(problem_, whole_bytes_, tensor, format);
}

double LeastCosts::pace(int route, int channel) const {
  return at(problem_.route_fair, route) != 0 ? at(channel_pace_, channel) : narrowest_pace(route);
}

Forest::Forest(const LeastCosts& costs) : costs_(costs), problem_(costs.problem()) {
  const auto& problem = problem_;
  std::size_t options = 0;
  for (int op = 0; op < problem.operators; ++op) {
    first_option_.push_back(options);
    options += problem.options(op).size();
  }
  first_option_.push_back(options);
  link_.resize(at(problem.operators));
  input_.resize(at(problem.operators));
  output_.resize(at(problem.operators));
  bytes_.assign(options, 0);
  input_bytes_.assign(at(problem.inputs), 0);
  for (int tensor = 0; tensor < problem.tensors; ++tensor) {
    const int maker = at(problem.producer, tensor);
    const auto begin = at(problem.reader_begin, tensor), end = at(problem.reader_begin, tensor + 1);
    if (maker < 0) {
      at(input_bytes_, tensor) = costs.bytes(tensor, problem.input_format);
      if (begin < end && at(problem.is_output, tensor) == 0)
        at(input_, at(problem.reader, begin)).push_back(tensor);
      continue;
    }
    // Readers on the sink's device and the sink share one transfer: only one of them is counted.
    if (at(problem.is_output, tensor) != 0)
      at(output_, maker).push_back(tensor);
    else if (begin < end && at(link_, maker).reader < 0)
      at(link_, maker) = {tensor, at(problem.reader, begin)};
  }
  for (int op = 0; op < problem.operators; ++op)
    if (at(link_, op).reader >= 0)
      for (std::size_t k = 0; k < problem.options(op).size(); ++k)
        at(bytes_, first_option(op) + k) =
            costs.bytes(at(link_, op).tensor, problem.options(op)[k].precision);
  best_.assign(at(problem.operators) * at(problem.devices), 0);
  chosen_.assign(at(problem.operators), 0);
}

double Forest::effort() const {
  return static_cast<double>(first_option_.back()) * static_cast<double>(problem_.devices);
}

/// What its inputs from the source and its outputs to the sink add to each option.
void Forest::add_ends(int op, std::span<const double> per_byte) {
  if (at(input_, op).empty() && at(output_, op).empty()) return;
  const int devices = problem_.devices;
  for (std::size_t k = 0; k < problem_.options(op).size(); ++k) {
    const auto& own = problem_.options(op)[k];
    auto& sum = at(sum_, first_option(op) + k);
    for (const auto tensor : at(input_, op))
      sum += at(input_bytes_, tensor) *
             at(per_byte, problem_.stream_with(tensor).source * devices + own.device);
    for (const auto tensor : at(output_, op))
      sum += costs_.bytes(tensor, own.precision) *
             at(per_byte, own.device * devices + problem_.stream_with(tensor).sink);
  }
}

/// Hands the least sum of an operator on to its reader, for each device that the reader may have.
void Forest::send(int op, std::span<const double> per_byte) {
  const int reader = at(link_, op).reader;
  if (reader < 0) return;
  const int devices = problem_.devices;
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
        const double sum = at(sum_, first + k) +
                           at(bytes_, first + k) * at(per_byte, own[k].device * devices + to);
        if (sum >= least) continue;
        least = sum;
        at(best_, op * devices + to) = static_cast<std::int32_t>(k);
      }
    }
    at(sum_, first_option(reader) + r) += least;
  }
}

double Forest::minimise(std::span<const double> of_option, std::span<const double> per_byte) {
  sum_.assign(of_option.begin(), of_option.end());
  double total = 0;
  for (int op = 0; op < problem_.operators; ++op) {
    add_ends(op, per_byte);
    send(op, per_byte);
    if (at(link_, op).reader >= 0) continue;
    const auto begin = sum_.begin() + static_cast<std::ptrdiff_t>(first_option(op));
    const auto end = sum_.begin() + static_cast<std::ptrdiff_t>(first_option(op + 1));
    total += *std::min_element(begin, end);
  }
  for (int op = problem_.operators - 1; op >= 0; --op) {
    const int reader = at(link_, op).reader;
    if (reader >= 0) {
      const int to = option(reader, chosen(reader)).device;
      at(chosen_, op) = at(best_, op * problem_.devices + to);
      continue;
    }
    const auto begin = sum_.begin() + static_cast<std::ptrdiff_t>(first_option(op));
    const auto end = sum_.begin() + static_cast<std::ptrdiff_t>(first_option(op + 1));
    at(chosen_, op) = static_cast<std::int32_t>(std::min_element(begin, end) - begin);
  }
  return total;
}

}  // namespace optimizers
