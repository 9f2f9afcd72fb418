#include "optimizers/plan_programme.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "optimizers/graph.h"

namespace optimizers {

using models::Plan;
using models::Problem;
using Term = IntegerProgramme::Term;

namespace {

constexpr double infinite = IntegerProgramme::infinite;

/// Devices that options name, ascending, each once.
std::vector<int> devices_of(std::span<const Problem::Option> options) {
  std::vector<int> devices;
  for (const auto& option : options)
    if (devices.empty() || devices.back() != option.device) devices.push_back(option.device);
  return devices;
}

}  // namespace

double PlanProgramme::columns(const Problem& problem) {
  double sum = 0;
  for (int op = 0; op < problem.operators; ++op)
    sum += static_cast<double>(problem.options(op).size());
  for (int tensor = problem.inputs; tensor < problem.tensors; ++tensor) {
    const auto own = static_cast<double>(problem.options(at(problem.producer, tensor)).size());
    for (auto r = at(problem.reader_begin, tensor); r < at(problem.reader_begin, tensor + 1); ++r)
      sum +=
          2 * own * static_cast<double>(devices_of(problem.options(at(problem.reader, r))).size());
  }
  return sum;
}

PlanProgramme::PlanProgramme(MetricBounds& bounds, const Relaxation& relaxation)
    : relaxation_(relaxation),
      costs_(bounds.costs()),
      problem_(bounds.problem()),
      forest_(bounds.forest()) {
  for (const auto& term : relaxation.times.terms) {
    has_chains_ = has_chains_ || (term.weight > 0 && term.paths > 0);
    has_loads_ = has_loads_ || (term.weight > 0 && term.loads > 0);
  }
  set_units();
  add_options();
  add_edges();
  add_transfers();
  add_allowances();
  if (has_loads_) add_loads();
  if (has_chains_) add_chains();
  add_times();
}

/// Times and costs around 1, where the solver's tolerances are meant to be.
void PlanProgramme::set_units() {
  double work = 0;
  for (int op = 0; op < problem_.operators; ++op) {
    double least = std::numeric_limits<double>::infinity();
    for (const auto& option : problem_.options(op))
      least = std::min(least, costs_.work(op, option));
    work += least * 1e-12;
  }
  second_ = work > 0 && std::isfinite(work) ? work / 10 : 1;
  double cost = forest_.minimise(relaxation_.base);
  for (const auto& term : relaxation_.times.terms)
    cost += term.weight * std::max(term.paths, term.loads) * work;
  worth_ = cost > 0 && std::isfinite(cost) ? cost / 10 : 1;
}

bool PlanProgramme::is_out(std::size_t option) const {
  return !std::isfinite(relaxation_.base.option[option]) ||
         std::ranges::any_of(relaxation_.allowances, [&](const Allowance& allowance) {
           return !std::isfinite(allowance.use[option]);
         });
}

void PlanProgramme::add_options() {
  for (int op = 0; op < problem_.operators; ++op) {
    std::vector<Term> one;
    for (std::size_t k = 0; k < problem_.options(op).size(); ++k) {
      const auto index = forest_.first_option(op) + k;
      const bool out = is_out(index) || !std::isfinite(costs_.work(op, problem_.options(op)[k]));
      const double cost = out ? 0 : relaxation_.base.option[index] / worth_;
      one.push_back({programme_.add_column({cost, 0, out ? 0.0 : 1.0, true}), 1});
    }
    programme_.add_row(one, 1, 1);
  }
}

int PlanProgramme::format_of(const Way& way) const {
  const int maker = at(problem_.producer, way.tensor);
  return maker < 0 ? problem_.input_format : problem_.options(maker)[at(way.option)].precision;
}

double PlanProgramme::bytes(const Way& way) const {
  return costs_.bytes(way.tensor, format_of(way));
}

double PlanProgramme::seconds(int tensor, int format, int from, int to) const {
  if (from == to) return 0;
  const int route = from * problem_.devices + to;
  return (costs_.bytes(tensor, format) * costs_.narrowest_pace(route) +
          1e-12 * static_cast<double>(at(problem_.route_latency, route))) /
         second_;
}

void PlanProgramme::add_edges() {
  for (int tensor = problem_.inputs; tensor < problem_.tensors; ++tensor)
    for (auto r = at(problem_.reader_begin, tensor); r < at(problem_.reader_begin, tensor + 1); ++r)
      add_edge(tensor, at(problem_.producer, tensor), at(problem_.reader, r));
}

/// How much of the maker's option k goes to device b: rows add up to x[maker, k], columns to what
/// the reader has on b.
void PlanProgramme::add_edge(int tensor, int maker, int reader) {
  auto& edge = edges_.emplace_back(Edge{tensor, maker, reader, {}});
  const auto makers = problem_.options(maker);
  const auto readers = problem_.options(reader);
  const auto targets = devices_of(readers);
  for (std::size_t k = 0; k < makers.size(); ++k) {
    std::vector<Term> row = {{option_column(maker, static_cast<int>(k)), -1}};
    for (const int to : targets) {
      const int column = programme_.add_column({0, 0, 1, false});
      edge.ways.push_back({tensor, static_cast<int>(k), makers[k].device, to, column});
      row.push_back({column, 1});
    }
    programme_.add_row(row, 0, 0);
  }
  for (const int to : targets) {
    std::vector<Term> row;
    for (const auto& way : edge.ways)
      if (way.to == to) row.push_back({way.column, 1});
    for (std::size_t k = 0; k < readers.size(); ++k)
      if (readers[k].device == to) row.push_back({option_column(reader, static_cast<int>(k)), -1});
    programme_.add_row(row, 0, 0);
  }
}

void PlanProgramme::at_least(std::vector<Term> row, double low) {
  programme_.add_row(row, low, infinite);
}

/// What travels is paid for once per target, however many read it there.
void PlanProgramme::add_transfers() {
  std::map<std::tuple<int, int, int>, int> known;  // tensor, option, target: column
  const auto transfer = [&](int tensor, int option, int from, int to) -> int {
    const auto [place, is_new] = known.try_emplace({tensor, option, to}, 0);
    if (!is_new) return place->second;
    Way way{tensor, option, from, to, 0};
    const double price =
        bytes(way) * at(relaxation_.base.per_byte, from * problem_.devices + to) / worth_;
    way.column = programme_.add_column({price, 0, 1, false});
    transfers_.push_back(way);
    return place->second = way.column;
  };
  for (const auto& edge : edges_)
    for (const auto& way : edge.ways)
      if (way.from != way.to)
        at_least({{transfer(way.tensor, way.option, way.from, way.to), 1}, {way.column, -1}}, 0);
  for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
    const int maker = at(problem_.producer, tensor);
    if (maker < 0) {
      const int source = problem_.stream_with(tensor).source;
      for (auto r = at(problem_.reader_begin, tensor); r < at(problem_.reader_begin, tensor + 1);
           ++r) {
        const int reader = at(problem_.reader, r);
        const auto options = problem_.options(reader);
        for (std::size_t k = 0; k < options.size(); ++k)
          if (options[k].device != source)
            at_least({{transfer(tensor, 0, source, options[k].device), 1},
                      {option_column(reader, static_cast<int>(k)), -1}},
                     0);
      }
    } else if (at(problem_.is_output, tensor) != 0) {
      const int sink = problem_.stream_with(tensor).sink;
      const auto options = problem_.options(maker);
      for (std::size_t k = 0; k < options.size(); ++k)
        if (options[k].device != sink)
          at_least({{transfer(tensor, static_cast<int>(k), options[k].device, sink), 1},
                    {option_column(maker, static_cast<int>(k)), -1}},
                   0);
    }
  }
}

