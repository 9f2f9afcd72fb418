#include <cstring>
#include <utility>

#include "hardware/attributes.h"
#include "hardware/converting.h"
#include "hardware/elementwise.h"

namespace hardware {
namespace {

using models::ElementType;

Prepared as_they_are(const Request& request, std::unique_ptr<Kernel> kernel) {
  Prepared prepared{std::move(kernel), "own", {}, {}, {}, 0, 0};
  for (const auto& input : request.inputs)
    prepared.inputs.push_back(input ? input->layout : Layout{});
  for (const auto& output : request.outputs) prepared.outputs.push_back(output.value_or(Layout{}));
  return prepared;
}

class Cast final : public Kernel {
 public:
  Cast(const Layout& from, const Layout& to)
      : convert_(converter(from.type, to.type)), count_(to.elements()) {}

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    if (count_ > 0 && inputs[0] != outputs[0]) convert_(inputs[0], outputs[0], count_);
  }

 private:
  Convert convert_;
  std::int64_t count_;
};

/// The inference form: passes everything on, and masks nothing.
class Dropout final : public Kernel {
 public:
  explicit Dropout(const Request& request) : op_(*request.op) {
    if (request.outputs.at(0)) bytes_ = request.outputs[0]->bytes();
    if (request.outputs.size() > 1 && request.outputs[1]) {
      mask_count_ = request.outputs[1]->elements();
      fill_ = converter(ElementType::boolean, request.outputs[1]->type);
      mask_bytes_ = bytes_of(request.outputs[1]->type);
    }
    if (request.inputs.size() > 1 && request.inputs[1])
      ratio_ = converter(request.inputs[1]->layout.type, ElementType::float64);
    trains_ = request.inputs.size() > 2 && request.inputs[2].has_value();
    if (trains_ && request.inputs[2]->constant != nullptr && drops(request))
      throw NotSupported{"Dropout in training mode"};
  }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    if (trains_ && drops(inputs[1], inputs[2]))
      fail(op_, "not supported: training mode; run it in inference mode");
    if (bytes_ > 0 && inputs[0] != outputs[0]) std::memcpy(outputs[0], inputs[0], bytes_);
    constexpr std::byte kept{1};
    for (std::int64_t i = 0; i < mask_count_; ++i)
      fill_(&kept, outputs[1] + static_cast<std::size_t>(i) * mask_bytes_, 1);
  }

 private:
  bool drops(const Request& request) const {
    const bool known = request.inputs[1] && request.inputs[1]->constant != nullptr;
    return (known || !request.inputs[1]) &&
           drops(known ? request.inputs[1]->constant : nullptr, request.inputs[2]->constant);
  }
  bool drops(const std::byte* ratio, const std::byte* training) const {
    double value = 0.5;
    if (ratio != nullptr && ratio_ != nullptr)
      ratio_(ratio, reinterpret_cast<std::byte*>(&value), 1);
    return training != nullptr && *training != std::byte{0} && value != 0;
  }

  const models::Operator op_;
  std::size_t bytes_ = 0;
  std::int64_t mask_count_ = 0;
  std::size_t mask_bytes_ = 0;
  Convert fill_ = nullptr;
  Convert ratio_ = nullptr;
  bool trains_ = false;
};

}  // namespace

Prepared make_cast(const Request& request) {
  const auto& from = request.inputs.at(0).value().layout;
  const auto& to = request.outputs.at(0).value();
  auto prepared = as_they_are(request, std::make_unique<Cast>(from, to));
  if (from.type == to.type) prepared.in_place = 0;
  return prepared;
}

Prepared make_dropout(const Request& request) {
  auto prepared = as_they_are(request, std::make_unique<Dropout>(request));
  prepared.in_place = 0;
  return prepared;
}

}  // namespace hardware
