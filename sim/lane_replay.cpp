#include "sim/lane_replay.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "models/error.h"

// AVX-512, AVX2 and portable code: others would bring nothing that these do not.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/lane_replay.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sim {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Steps through a request. `masked` members write only to the lanes that follow the base.
template <int lanes>
class Replay {
  using WholeTag = hn::CappedTag<std::int64_t, lanes>;
  using RealTag = hn::CappedTag<double, lanes>;

 public:
  explicit Replay(LaneRun<lanes>& run)
      : run_(run),
        base_(*run.base),
        state_(*run.state),
        problem_(base_.tables.problem),
        devices_(state_.devices.data()) {}

  HWY_ATTR void go() {
    begin();
    const auto words = base_.boundaries.size();
    for (std::size_t w = 0; w < words; ++w)
      for (auto bits = base_.boundaries[w] | run_.deviates[w]; bits != 0; bits &= bits - 1)
        visit(
            static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(bits))));
    for (std::uint32_t d = 0; d < base_.sequences.size(); ++d)
      catch_up(d, base_.sequences[d].count);
    if (run_.first) sum_up(static_cast<std::uint32_t>(base_.ops.size()));
  }

 private:
  HWY_ATTR void begin() {
    const WholeTag tag;
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      const auto admitted = hn::Load(tag, state_.arrival.at + v);
      hn::Store(admitted, tag, state_.sums.completed.at + v);
      for (auto& device : state_.devices)
        hn::Store(hn::Max(hn::Load(tag, device.free.at + v), admitted), tag, device.free.at + v);
    }
    std::fill(run_.index.begin(), run_.index.end(), 0);
    run_.term = {};
    run_.summed = 0;
  }

  HWY_ATTR void visit(std::uint32_t place) {
    const auto& op = base_.ops[place];
    const std::uint32_t others = run_.lanes_of[place];
    catch_up(op.device, op.index);
    if (others == 0) {
      perform<false>(op);
    } else {
      for (auto left = others; left != 0; left &= left - 1) {
        const auto lane = static_cast<std::size_t>(std::countr_zero(left));
        if (place == 0) break;  // the source
        const auto o = static_cast<std::size_t>(base_.tables.order[place - 1]);
        const std::uint32_t device = run_.device[lane][o];
        if (device != op.device) catch_up(device, base_.index_at(device, place));
      }
      activate(others);
      if (run_.first) {
        sum_up(place);
        sum_one(place);
      }
      perform<true>(op);
    }
    if (place > 0) run_.index[op.device] = op.index + 1;
    if (others != 0) run_.deviate(run_.whom, place, others);
  }

  /// All lanes but those given follow the base.
  HWY_ATTR void activate(std::uint32_t but) {
    alignas(64) static constexpr std::int64_t bit[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    const WholeTag tag;
    const auto others = hn::Set(tag, static_cast<std::int64_t>(but));
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      const auto follows = hn::Eq(hn::And(others, hn::Load(tag, bit + v)), hn::Zero(tag));
      hn::Store(hn::VecFromMask(tag, follows), tag, active_.at + v);
    }
    // A byte of ones for every bit.
    active_bytes_ = ~(((((but & 0x7fu) * 0x02040810204081ull) & 0x0101010101010101ull) |
                       std::uint64_t{but >> 7} << 56) *
                      0xff);
  }

  template <bool masked, class V>
  HWY_ATTR void put(V value, std::int64_t* to, std::size_t v) {
    const WholeTag tag;
    if (masked) {
      const auto active = hn::MaskFromVec(hn::Load(tag, active_.at + v));
      value = hn::IfThenElse(active, value, hn::Load(tag, to));
    }
    hn::Store(value, tag, to);
  }

  /// The local work of a device up to an index of its sequence.
  HWY_ATTR void catch_up(std::uint32_t d, std::uint32_t end) {
    const auto from = run_.index[d];
    if (from >= end) return;
    run_.index[d] = end;
    const WholeTag tag;
    const auto& sequence = base_.sequences[d];
    const auto& before = base_.before[sequence.sums + from];
    const auto& after = base_.before[sequence.sums + end];
    auto& device = devices_[d];
    const auto busy = hn::Set(tag, after.busy - before.busy);
    const auto first = sequence.first_of_precision;
    const bool pays = !run_.first && first >= from && first < end;
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      auto free = hn::Add(hn::Load(tag, device.free.at + v), busy);
      if (pays) free = hn::Add(free, hn::Load(tag, run_.first_switch[d].at + v));
      hn::Store(free, tag, device.free.at + v);
    }
    if (!run_.first) return;
    const auto up = hn::Set(tag, base_.rise(sequence, from, end));
    const auto net = hn::Set(tag, after.net - before.net);
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      const auto held = hn::Load(tag, device.held.at + v);
      const auto peak = hn::Load(tag, device.peak.at + v);
      hn::Store(hn::Max(peak, hn::Add(held, up)), tag, device.peak.at + v);
      hn::Store(hn::Add(held, net), tag, device.held.at + v);
    }
    const auto last = after.last_of_precision;
    if (last >= static_cast<std::int32_t>(from)) {
      set_last<false>(device, base_.precisions[sequence.first + static_cast<std::uint32_t>(last)]);
    }
  }

  template <bool masked>
  HWY_ATTR void set_last(typename WalkState<lanes>::Device& device, std::uint8_t precision) const {
    std::uint64_t all = precision * 0x0101010101010101ull;
    if (masked) {
      std::uint64_t old = 0;
      std::memcpy(&old, device.last.at, lanes);
      all = (all & active_bytes_) | (old & ~active_bytes_);
    }
    std::memcpy(device.last.at, &all, lanes);
  }

  /// One operator in the lanes that follow the base.
  template <bool masked>
  HWY_ATTR void perform(const LaneBase::Op& op) {
    const WholeTag tag;
    auto& device = devices_[op.device];
    const bool pays = !run_.first && op.precision != models::Totals::no_precision &&
                      base_.sequences[op.device].first_of_precision == op.index;
    if (op.first_task == op.end_task) {
      const auto busy = hn::Set(tag, op.busy);
      for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
        auto free = hn::Add(hn::Load(tag, device.free.at + v), busy);
        if (pays) free = hn::Add(free, hn::Load(tag, run_.first_switch[op.device].at + v));
        put<masked>(free, device.free.at + v, v);
      }
    } else {
      for (auto t = op.first_task; t < op.end_task; ++t) {
        const auto& task = base_.tasks[t];
        if (task.kind == LaneBase::Kind::transfer)
          transfer<masked>(task);
        else
          execute<masked>(task, op, pays);
      }
    }
    if (!run_.first) return;
    const auto up = hn::Set(tag, op.up), net = hn::Set(tag, op.net);
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      const auto held = hn::Load(tag, device.held.at + v);
      const auto peak = hn::Load(tag, device.peak.at + v);
      put<masked>(hn::Max(peak, hn::Add(held, up)), device.peak.at + v, v);
      put<masked>(hn::Add(held, net), device.held.at + v, v);
    }
    if (op.precision != models::Totals::no_precision) set_last<masked>(device, op.precision);
  }

  template <bool masked>
  HWY_ATTR void execute(const LaneBase::Task& task, const LaneBase::Op& op, bool pays) {
    const WholeTag tag;
    auto& device = devices_[op.device];
    auto* const slots = state_.slots.data();
    const bool runs = task.kind != LaneBase::Kind::copy;
    const bool switches = pays && task.kind == LaneBase::Kind::compute;
    const auto busy = hn::Set(tag, task.busy);
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      auto end = hn::Load(tag, state_.arrival.at + v);
      if (runs) {
        end = hn::Load(tag, device.free.at + v);
        for (auto i = task.first_in; i < task.end_in; ++i)
          end = hn::Max(end, hn::Load(tag, slots[base_.ins[i]].at + v));
        end = hn::Add(end, busy);
        if (switches) end = hn::Add(end, hn::Load(tag, run_.first_switch[op.device].at + v));
        put<masked>(end, device.free.at + v, v);
      }
      for (auto o = task.first_out; o < task.end_out; ++o)
        put<masked>(end, slots[base_.outs[o]].at + v, v);
      if (task.at_sink) complete<masked>(end, v);
    }
  }

  template <bool masked, class V>
  HWY_ATTR void complete(V end, std::size_t v) {
    const WholeTag tag;
    auto* const completed = state_.sums.completed.at + v;
    put<masked>(hn::Max(end, hn::Load(tag, completed)), completed, v);
  }

  /// How long the links of a route are held in each lane: rounded up as in models/units.h.
  template <class V>
  HWY_ATTR V duration(const LaneBase::Task& task, const std::int32_t* first,
                      const std::int32_t* end, std::size_t v) const {
    const WholeTag tag;
    if (!run_.widths_differ) return hn::Set(tag, task.busy);
    const RealTag reals;
    auto narrowest = hn::Set(reals, std::numeric_limits<double>::infinity());
    for (const auto* c = first; c < end; ++c) {
      const auto link =
          static_cast<std::size_t>(problem_.channel_link[static_cast<std::size_t>(*c)]);
      narrowest = hn::Min(narrowest, hn::Load(reals, state_.bandwidth[link].at + v));
    }
    const auto seconds = hn::Div(hn::Set(reals, static_cast<double>(task.bytes)), narrowest);
    const auto picoseconds = hn::Mul(seconds, hn::Set(reals, 1e12));
    const auto below = hn::ConvertTo(tag, picoseconds);
    const auto short_of = hn::Lt(hn::ConvertTo(reals, below), picoseconds);
    return hn::Add(below, hn::IfThenElseZero(hn::RebindMask(tag, short_of), hn::Set(tag, 1)));
  }

  template <bool masked>
  HWY_ATTR void transfer(const LaneBase::Task& task) {
    const WholeTag tag;
    using V = hn::Vec<WholeTag>;
    auto* const slots = state_.slots.data();
    auto* const channels = state_.channels.data();
    const auto* const all = problem_.route_channel.data();
    const auto* const first = all + problem_.route_begin[task.resource];
    const auto* const end = all + problem_.route_begin[task.resource + 1];
    const auto latency = hn::Set(tag, problem_.route_latency[task.resource]);
    auto& target = devices_[task.target];
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      const V held = duration<V>(task, first, end, v);
      auto start = hn::Load(tag, slots[base_.ins[task.first_in]].at + v);
      for (const auto* c = first; c < end; ++c)
        start = hn::Max(start, hn::Load(tag, channels[*c].free.at + v));
      const auto released = hn::Add(start, held);
      for (const auto* c = first; c < end; ++c) {
        auto& channel = channels[*c];
        put<masked>(released, channel.free.at + v, v);
        if (run_.first)
          put<masked>(hn::Add(hn::Load(tag, channel.work.at + v), held), channel.work.at + v, v);
      }
      const auto sent = hn::Add(released, latency);
      for (auto o = task.first_out; o < task.end_out; ++o)
        put<masked>(sent, slots[base_.outs[o]].at + v, v);
      if (task.at_sink) complete<masked>(sent, v);
      if (!run_.first) continue;
      auto* const arrivals = target.arrivals.at + v;
      put<masked>(hn::Add(hn::Load(tag, arrivals), hn::Set(tag, task.size)), arrivals, v);
      auto* const bytes = state_.sums.bytes.at + v;
      put<masked>(hn::Add(hn::Load(tag, bytes), hn::Set(tag, task.bytes)), bytes, v);
    }
  }

  /// Adds the terms before `place`, in their order, in all lanes.
  HWY_ATTR void sum_up(std::uint32_t place) {
    auto& sums = state_.sums;
    sum_values(base_.energy.data(), sums.compute_energy.at, place);
    if (run_.everything) {
      sum_values(base_.noise.data(), sums.noise.at, place);
      sum_terms(base_.converted, run_.term[0], sums.convert_energy.at, place);
      sum_terms(base_.carried, run_.term[2], sums.carried.at, place);
    }
    sum_terms(base_.sent, run_.term[1], sums.transfer_energy.at, place);
    run_.summed = place;
  }

  HWY_ATTR void sum_values(const double* values, double* sum, std::uint32_t place) const {
    const RealTag tag;
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      auto all = hn::Load(tag, sum + v);
      for (auto p = run_.summed; p < place; ++p) all = hn::Add(all, hn::Set(tag, values[p]));
      hn::Store(all, tag, sum + v);
    }
  }

  HWY_ATTR void sum_terms(const std::vector<LaneBase::Term>& terms, std::size_t& next, double* sum,
                          std::uint32_t place) const {
    const RealTag tag;
    for (; next < terms.size() && terms[next].place < place; ++next)
      for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag))
        hn::Store(hn::Add(hn::Load(tag, sum + v), hn::Set(tag, terms[next].value)), tag, sum + v);
  }

  /// The terms of one place, in the lanes that follow the base.
  HWY_ATTR void sum_one(std::uint32_t place) {
    auto& sums = state_.sums;
    add_active(sums.compute_energy.at, base_.energy[place]);
    if (run_.everything) {
      add_active(sums.noise.at, base_.noise[place]);
      active_terms(base_.converted, run_.term[0], sums.convert_energy.at, place);
      active_terms(base_.carried, run_.term[2], sums.carried.at, place);
    }
    active_terms(base_.sent, run_.term[1], sums.transfer_energy.at, place);
    run_.summed = place + 1;
  }

  HWY_ATTR void active_terms(const std::vector<LaneBase::Term>& terms, std::size_t& next,
                             double* sum, std::uint32_t place) const {
    for (; next < terms.size() && terms[next].place == place; ++next)
      add_active(sum, terms[next].value);
  }

  HWY_ATTR void add_active(double* sum, double value) const {
    const RealTag tag;
    const WholeTag wholes;
    for (std::size_t v = 0; v < lanes; v += hn::Lanes(tag)) {
      const auto active = hn::RebindMask(tag, hn::MaskFromVec(hn::Load(wholes, active_.at + v)));
      const auto old = hn::Load(tag, sum + v);
      hn::Store(hn::IfThenElse(active, hn::Add(old, hn::Set(tag, value)), old), tag, sum + v);
    }
  }

  LaneRun<lanes>& run_;
  const LaneBase& base_;
  WalkState<lanes>& state_;
  const models::Problem& problem_;
  typename WalkState<lanes>::Device* devices_;
  typename LaneRun<lanes>::Whole active_;  ///< all bits set in the lanes that follow the base
  std::uint64_t active_bytes_ = 0;
};

