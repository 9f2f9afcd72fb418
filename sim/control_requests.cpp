// Requests from arrival to completion: batches, admission.
#include <algorithm>
#include <functional>

#include "models/index.h"
#include "sim/control.h"

namespace sim {

using models::at;
using Phase = Activity::Phase;
using Special = Activity::Special;

void Control::start_arrivals() {
  for (std::size_t s = 0; s < streams_.size(); ++s)
    kernel_->timer(streams_[s].closed ? 0 : streams_[s].due,
                   Activity::of(Special::arrival, static_cast<int>(s)));
  event_times_left_.clear();
  for (std::size_t e = 0; e < job_->steps.size(); ++e) {
    event_times_left_.push_back(job_->steps[e].times);
    kernel_->timer(job_->steps[e].at, Activity::of(Special::event, static_cast<int>(e)));
  }
}

/// The arrivals of this instant. Answers whether there were any.
bool Control::arrive(int index) {
  auto& stream = streams_[at(index)];
  const auto total = stream.asked->workload->requests;
  const auto before = stream.arrived;
  for (; stream.burst > 0; --stream.burst) take_request(index);
  if (stream.closed) {
    while (stream.regular < total &&
           stream.arrived - stream.completed < stream.asked->workload->in_flight) {
      ++stream.regular;
      take_request(index);
    }
  } else {
    const auto regular = stream.regular;
    while (stream.regular < total && stream.due <= now_) {
      ++stream.regular;
      take_request(index);
      if (stream.regular < total) stream.due = stream.next_arrival();
    }
    if (stream.regular > regular && stream.regular < total)
      kernel_->timer(stream.due, Activity::of(Special::arrival, index));
  }
  const bool batches = stream.batch > 1 && form_batches(index, false);
  return stream.arrived > before || batches;
}

void Control::take_request(int index) {
  auto& stream = streams_[at(index)];
  const auto number = stream.arrived++;
  ++events_;
  if (number == 0) {
    std::int64_t others = 0;
    for (const auto& each : streams_) others += each.arrived;
    if (others == 1) first_arrival();
  }
  if (observer_) observer_->arrived(now_, index, number);
  if (stream.batch == 1) {
    form(index, number, 1, now_);
    return;
  }
  stream.note_arrival(number, now_);
  if (stream.gathered++ == 0) {
    stream.gathering_since = now_;
    wait_for_more(index);
  }
  if (stream.gathered == stream.batch) form_batches(index, false);
}

/// Power is counted from here on.
void Control::first_arrival() {
  tally_->first_arrival = now_;
  for (auto& link : links_) link.powered_since = now_;
  std::ranges::fill(tally_->lane_time, 0);
}

/// One timer per network: if it ends too early for what is gathered then, it is set again.
void Control::wait_for_more(int index) {
  auto& stream = streams_[at(index)];
  const auto wait = stream.asked->workload->batch_wait.count();
  if (wait == 0 || stream.gathered == 0 || stream.timed) return;
  stream.timed = true;
  kernel_->timer(stream.gathering_since + wait, Activity::of(Special::batch, index));
}

void Control::waited_for_more(int index) {
  auto& stream = streams_[at(index)];
  stream.timed = false;
  form_batches(index, true);
  wait_for_more(index);
}

/// Batches that are full, have waited long enough, or cannot grow: nothing arrives any more, or
/// nothing before they complete. Bursts to come are not waited for.
bool Control::form_batches(int index, bool waited) {
  auto& stream = streams_[at(index)];
  const auto before = stream.formed;
  const auto& workload = *stream.asked->workload;
  while (stream.gathered > 0) {
    const bool full = stream.gathered >= stream.batch;
    const bool late = waited && workload.batch_wait.count() > 0 &&
                      now_ - stream.gathering_since >= workload.batch_wait.count();
    const bool last = stream.regular == workload.requests;
    const bool alone = stream.closed && stream.arrived - stream.completed == stream.gathered &&
                       stream.gathered >= workload.in_flight;
    if (!full && !late && !last && !alone) break;
    const auto members = std::min(stream.gathered, stream.batch);
    const auto number = stream.arrived - stream.gathered;
    stream.gathered -= members;
    form(index, number, static_cast<std::int32_t>(members), stream.arrival_of(number));
    if (stream.gathered > 0) stream.gathering_since = stream.arrival_of(number + members);
  }
  return stream.formed > before;
}

/// Gives a request or a batch its place in the order of everything.
void Control::form(int index, std::int64_t number, std::int32_t members, std::int64_t arrival) {
  auto& stream = streams_[at(index)];
  const auto serial = formed_++;
  if (formed_ - oldest_ > static_cast<std::int64_t>(flights_.size())) {
    std::vector<Flight> wider(flights_.size() * 2);
    for (auto r = oldest_; r < serial; ++r) wider[at(r) & (wider.size() - 1)] = flight_of(r);
    flights_.swap(wider);
    flight_mask_ = flights_.size() - 1;
  }
  flight_of(serial) = {.arrival = arrival, .number = number, .stream = index, .members = members};
  if (!plain_) {
    stream.note_serial(serial);
    waiting_.push_back(Activity::of(stream.priority, serial, 0, Phase::work).code);
    std::ranges::push_heap(waiting_, std::greater{});
  }
  ++stream.formed;
  if (observer_) observer_->formed(now_, serial, index, number, members);
}

bool Control::fits(const Flight& flight) const {
  if (admitted_ == completed_) return true;  // otherwise it could never run
  const auto devices = job_->devices();
  const auto* const needs =
      stream_of(flight).asked->needs.data() + at(flight.members - 1) * devices;
  for (std::size_t d = 0; d < devices; ++d)
    if (job_->weights[d] + held_[d] + needs[d] > job_->capacity[d]) return false;
  return true;
}

void Control::hold_memory(const Flight& flight, int sign) {
  const auto devices = job_->devices();
  const auto* const needs =
      stream_of(flight).asked->needs.data() + at(flight.members - 1) * devices;
  for (std::size_t d = 0; d < devices; ++d) held_[d] += sign * needs[d];
}

bool Control::admit_waiting() {
  const auto before = admitted_;
  if (plain_) {
    while (admitted_ < formed_ && admitted_ - completed_ < admission_limit_) admit(admitted_);
    return admitted_ > before;
  }
  while (!waiting_.empty()) {
    const auto serial = Activity{waiting_.front()}.serial();
    if (!fits(flight_of(serial))) break;
    std::ranges::pop_heap(waiting_, std::greater{});
    waiting_.pop_back();
    admit(serial);
  }
  return admitted_ > before;
}

void Control::admit(std::int64_t serial) {
  auto& flight = flight_of(serial);
  auto& stream = stream_of(flight);
  ++admitted_;
  ++stream.admitted;
  flight.pool_slot = stream.open_pool();
  flight.finals_left = static_cast<std::int32_t>(stream.asked->finals.size());
  if (!plain_) hold_memory(flight, 1);
  ++events_;
  if (observer_) observer_->admitted(now_, serial);
  for (const auto root : stream.roots)
    become_ready(flight, Activity::of(stream.priority, serial, root, Phase::work));
  if (flight.finals_left == 0) finish(serial, flight);
}

/// The request is complete: it gives its memory back, and in a closed workload the next one
/// arrives.
void Control::finish(std::int64_t serial, Flight& flight) {
  auto& stream = stream_of(flight);
  if (!plain_) hold_memory(flight, -1);
  stream.pool_free.push_back(flight.pool_slot);
  flight.pool_slot = Flight::done;
  for (auto m = flight.number; m < flight.number + flight.members; ++m) {
    const auto arrival = stream.batch == 1 ? flight.arrival : stream.arrival_of(m);
    tally_->complete(at(flight.stream), m, now_ - arrival, now_);
  }
  ++tally_->streams[at(flight.stream)].executed[at(flight.members - 1)];
  tally_->last_event = now_;
  stream.completed += flight.members;
  ++completed_;
  ++events_;
  if (!plain_) advance_oldest(stream);
  while (oldest_ < formed_ && flight_of(oldest_).pool_slot == Flight::done) ++oldest_;
  if (observer_) observer_->completed(now_, serial);
}

void Control::advance_oldest(StreamState& stream) {
  for (; stream.oldest < stream.formed; ++stream.oldest) {
    const auto& flight = flight_of(stream.serial_of(stream.oldest));
    if (flight.pool_slot != Flight::done) return;
    stream.oldest_number = flight.number + flight.members;
  }
}

}  // namespace sim
