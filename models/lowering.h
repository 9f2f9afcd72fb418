#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/index.h"
#include "models/plan.h"
#include "models/problem.h"
#include "models/totals.h"
#include "models/units.h"

namespace models {

/// Turns a plan into what executing one request means, task by task in canonical order: conversions
/// and transfers of the network's inputs, then for every operator in rank order the conversions
/// made for it, itself, the conversions its wires need, and its transfers (docs/execution-model.md,
/// sections 2 and 5). Scores find the same tasks in one walk of their own (sim/walk.h).
///
/// What becomes of the tasks is the emitter's affair: TaskGraph records them. A task begins with
/// begin() and reads(), and is complete with one of the others; what those answer is handed to
/// readers:
/// - `Handle present()`: of a network input at the source
/// - `Begun begin()`, `void reads(Begun&, Handle)`: kept in registers
/// - `Handle compute(Begun, op, device, precision, is_free, busy)`: `busy` with the precision
/// switch
/// - `Handle convert(Begun, tensor, device, from, to, duration, energy)`
/// - `Handle transfer(Begun, tensor, from, to, route, format, bytes, duration, energy)`
/// - `void ends_at_sink(Handle)`: the request waits for it
///
/// Built again and again in place: after warming up nothing is allocated.
template <class Emitter>
class Lowering {
 public:
  using Handle = typename Emitter::Handle;

  Lowering(const Problem& problem, Emitter& emitter);

  /// Walks through what `plan`, which must pass check_plan, asks of one request of a network.
  void lower(const Plan& plan, int stream = 0);
  const Totals& totals() const { return totals_; }

 private:
  static constexpr std::int32_t nobody = std::numeric_limits<std::int32_t>::max();
  static constexpr std::uint8_t no_precision = Totals::no_precision;

  struct Instance {  ///< a tensor in one format on one device
    std::int64_t bytes = 0;
    Handle maker{};
    std::int32_t readers = 0;  ///< local tasks yet to read it; `kept` more if held to the end
    std::int32_t next = -1;    ///< the next conversion of the same tensor on the same device
    std::uint8_t format = 0;
  };
  /// Added to the readers of what is held to the end: sent away, for the sink, or unread.
  static constexpr std::int32_t kept = 1 << 30;
  struct Target {          ///< a device that needs a tensor made elsewhere, or a conversion
    std::int64_t key = 0;  ///< order at one place: rank above, output position below
    std::int32_t tensor = 0;
    std::int32_t device = 0;
    std::uint8_t format = 0;
  };
  struct Memory {  ///< of one device while walking through its tasks
    std::int64_t held = 0;
    std::int64_t peak = 0;
    std::int64_t arrivals = 0;
    std::int64_t sum = 0;  ///< of everything ever made: R under `ready` or with several slots
  };
  /// Where and in which format an operator runs, in one word: compared at once.
  using Home = std::uint32_t;
  static Home home(std::uint32_t device, std::uint32_t precision) {
    return device << 8 | precision;
  }

  struct OperatorRow {  ///< what the walk needs of one operator, side by side
    // Of the problem.
    std::uint32_t first_input = 0, end_input = 0, first_output = 0, end_output = 0;
    bool free = false;
    bool shares_weights = false;
    // Of the plan.
    bool converts = false;  ///< some input of its may need a conversion
    Home home = 0;
    std::int32_t position = 0;  ///< in the order
    std::int64_t busy = 0;      ///< picoseconds, with the precision switch before it
    std::int64_t workspace = 0;
  };
  // Tables of the problem, turned so that what follows each other in the walk is close in memory:
  // neighbours in the order mostly share device and format.
  struct CellCost {  ///< [kind of device x compute format x operator]
    std::int64_t duration = 0;
    double energy = 0;
    std::int64_t workspace = 0;
  };
  struct OnceCost {  ///< [compute format x operator]
    std::int64_t weights = 0;
    double noise = 0;
  };
  struct TensorRow {
    std::uint32_t first_reader = 0, reader_count = 0;
    bool fixed = false;
    bool plain = false;  ///< real-valued, read by someone, not for the sink
  };

  /// Of a tensor on a device where it is, as it was made there or came there; among instances_.
  std::size_t place(auto tensor, auto device) const {
    return at(places_[at(device) * at(problem_.tensors) + at(tensor)]);
  }
  Instance& add_place(auto tensor, auto device, const Instance& instance) {
    places_[at(device) * at(problem_.tensors) + at(tensor)] =
        static_cast<std::int32_t>(instances_.size());
    return instances_.emplace_back(instance);
  }
  std::size_t wire_of(auto tensor, auto device) const {
    return at(tensor) * at(problem_.devices) + at(device);
  }
  std::int64_t size_of(auto tensor, auto format) const {
    return sizes_[at(format) * at(problem_.tensors) + at(tensor)];
  }

  void reset(const Plan& plan, int stream);
  void add_up_operators();
  void add_operators();
  void add_converted(std::int32_t op);
  void convert_inputs(std::int32_t op, int device, std::uint8_t precision);
  bool add_product(std::int32_t tensor, int device, std::uint8_t made_in, Handle maker, bool input);
  bool add_product_of_one_reader(std::int32_t tensor, int device, std::uint8_t made_in,
                                 Handle maker);
  void send_products(int device);
  void add_wire_conversions(int device);
  void add_transfers(int device);
  void add_transfer(const Target& target, int device);
  std::int32_t find_instance(std::int32_t tensor, int device, std::uint8_t format) const;
  void add_conversion(std::int32_t tensor, int device, std::uint8_t format, bool keep);
  void note_wire_noise(const Target& target, int device);
  void hold_shared_weights(std::int32_t op, int device, std::uint8_t precision);
  void fail(bool of_operator, std::int32_t subject, int device, std::uint8_t format);
  void finish();
  template <class Visit>
  void for_readers(std::int32_t tensor, Visit visit) const;

  const Problem& problem_;
  Emitter& emitter_;
  const Plan* plan_ = nullptr;
  const Problem::Stream* stream_ = nullptr;
  std::span<const std::int32_t> order_;    ///< of the stream's operators
  std::vector<std::int32_t> order_store_;  ///< where there are several streams
  Totals totals_;
  double carried_noise_ = 0;  ///< of conversions and wires
  std::vector<OperatorRow> operator_rows_;
  std::vector<TensorRow> tensor_rows_;
  std::vector<CellCost> cells_;
  std::vector<OnceCost> once_;
  std::vector<std::int64_t> sizes_;  ///< [format x tensor] bytes

  // Scratch, sized once.
  std::vector<Instance> instances_;         ///< as they come to be
  std::vector<std::int32_t> places_;        ///< [device x tensor] of what this plan makes there
  std::vector<Memory> memory_;              ///< [device]
  std::vector<std::int32_t> first_reader_;  ///< [device] while looking at one tensor, or `nobody`
  std::vector<std::int32_t> touched_;       ///< devices with a first_reader_
  std::vector<Target> transfers_, conversions_;
  std::vector<std::uint8_t> weight_held_;  ///< [shared weight x device x compute format]
};

}  // namespace models

// The definitions, by what they are about.
#include "models/lowering_sending.h"  // IWYU pragma: export
#include "models/lowering_walk.h"     // IWYU pragma: export
