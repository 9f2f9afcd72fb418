#include "hardware/program.h"

#include <chrono>
#include <cstring>
#include <set>
#include <utility>

#include "hardware/builder.h"
#include "hardware/catalogue.h"
#include "hardware/parts.h"
#include "models/error.h"

namespace hardware {
namespace {

models::TensorValue copied(const auto& tensor) {
  auto result = models::fresh_value(tensor.type, tensor.shape);
  std::memcpy(result.fresh.data(), tensor.bytes, result.fresh.size());
  return result.value;
}

void take(const models::TensorValue& given, const auto& input) {
  if (given.type != input.type || given.shape != input.shape)
    throw models::InputError("input '" + input.name + "' is " + models::text_of(given.shape) + " " +
                             models::name_of(given.type) + "; the network takes " +
                             models::text_of(input.shape) + " " + models::name_of(input.type));
  std::memcpy(input.bytes, given.bytes.get(), given.size());
}

}  // namespace

Program::Program(models::ValuedNetwork network, const Recipe& recipe, const ProgramOptions& options)
    : parts_(Builder(std::move(network), recipe, options).build()) {}

Program::~Program() = default;
Program::Program(Program&&) noexcept = default;

void Program::run(std::span<const models::TensorValue> inputs, std::span<double> seconds) {
  using Clock = std::chrono::steady_clock;
  auto& parts = *parts_;
  if (inputs.size() != parts.inputs.size())
    throw models::InputError("the network has " + std::to_string(parts.inputs.size()) +
                             " inputs, and " + std::to_string(inputs.size()) + " were given");
  for (std::size_t i = 0; i < inputs.size(); ++i) take(inputs[i], parts.inputs[i]);
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

std::vector<models::TensorValue> Program::outputs() const {
  std::vector<models::TensorValue> result;
  for (const auto& output : parts_->outputs) result.push_back(copied(output));
  return result;
}

std::map<std::string, models::TensorValue> Program::tensors() const {
  std::map<std::string, models::TensorValue> result;
  for (const auto& [name, tensor] : parts_->tensors) result[name] = copied(tensor);
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
