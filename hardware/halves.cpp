#include "hardware/halves.h"

#include <utility>
#include <vector>

#include "hardware/attributes.h"
#include "hardware/converting.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::ElementType;

constexpr std::size_t alignment = 64;

bool is_half(ElementType type) {
  return type == ElementType::float16 || type == ElementType::bfloat16;
}

/// A tensor of half precision, and where its wider copy lies in the workspace.
struct Widened {
  bool needed = false;
  ElementType type = ElementType::float16;
  std::int64_t count = 0;
  std::size_t place = 0;
};

class ThroughFloat final : public Kernel {
 public:
  ThroughFloat(std::unique_ptr<Kernel> inner, std::vector<Widened> inputs,
               std::vector<Widened> outputs)
      : inner_(std::move(inner)),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)),
        read_(inputs_.size()),
        written_(outputs_.size()) {}

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      read_[i] = inputs[i];
      const auto& input = inputs_[i];
      if (!input.needed || inputs[i] == nullptr) continue;
      converter(input.type, ElementType::float32)(inputs[i], workspace + input.place, input.count);
      read_[i] = workspace + input.place;
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      written_[i] =
          outputs_[i].needed && outputs[i] != nullptr ? workspace + outputs_[i].place : outputs[i];
    inner_->run(read_, written_, workspace);
    for (std::size_t i = 0; i < outputs_.size(); ++i) round(i, outputs[i]);
  }

 private:
  void round(std::size_t i, std::byte* to) const {
    const auto& output = outputs_[i];
    if (!output.needed || to == nullptr) return;
    converter(ElementType::float32, output.type)(written_[i], to, output.count);
  }

  std::unique_ptr<Kernel> inner_;
  std::vector<Widened> inputs_, outputs_;
  std::vector<const std::byte*> read_;
  std::vector<std::byte*> written_;
};

std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

/// Widens the layout in place and reserves room for it.
Widened widened(Layout& layout, std::size_t& room) {
  if (!is_half(layout.type)) return {};
  const Widened result{true, layout.type, layout.elements(), room};
  layout.type = ElementType::float32;
  room += aligned(layout.bytes());
  return result;
}

}  // namespace

bool has_halves(const Request& request) {
  for (const auto& input : request.inputs)
    if (input && is_half(input->layout.type)) return true;
  for (const auto& output : request.outputs)
    if (output && is_half(output->type)) return true;
  return false;
}

void refuse_type(const Request& request) {
  throw NotSupported{request.op->type + " of this element type"};
}

Prepared through_float(const Request& request, PlainFactory make) {
  Request inner = request;
  std::size_t room = 0;
  std::vector<Widened> inputs(request.inputs.size()), outputs(request.outputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inner.inputs[i]) continue;
    inputs[i] = widened(inner.inputs[i]->layout, room);
    if (inputs[i].needed) inner.inputs[i]->constant = nullptr;
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (inner.outputs[i]) outputs[i] = widened(*inner.outputs[i], room);

  auto made = make(inner);
  const auto start = aligned(made.workspace);
  for (auto& input : inputs) input.place += start;
  for (auto& output : outputs) output.place += start;
  auto prepared = as_asked(request, made.implementation);
  prepared.packed = std::move(made.packed);
  prepared.held = made.held;
  prepared.workspace = start + room;
  prepared.kernel =
      std::make_unique<ThroughFloat>(std::move(made.kernel), std::move(inputs), std::move(outputs));
  return prepared;
}

Prepared as_asked(const Request& request, std::string implementation) {
  Prepared prepared;
  prepared.implementation = std::move(implementation);
  for (const auto& input : request.inputs)
    prepared.inputs.push_back(input ? input->layout : Layout{});
  for (const auto& output : request.outputs)
    prepared.outputs.push_back(output ? *output : Layout{});
  return prepared;
}

bool has_input(const Request& request, std::size_t index) {
  return index < request.inputs.size() && request.inputs[index];
}

bool has_output(const Request& request, std::size_t index) {
  return index < request.outputs.size() && request.outputs[index];
}

const Layout& input_of(const Request& request, std::size_t index) {
  if (!has_input(request, index))
    fail(*request.op, "its input " + std::to_string(index) + " is absent");
  return request.inputs[index]->layout;
}

const Layout& output_of(const Request& request, std::size_t index) {
  if (!has_output(request, index))
    fail(*request.op, "its output " + std::to_string(index) + " is absent");
  return *request.outputs[index];
}

void store(std::byte* elements, ElementType type, std::int64_t index, double value) {
  if (type == ElementType::float32)
    models::at(reinterpret_cast<float*>(elements), index) = static_cast<float>(value);
  else
    models::at(reinterpret_cast<double*>(elements), index) = value;
}

double element_as_double(const std::byte* elements, ElementType type, std::int64_t index) {
  const auto read = [&]<class T>(T) {
    return static_cast<double>(models::at(reinterpret_cast<const T*>(elements), index));
  };
  switch (type) {
    case ElementType::float32:
      return read(float{});
    case ElementType::float64:
      return read(double{});
    case ElementType::int8:
      return read(std::int8_t{});
    case ElementType::uint8:
      return read(std::uint8_t{});
    case ElementType::int32:
      return read(std::int32_t{});
    case ElementType::int64:
      return read(std::int64_t{});
    default:
      throw NotSupported{"an element type that no parameter has"};
  }
}

}  // namespace hardware
