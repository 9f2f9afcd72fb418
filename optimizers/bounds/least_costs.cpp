#include "optimizers/bounds/least_costs.h"

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

}  // namespace optimizers
