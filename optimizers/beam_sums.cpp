#include <algorithm>

#include "optimizers/beam_search.h"

/// What BeamSearch knows of a state once another operator is placed, and what that is worth.
namespace optimizers {

namespace {

/// What a picosecond of transfers counts, made or to come, beside one of the bound.
constexpr double share_of_moves = 1.0 / 16;

/// Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

std::uint64_t hash_of(int number) {
  return mixed(static_cast<std::uint64_t>(number) + 1);
}

}  // namespace

BeamSearch::Sums BeamSearch::after(const State& state, int op, int device) {
  auto sums = state.sums;
  sent_.clear();
  sums.set ^= hash_of(op);
  if (device != sums.current) {
    sums.base = state.sums.set;
    if (at(state.used, device) == 0) sums.classes += mixed(hash_of(layout_.class_of(device)));
    if (rank_ == Rank::load && sums.current >= 0) {
      sums.open_load -= speed(sums.current) * at(state.load, sums.current);
      sums.open_speed -= speed(sums.current);
    }
    if (rank_ == Rank::load && at(state.used, device) != 0) {  // nothing else had room
      sums.open_load += speed(device) * at(state.load, device);
      sums.open_speed += speed(device);
    }
    sums.current = device;
  }
  const double work = time(op, device), arrival = receive(state, op, device, sums);
  sums.cost += layout_.cost(layout_.class_of(device), op);
  const double start =
      rank_ == Rank::end ? std::max(arrival, at(state.load, device)) : at(state.load, device);
  sums.load = start + work;
  sums.end = start + work * at(problem_.slots, device);
  sums.open_load += speed(device) * (sums.load - at(state.load, device));
  sums.left -= at(least_, op);
  sums.open_bytes += opened(state, op);
  sums.largest = std::max(sums.largest, rank_ == Rank::end ? sums.end + at(tail_, op) : sums.load);
  return sums;
}

/// Adds the transfers that the operator causes. The time when its inputs are there.
double BeamSearch::receive(const State& state, int op, int device, Sums& sums) {
  double last = 0;
  for (auto k = at(problem_.input_begin, op); k < at(problem_.input_begin, op + 1); ++k) {
    const auto tensor = at(problem_.input_tensor, k);
    const auto maker = at(problem_.producer, tensor);
    const int from = maker < 0 ? problem_.stream_with(tensor).source : state.spots[maker].device;
    const double made = maker < 0 ? 0 : static_cast<double>(state.spots[maker].end);
    const double bytes = at(bytes_, tensor);
    if (from != device && !is_there(state, tensor, device))
      add_transfer(state, from, device, bytes, sums);
    if (rank_ != Rank::end) continue;
    const auto latency = at(problem_.route_latency, from * problem_.devices + device);
    const double way =
        from == device ? 0 : layout_.transfer(from, device, bytes) + static_cast<double>(latency);
    last = std::max(last, made + way);
  }
  for (auto t = at(problem_.output_begin, op); t < at(problem_.output_begin, op + 1); ++t) {
    const int sink = problem_.stream_with(t).sink;
    if (at(problem_.is_output, t) != 0 && sink != device)
      add_transfer(state, device, sink, at(bytes_, t), sums);
  }
  return last;
}

void BeamSearch::add_transfer(const State& state, int from, int to, double bytes, Sums& sums) {
  sums.moved += layout_.transfer(from, to, bytes);
  if (rank_ == Rank::sum) sums.cost += layout_.transfer_cost(from, to, bytes);
  if (rank_ != Rank::load) return;
  const int route = from * problem_.devices + to;
  for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k) {
    const auto channel = at(problem_.route_channel, k);
    auto sent = std::find_if(sent_.begin(), sent_.end(),
                             [&](const auto& each) { return each.first == channel; });
    if (sent == sent_.end()) sent = sent_.insert(sent, {channel, at(state.channel, channel)});
    sent->second += bytes * at(per_byte_, channel);
    sums.largest = std::max(sums.largest, sent->second);
  }
}

/// Whether somebody on the device has read the tensor.
bool BeamSearch::is_there(const State& state, int tensor, int device) const {
  const auto begin = at(problem_.reader_begin, tensor);
  const auto end = std::min(at(problem_.reader_begin, tensor + 1), begin + most_readers);
  for (auto k = begin; k < end; ++k)
    if (state.spots[at(problem_.reader, k)].device == device) return true;
  return false;
}

/// Bytes that begin to wait for readers, less those that no longer do.
double BeamSearch::opened(const State& state, int op) const {
  double bytes = 0;
  for (auto t = at(problem_.output_begin, op); t < at(problem_.output_begin, op + 1); ++t)
    if (at(problem_.reader_begin, t) < at(problem_.reader_begin, t + 1)) bytes += at(bytes_, t);
  for (auto k = at(problem_.input_begin, op); k < at(problem_.input_begin, op + 1); ++k) {
    const auto tensor = at(problem_.input_tensor, k);
    const auto begin = at(problem_.reader_begin, tensor);
    const auto end = at(problem_.reader_begin, tensor + 1);
    if (at(problem_.producer, tensor) < 0 || end - begin > most_readers) continue;
    bool waits = false;
    for (auto r = begin; r < end && !waits; ++r) {
      const auto reader = at(problem_.reader, r);
      waits = reader != op && state.spots[reader].device < 0;
    }
    if (!waits) bytes -= at(bytes_, tensor);
  }
  return bytes;
}

double BeamSearch::rank(const Sums& sums) const {
  const bool is_last = placed_ + 1 == problem_.operators;
  if (rank_ == Rank::sum) return sums.cost + (is_last ? 0 : sums.left);
  if (is_last) return sums.largest;
  const double spread = margin_ * (sums.left + sums.open_load) / sums.open_speed;
  const double waiting = sums.open_bytes / layout_.best_bandwidth() * 1e12;
  const double moves = problem_.devices > 1 ? sums.moved + waiting : 0;
  return std::max(sums.largest, spread) + share_of_moves * moves;
}

std::uint64_t BeamSearch::key(const Sums& sums) const {
  if (rank_ != Rank::load) return mixed(sums.set + hash_of(sums.current));
  return mixed(sums.set + mixed(sums.base + mixed(sums.classes))) ^
         hash_of(layout_.class_of(sums.current));
}

}  // namespace optimizers
