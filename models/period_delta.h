#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/index.h"
#include "models/pile.h"
#include "models/plan.h"
#include "models/problem.h"
#include "models/score.h"
#include "models/units.h"

namespace models {

/// The largest load of a device or link direction under one plan, kept up to date change by change:
/// what Score::period_bound and Score::bottleneck would be. A change costs as much as the tensors
/// it touches have readers, plus one look at every load; a link's width costs one look at every
/// tensor, a change of rank as much as it is far. Exact for one network without batches, see
/// is_exact(); else it counts every network's requests alike and is a guide. Nothing is allocated
/// after the first plan.
class PeriodDelta {
 public:
  struct Bound {
    Time period{};
    Resource bottleneck;
    friend bool operator==(const Bound&, const Bound&) = default;
  };

  static bool is_exact(const Problem& problem) {
    return problem.streams.size() == 1 && problem.batched.empty();
  }

  /// The problem must outlive this.
  explicit PeriodDelta(const Problem& problem);

  /// Starts from `plan`, which must pass check_plan. Costs a look at everything.
  void start(const Plan& plan);

  /// Of the plan as it is now.
  Bound bound() const;

  /// Work per request and slot of a device, or, from number `devices` on, of a channel.
  std::int64_t load(int resource) const { return loads_[at(resource)].per_slot; }
  int resources() const { return static_cast<int>(loads_.size()); }
  /// Where the plan as it is now has the operator.
  int device(std::int32_t op) const { return static_cast<int>(rows_[at(op)].home >> 8); }
  int precision(std::int32_t op) const { return static_cast<int>(rows_[at(op)].home & 255); }

  /// A load that a change has touched, and what it was before; one load may come up several times.
  struct Step {
    std::size_t resource = 0;
    std::int64_t work = 0, load = 0;
  };
  /// Of the last change, in order.
  std::span<const Step> last_steps() const { return last_.items(); }

  /// Makes the change. The next change forgets how to take it back.
  void make(const Change& change);
  /// The same for an operator's device and precision together.
  void make_move(std::int32_t op, int device, int precision);
  /// Takes the last change back.
  void take_back();

  /// What the change would lead to; the plan stays as it is.
  Bound after(const Change& change) {
    make(change);
    const auto result = bound();
    take_back();
    return result;
  }
  Bound after_move(std::int32_t op, int device, int precision) {
    make_move(op, device, precision);
    const auto result = bound();
    take_back();
    return result;
  }

 private:
  /// Device and precision in one word, compared at once.
  using Home = std::uint32_t;
  static Home home(std::uint32_t device, std::uint32_t precision) {
    return device << 8 | precision;
  }
  struct Row {  ///< of one operator
    Home home = 0;
    std::int32_t position = 0;                      ///< in the order
    std::int32_t first_tensor = 0, end_tensor = 0;  ///< into touched_by_: those it reads and makes
    bool counts_switches = false;
  };
  struct Tensor {
    std::int32_t producer = -1;
    std::int32_t first_reader = 0, end_reader = 0;
    bool fixed = false;
    bool inner = false;  ///< made by an operator, not for the sink
    bool plain = false;  ///< one reader, made by an operator, not for the sink
  };
  struct Load {
    std::int64_t work = 0;      ///< picoseconds
    std::int64_t per_slot = 0;  ///< the same divided by the slots
    std::int64_t slots = 1;
  };
  void add(std::size_t resource, std::int64_t work) {
    auto& load = loads_[resource];
    last_.push_back({resource, load.work, load.per_slot});
    load.work += work;
    load.per_slot = load.slots > 1 ? load.work / load.slots : load.work;
  }
  /// Whether nothing is converted or sent of the tensor: all who read it do so where it is made.
  bool stays(std::int32_t tensor) const {
    const auto& row = tensors_[at(tensor)];
    if (!row.inner) return false;
    const auto made_at = rows_[at(row.producer)].home;
    for (auto r = row.first_reader; r < row.end_reader; ++r)
      if (rows_[at(problem_.reader[at(r)])].home != made_at) return false;
    return true;
  }
  void move(std::int32_t op, Home to);
  void add_operator(std::int32_t op, int sign);
  void add_switches(std::int32_t op, int sign);
  void add_tensor(std::int32_t tensor, std::int64_t sign);
  void add_plain(std::int32_t tensor, Home from, Home to, std::int64_t sign);
  void add_transfer(std::int32_t tensor, int from, int to, int format, std::int64_t sign);
  std::int64_t held(std::size_t route, std::int64_t bytes);
  void add_conversions(std::int32_t tensor, int device, int from, std::uint64_t to,
                       std::int64_t sign);
  void set_bandwidth(std::int32_t link, int lanes);
  void move_rank(std::int32_t from, std::int32_t to);
  void set_lanes(std::int32_t link, int lanes);
  std::uint8_t precision_before(int device, std::int32_t position) const;
  std::uint8_t precision_behind(int device, std::int32_t position) const;
  void place(std::int32_t op, bool present);

  const Problem& problem_;
  bool strict_ = true;
  bool switches_ = false;  ///< a change of precision can take time
  std::size_t words_ = 0;  ///< of a set of positions
  std::vector<Row> rows_;
  std::vector<Tensor> tensors_;
  std::vector<std::int32_t> touched_by_;
  std::vector<std::int32_t> order_;
  std::vector<std::uint8_t> wire_;
  std::vector<std::uint16_t> lanes_;
  struct Held {
    std::int64_t bytes = -1;
    std::int64_t duration = 0;
  };
  std::vector<Held> held_;             ///< [route] the last transfer; on small platforms only
  std::vector<double> bandwidth_;      ///< [channel]
  std::vector<Load> loads_;            ///< [device, then channel]
  std::vector<std::uint64_t> placed_;  ///< [device x word] positions of operators that can switch

  Change undo_;  ///< of a wire or a width
  std::int32_t moved_ = -1;
  Home moved_from_ = 0;
  Pile<Step> last_;

  std::vector<std::uint64_t> formats_at_;  ///< [device] while looking at one tensor
  std::vector<std::uint8_t> is_target_;    ///< [device]
  Pile<int> targets_;
};

}  // namespace models