void PlanProgramme::add_allowances() {
  for (const auto& allowance : relaxation_.allowances) {
    std::vector<std::vector<Term>> rows(allowance.per_device ? at(problem_.devices) : 1);
    for (int op = 0; op < problem_.operators; ++op)
      for (std::size_t k = 0; k < problem_.options(op).size(); ++k) {
        const auto index = forest_.first_option(op) + k;
        const double use = allowance.use[index];
        if (use > 0 && !is_out(index))
          rows[allowance.per_device ? problem_.options(op)[k].device : 0].push_back(
              {option_column(op, static_cast<int>(k)), use});
      }
    for (const auto& row : rows)
      if (!row.empty()) programme_.add_row(row, -infinite, 1);
  }
}

void PlanProgramme::add_loads() {
  load_ = programme_.add_column({0, 0, infinite, false});
  std::vector<std::vector<Term>> rows(at(problem_.devices) + at(problem_.channels));
  for (int op = 0; op < problem_.operators; ++op)
    for (std::size_t k = 0; k < problem_.options(op).size(); ++k) {
      const auto& option = problem_.options(op)[k];
      const double work = costs_.work(op, option) * 1e-12 /
                          static_cast<double>(at(problem_.slots, option.device)) / second_;
      if (work > 0 && std::isfinite(work))
        rows[option.device].push_back({option_column(op, static_cast<int>(k)), -work});
    }
  for (const auto& way : transfers_) {
    const int route = way.from * problem_.devices + way.to;
    for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k) {
      const int channel = at(problem_.route_channel, k);
      const double work = bytes(way) * costs_.pace(route, channel) / second_;
      if (work > 0) at(rows, problem_.devices + channel).push_back({way.column, -work});
    }
  }
  for (auto& row : rows) {
    if (row.empty()) continue;
    row.push_back({load_, 1});
    at_least(row, 0);
  }
}

