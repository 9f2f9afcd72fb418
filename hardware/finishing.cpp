// The part of Builder that gives everything its place in memory.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "hardware/builder.h"
#include "models/index.h"

namespace hardware {

using models::at;

/// Where a kernel may write over an input that nobody reads later, output and input become one.
void Builder::join_in_place() {
  std::vector<int> joined(buffers_.size());
  std::iota(joined.begin(), joined.end(), 0);
  for (int now = 0; now < static_cast<int>(actions_.size()); ++now) {
    const auto& action = at(actions_, now);
    const int input = action.prepared.in_place;
    if (input < 0 || at(action.inputs, input) < 0 || action.outputs[0] < 0) continue;
    const auto joined_of = [&](int value) {
      const int buffer = values_[at(value)].buffer;
      return buffer < 0 ? -1 : joined[at(buffer)];
    };
    const int over = joined_of(at(action.inputs, input)), made = joined_of(action.outputs[0]);
    if (over < 0 || over == made || buffers_[at(over)].last != now) continue;
    const auto same = std::ranges::count_if(
        action.inputs, [&](int value) { return value >= 0 && joined_of(value) == over; });
    if (same != 1 || buffers_[at(over)].bytes != buffers_[at(made)].bytes) continue;
    buffers_[at(over)].last = buffers_[at(made)].last;
    buffers_[at(made)].bytes = 0;
    joined[at(made)] = over;
  }
  for (auto& value : values_)
    if (value.buffer >= 0) value.buffer = joined[at(value.buffer)];
}

/// The action after which a tensor is there (-1: an input), and its value; by action.
std::vector<std::pair<int, int>> Builder::observable() const {
  std::vector<int> written(buffers_.size(), -1);
  for (std::size_t now = 0; now < actions_.size(); ++now)
    for (const int value : actions_[now].outputs)
      if (value >= 0) written[at(values_[at(value)].buffer)] = static_cast<int>(now);
  std::vector<std::pair<int, int>> result;
  for (const int value : value_of_)
    if (value >= 0 && values_[at(value)].buffer >= 0)
      result.emplace_back(written[at(values_[at(value)].buffer)], value);
  std::ranges::sort(result);
  return result;
}

std::unique_ptr<ProgramParts> Builder::finish() {
  auto parts = std::make_unique<ProgramParts>();
  const int end = static_cast<int>(actions_.size());
  for (const int value : outputs_)
    if (const int buffer = values_[at(value)].buffer; buffer >= 0) buffers_[at(buffer)].last = end;
  const auto observed = options_.apart ? observable() : std::vector<std::pair<int, int>>();
  join_in_place();
  parts->activations = Memory64(place(buffers_));
  parts->memory.activations = parts->activations.size();
  parts->memory.live = live_bytes(buffers_);

  // Of constants, only those that some kernel reads are kept, each once.
  std::vector<std::byte*> places(values_.size(), nullptr);
  const auto place_of = [&](int value) -> std::byte* {
    if (value < 0) return nullptr;
    auto& it = values_[at(value)];
    auto& place = places[at(value)];
    if (it.buffer >= 0) return parts->activations.data() + buffers_[at(it.buffer)].offset;
    if (place == nullptr) {
      const auto& memory =
          parts->constants.emplace_back(std::max<std::size_t>(it.layout.bytes(), 1));
      std::memcpy(memory.data(), it.constant.bytes.get(), it.layout.bytes());
      parts->memory.weights += memory.size();
      place = memory.data();
      it.constant = {};
    }
    return place;
  };
  std::size_t workspace = 0;
  for (auto& action : actions_) {
    workspace = std::max(workspace, action.prepared.workspace);
    parts->memory.weights += action.prepared.held;
    auto& made = parts->actions.emplace_back();
    made.kernel = std::move(action.prepared.kernel);
    made.step = action.step;
    for (const int value : action.inputs) made.inputs.push_back(place_of(value));
    for (const int value : action.outputs) made.outputs.push_back(place_of(value));
  }
  parts->workspace = Memory64(workspace);
  parts->memory.workspace = workspace;
  for (const int value : inputs_) {
    const auto& it = values_[at(value)];
    parts->inputs.push_back(
        {tensor_name(it.tensor), it.layout.type, it.layout.shape, place_of(value)});
  }
  for (const int value : outputs_) {
    const auto& it = values_[at(value)];
    parts->outputs.push_back({it.layout.type, it.layout.shape, place_of(value)});
  }
  for (const auto& [action, value] : observed) {
    const auto& it = values_[at(value)];
    parts->tensors.push_back(
        {tensor_name(it.tensor), action, it.layout.type, {place_of(value), it.layout.bytes()}});
  }
  parts->steps = std::move(steps_);
  return parts;
}

}  // namespace hardware
