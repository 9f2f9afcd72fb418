#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "optimizers/bounds/least_costs.h"

namespace optimizers {

/// The least sum of costs over all ways to place the operators, when of what travels only one
/// transfer per operator is counted, so that operators and transfers are a forest: then dynamic
/// programming along the order is exact (Viterbi). A lower bound of the same sum over the whole
/// graph.
class Forest {
 public:
  explicit Forest(const LeastCosts& costs);

  /// What things cost. Sizes as said, all zero at first.
  struct Prices {
    explicit Prices(const Forest& forest);
    std::vector<double> option;    ///< [first_option of an operator + its option] to run it so
    std::vector<double> per_byte;  ///< [from x devices + to] of every transfer
    // Beside that, what a second costs of the transfers on the way of a request. Whole
    // picoseconds of latency cost it too.
    std::vector<double> second_of;         ///< [operator] of its counted transfer
    std::vector<double> second_of_input;   ///< [tensor] from the source
    std::vector<double> second_of_output;  ///< [tensor] to the sink
  };

  /// Remembers the choices of the least sum.
  double minimise(const Prices& prices);

  /// Where the options of an operator start; after the last operator their number.
  std::size_t first_option(int op) const { return at(first_option_, op); }
  /// Option of an operator in the least sum, from 0.
  int chosen(int op) const { return at(chosen_, op); }
  const models::Problem::Option& option(int op) const { return option(op, chosen(op)); }

  /// The operator that is counted as the reader of a tensor; -1: none.
  int reader_of(int tensor) const { return at(reader_of_, tensor); }
  /// Seconds that the counted transfer of a tensor to a device takes in the least sum.
  double seconds(int tensor, int from, int to) const;
  /// Calls visit(from, to, bytes) for every transfer counted in the least sum.
  template <class Visit>
  void for_transfers(Visit visit) const;

  /// Additions that one minimise() takes.
  double effort() const;

 private:
  const models::Problem::Option& option(int op, int k) const {
    return problem_.options(op)[static_cast<std::size_t>(k)];
  }
  double travel(const Prices& prices, int from, int to, double bytes, double second) const;
  void send(int op, const Prices& prices);
  void add_ends(int op, const Prices& prices);
  int least_option(int op) const;

  const LeastCosts& costs_;
  const models::Problem& problem_;
  std::vector<std::size_t> first_option_;
  std::vector<std::int32_t> reader_of_;  ///< [tensor]
  std::vector<std::int32_t> sends_;      ///< [operator] its tensor whose transfer is counted, or -1
  std::vector<std::vector<std::int32_t>> input_, output_;  ///< [operator] tensors counted from the
                                                           ///< source, and to the sink
  std::vector<double> sum_;           ///< [operator's option] of all that leads there
  std::vector<std::int32_t> best_;    ///< [operator x device of its reader] own option
  std::vector<std::int32_t> chosen_;  ///< [operator]
  std::vector<double> bytes_;         ///< [operator's option] of its counted transfer
  std::vector<double> input_bytes_;   ///< [tensor] of network inputs
};

template <class Visit>
void Forest::for_transfers(Visit visit) const {
  for (int op = 0; op < problem_.operators; ++op) {
    const int here = option(op).device;
    for (const auto tensor : at(input_, op)) {
      const int source = problem_.stream_with(tensor).source;
      if (source != here) visit(source, here, at(input_bytes_, tensor));
    }
    for (const auto tensor : at(output_, op)) {
      const int sink = problem_.stream_with(tensor).sink;
      if (sink != here) visit(here, sink, costs_.bytes(tensor, option(op).precision));
    }
    if (at(sends_, op) < 0) continue;
    const int there = option(reader_of(at(sends_, op))).device;
    if (there != here)
      visit(here, there, at(bytes_, first_option(op) + static_cast<std::size_t>(chosen(op))));
  }
}

}  // namespace optimizers
