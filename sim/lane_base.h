#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/plan.h"
#include "sim/walk.h"

namespace sim {

/// A base plan taken apart, so that plans that differ from it in little need no walk of their own.
///
/// Between two tasks that wait for another device, a device with one slot works without a pause:
/// what its tasks read is made by itself and present. Such a run of operators is the sum of its
/// durations, and its memory a change and a peak; only the *boundary* operators, which read what
/// arrives, send something, or end at the sink, are kept as tasks. Places count what precedes the
/// first operator as 0, and the operator at position k as k + 1.
class LaneBase {
 public:
  explicit LaneBase(const WalkTables& tables);

  /// The tables must follow the order of the plan.
  void compile(const models::Plan& plan);

  using Kind = WalkLog::Kind;
  struct Task {  ///< of a boundary operator
    std::int64_t busy = 0;
    std::int64_t bytes = 0;                    ///< of a transfer, in whole packets
    std::int64_t size = 0;                     ///< of a transfer, as it is held at its target
    std::uint32_t first_in = 0, end_in = 0;    ///< into ins: what arrives, or is at hand
    std::uint32_t first_out = 0, end_out = 0;  ///< into outs: arrivals, or what is at hand
    std::uint32_t resource = 0;                ///< device, or route of a transfer
    std::uint32_t target = 0;                  ///< device that a transfer goes to
    Kind kind = Kind::copy;
    bool at_sink = false;
  };
  struct Op {
    std::uint32_t device = 0;
    std::uint32_t index = 0;                     ///< in the device's sequence
    std::uint32_t first_task = 0, end_task = 0;  ///< none: no boundary
    std::int64_t busy = 0;                       ///< of all its tasks on the device
    std::int64_t work = 0;                       ///< the same without a precision switch
    std::int64_t up = 0;   ///< the most its device holds meanwhile, above what it held before
    std::int64_t net = 0;  ///< how much more its device holds afterwards
    std::uint8_t precision = models::Totals::no_precision;  ///< that takes part in switching
    bool switched = false;
  };
  struct Sequence {           ///< what a device executes; its entries lie in the arrays below
    std::uint32_t first = 0;  ///< into places
    std::uint32_t sums = 0;   ///< into before, which has one entry more
    std::uint32_t count = 0;
    std::uint32_t first_of_precision = 0xffffffff;  ///< index of the first that can switch
  };
  struct Before {  ///< what the first so many of a sequence add up to
    std::int64_t busy = 0;
    std::int64_t net = 0;
    std::int32_t last_of_precision = -1;  ///< index of the last that can switch
  };
  struct Term {  ///< of a sum in canonical order
    std::uint32_t place = 0;
    double value = 0;
  };

  /// How far into the sequence of a device its operators before `place` reach.
  std::uint32_t index_at(std::uint32_t device, std::uint32_t place) const;
  /// The most held while the operators [from, end) of a sequence run, above what was held before.
  std::int64_t rise(const Sequence& sequence, std::uint32_t from, std::uint32_t end) const;

  /// Of the whole plan when its walk has ended: work, weights, switches.
  const WalkState<1>& state() const { return walk_.state; }

  const WalkTables& tables;
  bool supported = true;
  std::vector<Op> ops;  ///< [place]
  std::vector<Task> tasks;
  std::vector<std::uint32_t> ins, outs;
  std::vector<std::uint64_t> boundaries;  ///< a bit per place
  std::vector<Sequence> sequences;        ///< [device]
  std::vector<std::uint32_t> places;
  std::vector<Before> before;
  std::vector<std::uint8_t> precisions;  ///< [as places]
  std::vector<double> energy, noise;     ///< [place] of operators
  std::vector<Term> converted, sent, carried;
  std::vector<std::int64_t> give;  ///< [edge] as its reader finds it, see Walk

 private:
  void list_op(std::uint32_t place, std::uint32_t device, std::size_t first_task);
  void list_task(std::size_t number);
  void list_sequences();

  Walk<true, 1> walk_;
  WalkLog log_;
  std::vector<std::uint8_t> from_afar_;         ///< [edge] fed by a transfer
  std::vector<std::uint8_t> listed_from_afar_;  ///< the same while listing the tasks of an operator
  std::vector<std::vector<std::int64_t>> most_;  ///< [level][as places]: of 2^level entries
};

}  // namespace sim
