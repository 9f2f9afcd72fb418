#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/problem.h"
#include "optimizers/graph.h"

namespace optimizers {

/// What each operator and tensor costs at least, whatever the size of the batches it is executed
/// in: what bounds are made of.
class LeastCosts {
 public:
  explicit LeastCosts(const models::Problem& problem);

  const models::Problem& problem() const { return problem_; }

  // Per request, on average over the requests of all networks; infinite where the operator alone
  // does not fit into the device's memory.
  /// Picoseconds in a slot.
  double work(int op, const models::Problem::Option& option) const;
  double joules(int op, const models::Problem::Option& option) const;
  /// Of a tensor made in `format`, in the smallest format that it may travel in.
  double bytes(int tensor, int format) const;

  // Of one request or the smallest batch.
  /// Picoseconds from begin to end.
  double lasting(int op, const models::Problem::Option& option) const;
  double whole_bytes(int tensor, int format) const;

  /// Bytes that a device holds at least while it runs the operator: weights, inputs, outputs,
  /// workspace.
  double footprint(int op, const models::Problem::Option& option) const;

  /// Seconds per byte on the narrowest link of route [from x devices + to], with all lanes there
  /// are; 0 where a device keeps what it has.
  double narrowest_pace(int route) const { return at(narrowest_, route); }
  /// The same for a channel of it: a fifo transfer holds all its links equally long.
  double pace(int route, int channel) const;
  /// A network's part of all requests.
  double share(int stream) const { return at(share_, stream); }
  /// Devices compute at most so many times as fast as the problem says, because of events.
  double most_speed() const { return most_speed_; }

 private:
  void note_sizes();
  void note_paces();
  void note_what_fits();
  std::size_t index(int op, const models::Problem::Option& option) const {
    return problem_.cost_index(op, option.device, option.precision);
  }
  std::uint8_t fits(int op, const models::Problem::Option& option) const {
    return at(fits_, (op * problem_.devices + option.device) * problem_.compute_formats +
                         option.precision);
  }
  double stream_share(int op) const { return at(share_, at(stream_of_, op)); }

  const models::Problem& problem_;
  double most_speed_ = 1;
  std::vector<double> share_;                    ///< [stream]
  std::vector<std::int32_t> stream_of_;          ///< [operator]
  std::vector<std::uint8_t> fits_;               ///< [operator x device x compute format] alone
  std::vector<double> work_, lasting_, joules_;  ///< [cost index]
  std::vector<double> bytes_, whole_bytes_;      ///< [tensor x format], as they are in that format
  std::vector<double> channel_pace_;             ///< [channel] seconds per byte
  std::vector<double> narrowest_;                ///< [route]
};

/// The least sum of costs over all ways to place the operators, when of what travels only one
/// transfer per operator is counted, so that operators and transfers are a forest: then dynamic
/// programming along the order is exact (Viterbi). A lower bound of the same sum over the whole
/// graph.
class Forest {
 public:
  explicit Forest(const LeastCosts& costs);

  /// `of_option`: cost of an operator with an option, indexed as Problem::option plus first_option
  /// of the operator; `per_byte` [from x devices + to]. Remembers the choices of the least sum.
  double minimise(std::span<const double> of_option, std::span<const double> per_byte);

  /// Where the options of an operator start in `of_option`; after the last operator their number.
  std::size_t first_option(int op) const { return at(first_option_, op); }
  /// Option of an operator in the least sum, from 0.
  int chosen(int op) const { return at(chosen_, op); }
  /// Calls visit(from, to, bytes) for every transfer counted in the least sum.
  template <class Visit>
  void for_transfers(Visit visit) const;

  /// Additions that one minimise() takes.
  double effort() const;

 private:
  struct Link {
    std::int32_t tensor = -1;
    std::int32_t reader = -1;  ///< operator; -1: none counted
  };
  const models::Problem::Option& option(int op, int k) const {
    return problem_.options(op)[static_cast<std::size_t>(k)];
  }
  void send(int op, std::span<const double> per_byte);
  void add_ends(int op, std::span<const double> per_byte);

  const LeastCosts& costs_;
  const models::Problem& problem_;
  std::vector<std::size_t> first_option_;
  std::vector<Link> link_;  ///< [operator] the transfer counted of its results
  std::vector<std::vector<std::int32_t>> input_, output_;  ///< [operator] tensors counted from the
                                                           ///< source, and to the sink
  std::vector<double> sum_;         ///< [operator's option] of all that leads there
  std::vector<std::int32_t> best_;  ///< [operator x device of its reader] own option
  std::vector<std::int32_t> chosen_;
  std::vector<double> bytes_;        ///< [operator's option] of its counted transfer
  std::vector<double> input_bytes_;  ///< [tensor] of network inputs
  std::vector<double> scratch_;
};

template <class Visit>
void Forest::for_transfers(Visit visit) const {
  for (int op = 0; op < problem_.operators; ++op) {
    const int here = option(op, chosen(op)).device;
    for (const auto tensor : at(input_, op)) {
      const int source = problem_.stream_with(tensor).source;
      if (source != here) visit(source, here, at(input_bytes_, tensor));
    }
    for (const auto tensor : at(output_, op)) {
      const int sink = problem_.stream_with(tensor).sink;
      if (sink != here) visit(here, sink, costs_.bytes(tensor, option(op, chosen(op)).precision));
    }
    const auto& link = at(link_, op);
    if (link.reader < 0) continue;
    const int there = option(link.reader, chosen(link.reader)).device;
    if (there != here)
      visit(here, there, at(bytes_, first_option(op) + static_cast<std::size_t>(chosen(op))));
  }
}

}  // namespace optimizers