HWY_ATTR void replay_eight(LaneRun<8>& run) {
  Replay<8>(run).go();
}
HWY_ATTR void replay_two(LaneRun<2>& run) {
  Replay<2>(run).go();
}

}  // namespace HWY_NAMESPACE
}  // namespace sim
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sim {
namespace {

HWY_EXPORT(replay_eight);
HWY_EXPORT(replay_two);

/// What vector_targets lists, found before anything is restricted.
const std::vector<std::int64_t>& all_targets() {
  static const std::vector<std::int64_t> all = hwy::SupportedAndGeneratedTargets();
  return all;
}

std::int64_t target_named(std::string_view name) {
  std::string known;
  for (const auto target : all_targets()) {
    if (hwy::TargetName(target) == name) return target;
    known += (known.empty() ? "" : ", ") + std::string(hwy::TargetName(target));
  }
  throw models::InputError("there is no vector code '" + std::string(name) +
                           "' for this machine; there is: " + known);
}

struct Chosen {
  void (*eight)(LaneRun<8>&) = nullptr;
  void (*two)(LaneRun<2>&) = nullptr;
};

Chosen chosen_by(std::string_view name) {
  const auto target = name.empty() ? 0 : target_named(name);
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  return {&HWY_DYNAMIC_DISPATCH(replay_eight), &HWY_DYNAMIC_DISPATCH(replay_two)};
}

Chosen& chosen() {
  static Chosen the_one = [] {
    const char* const name = std::getenv("PARTWISE_VECTORS");
    return chosen_by(name ? name : "");
  }();
  return the_one;
}

}  // namespace

void replay_lanes(LaneRun<8>& run) {
  chosen().eight(run);
}

void replay_lanes(LaneRun<2>& run) {
  chosen().two(run);
}

std::vector<std::string_view> vector_targets() {
  std::vector<std::string_view> names;
  for (const auto target : all_targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

void use_vector_target(std::string_view name) {
  chosen() = chosen_by(name);
}

}  // namespace sim
#endif
