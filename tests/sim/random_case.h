#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include "models/problem.h"
#include "models/random.h"

/// Small random problems with plans, full of ties: what the engines and the reference are run on.
namespace random_case {

/// What kinds of case are wanted.
struct Wanted {
  enum class Links { fifo, fair, mixed } links = Links::fifo;
  models::Plan::Discipline discipline = models::Plan::Discipline::strict;
  bool stream = true;        ///< several requests
  bool jitter = true;        ///< sometimes
  bool closed = true;        ///< arrivals may depend on completions
  bool tight = true;         ///< memory is sometimes so small that requests wait for admission
  bool whole_bytes = false;  ///< every byte takes a whole number of picoseconds on every channel
  int operators = 14;        ///< at most
};

struct Case {
  std::uint64_t seed = 0;
  models::Network network;
  models::Platform platform;
  models::Workload workload;
  models::Choices choices;
  std::shared_ptr<const models::Problem> problem;
  models::Plan plan;
};

template <class T>
T one_of(models::Random& random, std::initializer_list<T> values) {
  return values.begin()[random.below(static_cast<std::int64_t>(values.size()))];
}

models::Network random_network(models::Random& random, int most_operators);
models::Platform random_platform(models::Random& random, const Wanted& wanted);
models::Workload random_workload(models::Random& random, const models::Platform& platform,
                                 const Wanted& wanted);
models::Plan random_plan(models::Random& random, const models::Problem& problem);

/// The same for the same seed, on every machine.
Case make(std::uint64_t seed, const Wanted& wanted);

/// Compiles, then puts durations, energies and workspaces from few values in the place of those
/// that the cost models gave: they depend on names alone, so renumbering keeps them.
std::shared_ptr<models::Problem> compiled(const Case& from);

/// The same case with operators, devices and links in another order, ranks travelling along.
Case renumbered(const Case& from, models::Random& random);

/// A case in words, to see what failed.
std::string description(const Case& what);

}  // namespace random_case
