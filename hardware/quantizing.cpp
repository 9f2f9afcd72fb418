#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/converting.h"
#include "hardware/instruction_sets.h"
#include "hardware/reducing.h"

namespace hardware {
namespace {

using models::ElementType;

/// A tensor seen as outer x channels x inner, each channel with a scale and a zero point.
struct Channels {
  std::int64_t outer = 1, channels = 1, inner = 1;
  const float* scales = nullptr;
  const std::int32_t* zero_points = nullptr;
};

using Scaling = void (*)(const Channels&, const std::byte*, std::byte*);

namespace any {
#include "hardware/quantizing_loops.h"
}
namespace avx2 {
PARTWISE_BEGIN_AVX2
#include "hardware/quantizing_loops.h"
PARTWISE_END_AVX2
}  // namespace avx2

Scaling quantising(ElementType to) {
  return has_avx2() ? avx2::quantising(to) : any::quantising(to);
}
Scaling dequantising(ElementType from) {
  return has_avx2() ? avx2::dequantising(from) : any::dequantising(from);
}

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

/// QuantizeLinear and DequantizeLinear: computed in fp32, with one scale or one per channel.
class Linear final : public Kernel {
 public:
  Linear(const Request& request, bool quantises)
      : op_(*request.op),
        widening_(needed(request, 0), quantises ? ElementType::float32 : needed(request, 0).type,
                  request.outputs.at(0).value(),
                  quantises ? request.outputs[0]->type : ElementType::float32),
        scaling_(quantises ? quantising(request.outputs[0]->type)
                           : dequantising(needed(request, 0).type)),
        scale_type_(needed(request, 1).type) {
    if (scaling_ == nullptr) throw NotSupported{op_.type + " of this element type"};
    if (integer_of(op_, "block_size", 0) != 0) throw NotSupported{op_.type + " in blocks"};
    const auto& scale = needed(request, 1);
    if (request.inputs.size() > 2 && request.inputs[2]) {
      zero_point_type_ = request.inputs[2]->layout.type;
      zero_points_ = true;
      if (request.inputs[2]->layout.elements() != scale.elements())
        fail(op_, "it has not as many zero points as scales");
    }
    choose_channels(needed(request, 0).shape, scale);
  }

  std::size_t workspace() const { return 2 * table_bytes() + widening_.workspace(); }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    auto how = channels_;
    converter(scale_type_, ElementType::float32)(inputs[1], workspace, how.channels);
    how.scales = reinterpret_cast<const float*>(workspace);
    auto* zero_points = workspace + table_bytes();
    if (zero_points_)
      converter(zero_point_type_, ElementType::int32)(inputs[2], zero_points, how.channels);
    else
      std::fill_n(zero_points, table_bytes(), std::byte{0});
    how.zero_points = reinterpret_cast<const std::int32_t*>(zero_points);
    auto* rest = zero_points + table_bytes();
    scaling_(how, widening_.widened(inputs[0], rest), widening_.made(outputs[0], rest));
    widening_.narrow(outputs[0], rest);
  }

 private:
  std::size_t table_bytes() const {
    return rounded_up(static_cast<std::size_t>(channels_.channels) * 4);
  }

  void choose_channels(const models::Shape& shape, const Layout& scale) {
    if (scale.elements() == 1) {
      channels_.inner = models::elements_of(shape);
      return;
    }
    if (scale.shape.size() != 1) throw NotSupported{op_.type + " in blocks"};
    const auto axis = axis_of(op_, integer_of(op_, "axis", 1), shape.size());
    if (shape[axis] != scale.elements())
      fail(op_, "it has " + std::to_string(scale.elements()) + " scales for " +
                    std::to_string(shape[axis]) + " channels");
    channels_.channels = shape[axis];
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (i < axis) channels_.outer *= shape[i];
      if (i > axis) channels_.inner *= shape[i];
    }
  }

  const models::Operator op_;
  Widening widening_;
  Scaling scaling_;
  ElementType scale_type_;
  ElementType zero_point_type_ = ElementType::uint8;
  bool zero_points_ = false;
  Channels channels_;
};

/// Scale and zero point from the least and greatest element, so that nought is a number of its own.
class Dynamic final : public Kernel {
 public:
  explicit Dynamic(const Request& request) : count_(needed(request, 0).elements()) {
    if (needed(request, 0).type != ElementType::float32 ||
        request.outputs.at(0).value().type != ElementType::uint8)
      throw NotSupported{"DynamicQuantizeLinear of this element type"};
    const ReductionPlan all({count_}, {true});
    plan_ = all;
  }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    float low = 0, high = 0;
    if (count_ > 0) {
      find_reducer("ReduceMin", ElementType::float32)(plan_, inputs[0], &low);
      find_reducer("ReduceMax", ElementType::float32)(plan_, inputs[0], &high);
    }
    low = std::min(low, 0.0F);
    high = std::max(high, 0.0F);
    const float scale = (high - low) / 255.0F;
    const std::int32_t zero_point = any::quantised<std::uint8_t>(-low, scale, 0);
    quantising(ElementType::uint8)({1, 1, count_, &scale, &zero_point}, inputs[0], outputs[0]);
    if (outputs.size() > 1 && outputs[1] != nullptr) *reinterpret_cast<float*>(outputs[1]) = scale;
    if (outputs.size() > 2 && outputs[2] != nullptr)
      *outputs[2] = static_cast<std::byte>(zero_point);
  }

 private:
  std::int64_t count_;
  ReductionPlan plan_{{}, {}};
};

Prepared make_linear(const Request& request, bool quantises) {
  auto kernel = std::make_unique<Linear>(request, quantises);
  const auto workspace = kernel->workspace();
  return prepared_as_asked(request, std::move(kernel), workspace);
}
Prepared make_quantize(const Request& request) {
  return make_linear(request, true);
}
Prepared make_dequantize(const Request& request) {
  return make_linear(request, false);
}
Prepared make_dynamic(const Request& request) {
  return prepared_as_asked(request, std::make_unique<Dynamic>(request), 0);
}

constexpr PlainRow rows[] = {
    {"QuantizeLinear", make_quantize, "float32 float16 bfloat16 int32", "own"},
    {"DequantizeLinear", make_dequantize, "int8 uint8 int16 uint16 int32", "own"},
    {"DynamicQuantizeLinear", make_dynamic, "float32", "own"},
};

}  // namespace

std::span<const PlainRow> quantizing_rows() {
  return rows;
}

}  // namespace hardware