void PlanProgramme::add_chains() {
  chain_ = programme_.add_column({0, 0, infinite, false});
  const auto lasting = [&](int op) {
    std::vector<Term> row;
    for (std::size_t k = 0; k < problem_.options(op).size(); ++k) {
      const double takes = costs_.lasting(op, problem_.options(op)[k]) * 1e-12 / second_;
      if (takes > 0 && std::isfinite(takes))
        row.push_back({option_column(op, static_cast<int>(k)), -takes});
    }
    return row;
  };
  for (int op = 0; op < problem_.operators; ++op) {
    end_.push_back(programme_.add_column({0, 0, infinite, false}));
    auto row = lasting(op);
    row.push_back({end_.back(), 1});
    at_least(row, 0);
  }
  for (const auto& edge : edges_) {
    auto row = lasting(edge.reader);
    row.push_back({at(end_, edge.reader), 1});
    row.push_back({at(end_, edge.maker), -1});
    for (const auto& way : edge.ways)
      if (way.from != way.to)
        row.push_back({way.column, -seconds(way.tensor, format_of(way), way.from, way.to)});
    at_least(row, 0);
  }
  for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
    const int maker = at(problem_.producer, tensor);
    if (maker < 0) {
      const int source = problem_.stream_with(tensor).source;
      for (auto r = at(problem_.reader_begin, tensor); r < at(problem_.reader_begin, tensor + 1);
           ++r) {
        const int reader = at(problem_.reader, r);
        std::vector<Term> row = {{at(end_, reader), 1}};
        for (std::size_t k = 0; k < problem_.options(reader).size(); ++k) {
          const auto& option = problem_.options(reader)[k];
          const double takes = costs_.lasting(reader, option) * 1e-12 / second_ +
                               seconds(tensor, problem_.input_format, source, option.device);
          if (std::isfinite(takes))
            row.push_back({option_column(reader, static_cast<int>(k)), -takes});
        }
        at_least(row, 0);
      }
    } else if (at(problem_.is_output, tensor) != 0) {
      std::vector<Term> row = {{chain_, 1}, {at(end_, maker), -1}};
      for (std::size_t k = 0; k < problem_.options(maker).size(); ++k) {
        const auto& option = problem_.options(maker)[k];
        row.push_back(
            {option_column(maker, static_cast<int>(k)),
             -seconds(tensor, option.precision, option.device, problem_.stream_with(tensor).sink)});
      }
      at_least(row, 0);
    }
  }
}

void PlanProgramme::add_times() {
  for (const auto& term : relaxation_.times.terms) {
    time_.push_back(programme_.add_column({term.weight * second_ / worth_, 0, infinite, false}));
    if (term.weight > 0 && term.paths > 0) at_least({{time_.back(), 1}, {chain_, -term.paths}}, 0);
    if (term.weight > 0 && term.loads > 0) at_least({{time_.back(), 1}, {load_, -term.loads}}, 0);
  }
}

