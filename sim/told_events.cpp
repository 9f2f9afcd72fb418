#include "sim/told_events.h"

#include <utility>

#include "sim/byte_code.h"

namespace sim {
namespace {

using Kind = ToldEvent::Kind;

constexpr std::size_t block_size = 16384;

void tell_one(Observer& observer, const ToldEvent& event) {
  using Change = models::Timeline::Change;
  switch (event.kind) {
    case Kind::arrived:
      return observer.arrived(event.now, event.index, event.serial);
    case Kind::formed:
      return observer.formed(event.now, event.serial, event.index, event.more, event.task);
    case Kind::admitted:
      return observer.admitted(event.now, event.serial);
    case Kind::started:
      return observer.started(event.now, event.serial, event.task, event.index, event.more);
    case Kind::released:
      return observer.released(event.now, event.serial, event.task);
    case Kind::ended:
      return observer.ended(event.now, event.serial, event.task);
    case Kind::lost:
      return observer.lost(event.now, event.serial, event.task);
    case Kind::completed:
      return observer.completed(event.now, event.serial);
    case Kind::rate_changed:
      return observer.rate_changed(event.serial, event.task, event.more, event.value, event.rate);
    case Kind::changed:
      return observer.changed(
          {static_cast<Change::What>(event.what), event.index, event.now, event.value});
  }
}

}  // namespace

void EventSender::add(const ToldEvent& event) {
  block_.push_back(event);
  if (block_.size() == block_size) flush();
}

void EventSender::flush() {
  if (block_.empty()) return;
  ByteWriter writer;
  writer(block_);
  send_(writer.bytes);
  block_.clear();
}

void EventSender::arrived(std::int64_t now, int stream, std::int64_t number) {
  add({.kind = Kind::arrived, .index = stream, .now = now, .serial = number});
}

void EventSender::formed(std::int64_t now, std::int64_t serial, int stream, std::int64_t number,
                         std::int32_t members) {
  add({.kind = Kind::formed,
       .task = members,
       .index = stream,
       .now = now,
       .serial = serial,
       .more = number});
}

void EventSender::admitted(std::int64_t now, std::int64_t serial) {
  add({.kind = Kind::admitted, .now = now, .serial = serial});
}

void EventSender::started(std::int64_t now, std::int64_t serial, std::int32_t task, int slot,
                          std::int64_t work) {
  add({.kind = Kind::started,
       .task = task,
       .index = slot,
       .now = now,
       .serial = serial,
       .more = work});
}

void EventSender::released(std::int64_t now, std::int64_t serial, std::int32_t task) {
  add({.kind = Kind::released, .task = task, .now = now, .serial = serial});
}

void EventSender::ended(std::int64_t now, std::int64_t serial, std::int32_t task) {
  add({.kind = Kind::ended, .task = task, .now = now, .serial = serial});
}

void EventSender::lost(std::int64_t now, std::int64_t serial, std::int32_t task) {
  add({.kind = Kind::lost, .task = task, .now = now, .serial = serial});
}

void EventSender::completed(std::int64_t now, std::int64_t serial) {
  add({.kind = Kind::completed, .now = now, .serial = serial});
}

void EventSender::rate_changed(std::int64_t serial, std::int32_t task, std::int64_t when,
                               double fraction, double rate) {
  add({.kind = Kind::rate_changed,
       .task = task,
       .serial = serial,
       .more = when,
       .value = fraction,
       .rate = rate});
}

void EventSender::changed(const models::Timeline::Change& change) {
  add({.kind = Kind::changed,
       .index = change.index,
       .what = static_cast<std::int32_t>(change.what),
       .now = change.when,
       .value = change.value});
}

void tell(Observer& observer, std::string_view block) {
  ByteReader reader(block);
  std::span<const ToldEvent> events;
  reader(events);
  reader.finish();
  for (const auto& event : events) tell_one(observer, event);
}

}  // namespace sim
