#include "hardware/program.h"

#include <chrono>
#include <cstring>
#include <set>
#include <utility>

#include "hardware/builder.h"
#include "hardware/catalogue.h"
#include "hardware/parts.h"
#include "models/error.h"
#include "models/index.h"

namespace hardware {
namespace {

// Tensors without elements may lie nowhere.
void copy(std::byte* to, const std::byte* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

models::TensorValue copied(const auto& tensor) {
  auto result = models::fresh_value(tensor.type, tensor.shape);
  copy(result.fresh.data(), tensor.bytes, result.fresh.size());
  return result.value;
}

void take(const models::TensorValue& given, const auto& input) {
  if (given.type != input.type || given.shape != input.shape)
    throw models::InputError("input '" + input.name + "' is " + models::text_of(given.shape) + " " +
                             models::name_of(given.type) + "; the network takes " +
                             models::text_of(input.shape) + " " + models::name_of(input.type));
  copy(input.bytes, given.bytes.get(), given.size());
}

void take_all(std::span<const models::TensorValue> given,
              const std::vector<ProgramParts::Input>& inputs) {
  if (given.size() != inputs.size())
    throw models::InputError("the network has " + std::to_string(inputs.size()) + " inputs, and " +
                             std::to_string(given.size()) + " were given");
  for (std::size_t i = 0; i < given.size(); ++i) take(given[i], inputs[i]);
}

}  // namespace

Program::Program(models::ValuedNetwork network, const Recipe& recipe, const ProgramOptions& options)
    : parts_(Builder(std::move(network), recipe, options).build()) {}

Program::~Program() = default;
Program::Program(Program&&) noexcept = default;

void Program::run(std::span<const models::TensorValue> inputs, std::span<double> seconds) {
  using Clock = std::chrono::steady_clock;
  auto& parts = *parts_;
  take_all(inputs, parts.inputs);
  std::ranges::fill(seconds, 0.0);
  auto before = Clock::now();
  for (const auto& action : parts.actions) {
    action.kernel->run(action.inputs, action.outputs, parts.workspace.data());
    if (seconds.empty()) continue;
    const auto now = Clock::now();
    seconds[static_cast<std::size_t>(action.step)] +=
        std::chrono::duration<double>(now - before).count();
    before = now;
  }
}

void Program::observe(std::span<const models::TensorValue> inputs, const Observer& observer) {
  auto& parts = *parts_;
  take_all(inputs, parts.inputs);
  auto next = parts.tensors.begin();
  for (int now = -1; now < static_cast<int>(parts.actions.size()); ++now) {
    if (now >= 0) {
      const auto& action = models::at(parts.actions, now);
      action.kernel->run(action.inputs, action.outputs, parts.workspace.data());
    }
    for (; next != parts.tensors.end() && next->action == now; ++next)
      observer({next->name, next->type, next->bytes});
  }
}

void Program::run_step(std::size_t step) {
  for (const auto& action : parts_->actions)
    if (action.step == static_cast<int>(step))
      action.kernel->run(action.inputs, action.outputs, parts_->workspace.data());
}

std::vector<models::TensorValue> Program::outputs() const {
  std::vector<models::TensorValue> result;
  for (const auto& output : parts_->outputs) result.push_back(copied(output));
  return result;
}

std::span<const Step> Program::steps() const {
  return parts_->steps;
}

const MemoryUse& Program::memory() const {
  return parts_->memory;
}

std::string not_supported(const models::Network& network) {
  std::set<std::string> types;
  for (const auto& op : network.operators)
    if (find_plain(op.type) == nullptr) types.insert(op.type);
  std::string text;
  for (const auto& type : types) text += (text.empty() ? "" : ", ") + type;
  return text;
}

}  // namespace hardware
