#include "sim/simgrid_answer.h"

#include <utility>

#include "sim/byte_code.h"
#include "sim/job_code.h"

namespace sim {
namespace {

// Members are named in bindings, so that a new one does not compile before it is carried over too.

template <class Io, class S>
void visit_stream(Io& io, S& stream) {
  auto& [first, expected, completed, deadline, missed, latencies, executed] = stream;
  const auto each = [&](auto&... members) { (io(members), ...); };
  each(first, expected, completed, deadline, missed, executed);
  models::Histogram::visit(latencies, io);
}

template <class Io, class T>
void visit_tally(Io& io, T& tally) {
  auto& [streams, listed, completions, latencies, halfway, last_completion, switches, device_busy,
         channel_busy, lane_time, width_changes, lost_energy, first_arrival, last_event, sorted] =
      tally;
  const auto each = [&](auto&... members) { (io(members), ...); };
  io.list(streams, [&](auto& stream) { visit_stream(io, stream); });
  each(listed, completions, latencies, halfway, last_completion, switches, device_busy,
       channel_busy, lane_time, width_changes, lost_energy, first_arrival, last_event);
}

template <class Io, class Answer>
void visit(Io& io, Answer& answer) {
  visit_tally(io, answer.tally);
  io(answer.events);
  io(answer.seconds);
  auto& [when, unfinished, absent, gathering, waits] = answer.stall;
  const auto each = [&](auto&... members) { (io(members), ...); };
  each(when, unfinished, absent, gathering, waits);
}

}  // namespace

std::string encode(const SimgridWish& wish, const Job& job) {
  ByteWriter writer;
  writer(wish);
  return std::move(writer.bytes) + encode(job);
}

std::pair<SimgridWish, std::string_view> split_question(std::string_view question) {
  static_assert(sizeof(SimgridWish) <= 8);
  SimgridWish wish;
  ByteReader reader(question.substr(0, 8));
  reader(wish);
  return {wish, question.substr(8)};
}

std::string encode(const SimgridAnswer& answer) {
  ByteWriter writer;
  visit(writer, answer);
  return std::move(writer.bytes);
}

SimgridAnswer decoded_answer(std::string_view bytes) {
  SimgridAnswer answer;
  ByteReader reader(bytes);
  visit(reader, answer);
  reader.finish();
  return answer;
}

}  // namespace sim
