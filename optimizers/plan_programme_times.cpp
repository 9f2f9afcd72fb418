#include <cmath>

#include "optimizers/plan_programme.h"

/// The rows of PlanProgramme that say how long things take.
namespace optimizers {

using Term = IntegerProgramme::Term;

namespace {

constexpr double infinite = IntegerProgramme::infinite;

}  // namespace

double PlanProgramme::seconds(int tensor, int format, int from, int to) const {
  if (from == to) return 0;
  return costs_.travel(from * problem_.devices + to, costs_.bytes(tensor, format)) / second_;
}

void PlanProgramme::add_loads() {
  load_ = programme_.add_column({0, 0, infinite, false});
  std::vector<std::vector<Term>> rows(at(problem_.devices) + at(problem_.channels));
  for (int op = 0; op < problem_.operators; ++op)
    for (std::size_t k = 0; k < problem_.options(op).size(); ++k) {
      const auto& option = problem_.options(op)[k];
      const double work = costs_.work(op, option) * picosecond /
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

double PlanProgramme::lasting(int op, int k) const {
  return costs_.lasting(op, option(op, k)) * picosecond / second_;
}

/// A row that says of something that it lasts at least as long as the operator.
std::vector<Term> PlanProgramme::lasting_row(int op) const {
  std::vector<Term> row;
  for (int k = 0; k < options_of(op); ++k)
    if (const double takes = lasting(op, k); takes > 0 && std::isfinite(takes))
      row.push_back({option_column(op, k), -takes});
  return row;
}

/// Operators end after they have run, and after their makers and what travels between them.
void PlanProgramme::add_ends() {
  for (int op = 0; op < problem_.operators; ++op) {
    end_.push_back(programme_.add_column({0, 0, infinite, false}));
    auto row = lasting_row(op);
    row.push_back({end_.back(), 1});
    at_least(row, 0);
  }
  for (const auto& edge : edges_) {
    auto row = lasting_row(edge.reader);
    row.push_back({at(end_, edge.reader), 1});
    row.push_back({at(end_, edge.maker), -1});
    for (const auto& way : edge.ways)
      if (way.from != way.to)
        row.push_back({way.column, -seconds(way.tensor, format_of(way), way.from, way.to)});
    at_least(row, 0);
  }
}

void PlanProgramme::add_chains() {
  chain_ = programme_.add_column({0, 0, infinite, false});
  add_ends();
  const auto input = [&](int tensor, int source, int reader) {
    std::vector<Term> row = {{at(end_, reader), 1}};
    for (int k = 0; k < options_of(reader); ++k) {
      const int to = option(reader, k).device;
      const double takes = lasting(reader, k) + seconds(tensor, problem_.input_format, source, to);
      if (std::isfinite(takes)) row.push_back({option_column(reader, k), -takes});
    }
    at_least(row, 0);
  };
  const auto output = [&](int tensor, int maker, int sink) {
    std::vector<Term> row = {{chain_, 1}, {at(end_, maker), -1}};
    for (int k = 0; k < options_of(maker); ++k) {
      const auto& own = option(maker, k);
      row.push_back({option_column(maker, k), -seconds(tensor, own.precision, own.device, sink)});
    }
    at_least(row, 0);
  };
  for_ends(input, output);
}

void PlanProgramme::add_times() {
  for (const auto& term : relaxation_.times.terms) {
    time_.push_back(programme_.add_column({term.weight * second_ / worth_, 0, infinite, false}));
    if (term.weight > 0 && term.paths > 0) at_least({{time_.back(), 1}, {chain_, -term.paths}}, 0);
    if (term.weight > 0 && term.loads > 0) at_least({{time_.back(), 1}, {load_, -term.loads}}, 0);
  }
}

}  // namespace optimizers
