#include "optimizers/plan_programme.h"

#include <algorithm>
#include <cmath>
#include <limits>

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
    work += least * picosecond;
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

/// The column of what travels to a target, paid for once however many read it there.
int PlanProgramme::transfer(int tensor, int option, int from, int to) {
  const auto [place, is_new] = transfer_.try_emplace({tensor, option, to}, 0);
  if (!is_new) return place->second;
  Way way{tensor, option, from, to, 0};
  const double price =
      bytes(way) * at(relaxation_.base.per_byte, from * problem_.devices + to) / worth_;
  way.column = programme_.add_column({price, 0, 1, false});
  transfers_.push_back(way);
  return place->second = way.column;
}

void PlanProgramme::add_transfers() {
  for (const auto& edge : edges_)
    for (const auto& way : edge.ways)
      if (way.from != way.to)
        at_least({{transfer(way.tensor, way.option, way.from, way.to), 1}, {way.column, -1}}, 0);
  const auto input = [&](int tensor, int source, int reader) {
    for (int k = 0; k < options_of(reader); ++k)
      if (const int to = option(reader, k).device; to != source)
        at_least({{transfer(tensor, 0, source, to), 1}, {option_column(reader, k), -1}}, 0);
  };
  const auto output = [&](int tensor, int maker, int sink) {
    for (int k = 0; k < options_of(maker); ++k)
      if (const int from = option(maker, k).device; from != sink)
        at_least({{transfer(tensor, k, from, sink), 1}, {option_column(maker, k), -1}}, 0);
  };
  for_ends(input, output);
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

}  // namespace optimizers