std::vector<double> PlanProgramme::solution(const Plan& plan) const {
  std::vector<double> values(programme_.columns.size(), 0);
  std::vector<int> chosen(at(problem_.operators), -1);
  for (int op = 0; op < problem_.operators; ++op) {
    const auto options = problem_.options(op);
    for (std::size_t k = 0; k < options.size(); ++k)
      if (options[k].device == at(plan.device, op) &&
          options[k].precision == at(plan.precision, op))
        at(chosen, op) = static_cast<int>(k);
    if (at(chosen, op) < 0) return {};
    const int column = option_column(op, at(chosen, op));
    if (at(programme_.columns, column).high == 0) return {};
    at(values, column) = 1;
  }
  for (const auto& edge : edges_)
    for (const auto& way : edge.ways)
      if (way.option == at(chosen, edge.maker) && way.to == at(plan.device, edge.reader))
        at(values, way.column) = 1;
  // Every other column stands in rows of the form "column >= sum of others"; they were added after
  // what they depend on, but for ends, whose rows follow the order of the operators.
  for (const auto& way : transfers_) {
    const int maker = at(problem_.producer, way.tensor);
    if (maker >= 0 && at(chosen, maker) != way.option) continue;
    const auto begin = at(problem_.reader_begin, way.tensor);
    const auto end = at(problem_.reader_begin, way.tensor + 1);
    bool read =
        at(problem_.is_output, way.tensor) != 0 && problem_.stream_with(way.tensor).sink == way.to;
    for (auto r = begin; r < end; ++r)
      read = read || at(plan.device, at(problem_.reader, r)) == way.to;
    if (read) at(values, way.column) = 1;
  }
  const auto first_time = std::min({load_ < 0 ? 1 << 30 : load_, chain_ < 0 ? 1 << 30 : chain_,
                                    time_.empty() ? 1 << 30 : time_.front()});
  for (int pass = 0; pass < 3; ++pass)
    for (std::size_t row = 0; row < programme_.row_low.size(); ++row) {
      int raised = -1;
      double sum = 0;
      for (auto t = programme_.row_begin[row]; t < programme_.row_begin[row + 1]; ++t) {
        const auto& term = at(programme_.terms, t);
        if (term.factor == 1 && term.column >= first_time)
          raised = term.column;
        else
          sum -= term.factor * at(values, term.column);
      }
      if (raised >= 0) at(values, raised) = std::max(at(values, raised), sum);
    }
  return values;
}

void PlanProgramme::choose(std::span<const double> values, Plan& plan) const {
  for (int op = 0; op < problem_.operators; ++op) {
    int best = 0;
    for (int k = 1; k < static_cast<int>(problem_.options(op).size()); ++k)
      if (at(values, option_column(op, k)) > at(values, option_column(op, best))) best = k;
    at(plan.device, op) = problem_.options(op)[at(best)].device;
    at(plan.precision, op) = problem_.options(op)[at(best)].precision;
  }
  for (int link = 0; link < problem_.links; ++link)
    at(plan.lanes, link) =
        static_cast<std::uint16_t>(at(problem_.lane_option, at(problem_.lane_begin, link + 1) - 1));
  for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
    const int maker = at(problem_.producer, tensor);
    const int made = maker < 0 ? problem_.input_format : at(plan.precision, maker);
    const auto row = at(tensor) * at(problem_.formats);
    auto format = Plan::as_produced;
    auto fewest = problem_.bytes[row + at(made)];
    for (const auto wire : problem_.wire_option)
      if (wire != Plan::as_produced && problem_.bytes[row + wire] < fewest) {
        format = wire;
        fewest = problem_.bytes[row + wire];
      }
    for (int to = 0; to < problem_.devices; ++to)
      at(plan.wire, tensor * problem_.devices + to) =
          at(problem_.is_fixed, tensor) == 0 && travels(problem_, plan, tensor, to)
              ? format
              : Plan::as_produced;
  }
}

}  // namespace optimizers
