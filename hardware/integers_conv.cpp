#include <algorithm>
#include <array>
#include <vector>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/integers.h"
#include "hardware/onednn/integers.h"
#include "hardware/onednn/reorder.h"
#include "hardware/sliding.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::Shape;
using Inputs = std::span<const std::byte* const>;
using Outputs = std::span<std::byte* const>;

/// Output positions whose windows are laid out at once.
constexpr std::int64_t block = 64;

/// Where the operands are among the inputs, which differs between the two operators; those of the
/// scales only in QLinearConv.
struct Places {
  std::size_t weight = 1, input_zero = 2, weight_zero = 3;
  std::size_t input_scale = 0, weight_scale = 0, output_scale = 0, output_zero = 0, bias = 0;
  bool scaled = false;
};
constexpr Places integer_places;
constexpr Places linear_places = {3, 2, 5, 1, 4, 6, 7, 8, true};

struct Convolution {
  Places places;
  Sliding sliding;
  Shape input, output;                                ///< spatial axes
  std::int64_t batch = 0, channels = 0, filters = 0;  ///< channels: of one group
  std::int64_t input_plane = 0, output_plane = 0, taps = 0;
  bool input_signed = false, weight_signed = false, output_signed = false;
  std::int64_t zeros = 1, scales = 1;  ///< of weights: one, or one per filter
  Storage storage;

  std::int64_t depth() const { return channels * taps; }
  std::int64_t group_filters() const { return filters / sliding.groups; }
};

/// One, or one per filter.
std::int64_t per_filter(const Request& request, std::size_t index, std::int64_t filters) {
  if (!has_input(request, index)) return 1;
  const auto count = input_of(request, index).elements();
  if (count != 1 && count != filters)
    fail(*request.op, "its input " + std::to_string(index) + " has " + std::to_string(count) +
                          " elements where 1 or " + std::to_string(filters) + " are needed");
  return count;
}

void require_single(const Request& request, std::size_t index) {
  if (has_input(request, index) && input_of(request, index).elements() != 1)
    fail(*request.op, "its input " + std::to_string(index) + " is not a single number");
}

void check_scales(const Request& request, const Convolution& conv) {
  const auto& places = conv.places;
  for (const auto index : {places.input_scale, places.weight_scale, places.output_scale})
    if (input_of(request, index).type != models::ElementType::float32) refuse_type(request);
  require_single(request, places.input_scale);
  require_single(request, places.output_scale);
  require_single(request, places.output_zero);
  require_type(request, places.output_zero, conv.storage.type);
  for (const auto index : {places.input_zero, places.weight_zero, places.output_zero})
    input_of(request, index);
  if (!has_input(request, places.bias)) return;
  const auto& bias = input_of(request, places.bias);
  if (bias.elements() != conv.filters || bias.type != models::ElementType::int32)
    fail(*request.op, "its bias is not " + std::to_string(conv.filters) + " numbers of int32");
}

Convolution convolution_of(const Request& request, const Places& places) {
  Convolution conv;
  conv.places = places;
  const auto& input = input_of(request, 0).shape;
  const auto& weight = input_of(request, places.weight).shape;
  const auto& output = output_of(request, 0).shape;
  conv.sliding = sliding_of(*request.op, input, weight, output);
  conv.batch = input[0], conv.channels = weight[1], conv.filters = weight[0];
  const auto groups = conv.sliding.groups;
  if (conv.channels * groups != input[1] || conv.filters % groups != 0 || output[0] != input[0] ||
      output[1] != conv.filters)
    fail(*request.op, "its weight of shape " + models::text_of(weight) + " with " +
                          std::to_string(groups) + " groups does not fit an input of shape " +
                          models::text_of(input));
  conv.input.assign(input.begin() + 2, input.end());
  conv.output.assign(output.begin() + 2, output.end());
  conv.input_plane = models::elements_of(conv.input);
  conv.output_plane = models::elements_of(conv.output);
  conv.taps = models::elements_of(conv.sliding.kernel);
  conv.input_signed = is_signed(request, 0);
  conv.weight_signed = is_signed(request, places.weight);
  require_single(request, places.input_zero);
  require_type(request, places.input_zero, input_of(request, 0).type);
  require_type(request, places.weight_zero, input_of(request, places.weight).type);
  conv.zeros = per_filter(request, places.weight_zero, conv.filters);
  conv.storage = storage_of(request);
  conv.output_signed = conv.storage.type == models::ElementType::int8;
  if (places.scaled) {
    conv.scales = per_filter(request, places.weight_scale, conv.filters);
    check_scales(request, conv);
  }
  if (places.scaled == (conv.storage.type == models::ElementType::int32)) refuse_type(request);
  return conv;
}

/// What turns sums into the output's integers.
struct Scales {
  std::vector<float> factors;  ///< per filter
  float zero = 0;
  const std::int32_t* bias = nullptr;

  void read(Inputs inputs, const Convolution& conv) {
    const auto& places = conv.places;
    const float input = *elements<float>(inputs, places.input_scale);
    const float output = *elements<float>(inputs, places.output_scale);
    const float* weights = elements<float>(inputs, places.weight_scale);
    for (std::int64_t f = 0; f < conv.filters; ++f)
      at(factors, f) = input * weights[conv.scales == 1 ? 0 : f] / output;
    zero = narrow_of(inputs, places.output_zero, conv.output_signed).at(0);
    bias = elements<std::int32_t>(inputs, places.bias);
  }
};

/// A convolution as a kernel: windows are laid out as rows and multiplied by the filters.
class ConvolutionKernel final : public Kernel {
 public:
  explicit ConvolutionKernel(Convolution conv) : conv_(std::move(conv)) {
    offsets_.resize(at(conv_.taps));
    position_.resize(conv_.input.size());
    tap_.resize(conv_.input.size());
    scales_.factors.resize(at(conv_.places.scaled ? conv_.filters : 0));
  }

  static std::size_t room(const Convolution& conv) {
    return at(conv.filters * conv.depth() + block * conv.depth()) * sizeof(std::int16_t) +
           at(conv.group_filters() * block + 1) * sizeof(std::int32_t);
  }
  std::size_t held() const { return offsets_.size() * sizeof(std::int64_t); }

  void run(Inputs inputs, Outputs outputs, std::byte* workspace) override {
    sums_ = reinterpret_cast<std::int32_t*>(workspace);
    weights_ = reinterpret_cast<std::int16_t*>(sums_ + conv_.group_filters() * block);
    windows_ = weights_ + conv_.filters * conv_.depth();
    input_ = narrow_of(inputs, 0, conv_.input_signed);
    const auto zero = narrow_of(inputs, conv_.places.input_zero, conv_.input_signed);
    input_zero_ = zero ? zero.at(0) : std::int16_t{0};
    widen_weights(inputs);
    if (conv_.places.scaled) scales_.read(inputs, conv_);
    for (std::int64_t n = 0; n < conv_.batch; ++n)
      for (std::int64_t group = 0; group < conv_.sliding.groups; ++group)
        for (std::int64_t first = 0; first < conv_.output_plane; first += block)
          compute(n, group, first, outputs[0]);
  }

 private:
  void widen_weights(Inputs inputs) {
    const auto weights = narrow_of(inputs, conv_.places.weight, conv_.weight_signed);
    const auto zeros = narrow_of(inputs, conv_.places.weight_zero, conv_.weight_signed);
    const auto depth = conv_.depth();
    for (std::int64_t f = 0; f < conv_.filters; ++f) {
      const auto zero = zeros ? zeros.at(conv_.zeros == 1 ? 0 : f) : std::int16_t{0};
      weights.widen(f * depth, 1, depth, zero, weights_ + f * depth);
    }
  }

  void compute(std::int64_t n, std::int64_t group, std::int64_t first, std::byte* output) {
    const auto count = std::min(block, conv_.output_plane - first);
    const auto depth = conv_.depth();
    const auto start = (n * conv_.sliding.groups + group) * conv_.channels * conv_.input_plane;
    for (std::int64_t p = 0; p < count; ++p) lay_out(start, first + p, windows_ + p * depth);
    const auto filters = conv_.group_filters();
    multiply_rows(weights_ + group * filters * depth, filters, windows_, count, depth, sums_,
                  block);
    for (std::int64_t f = 0; f < filters; ++f) {
      const auto filter = group * filters + f;
      const auto place = (n * conv_.filters + filter) * conv_.output_plane + first;
      keep(filter, sums_ + f * block, count, place, output);
    }
  }

  /// The elements under one window, channel by channel; padding counts as the zero point.
  void lay_out(std::int64_t start, std::int64_t position, std::int16_t* to) {
    locate(position);
    for (std::int64_t c = 0; c < conv_.channels; ++c, start += conv_.input_plane)
      for (const auto offset : offsets_)
        *to++ = offset < 0 ? std::int16_t{0}
                           : static_cast<std::int16_t>(input_.at(start + offset) - input_zero_);
  }

  /// Fills offsets_: where in a plane each tap of that window lies; -1: in the padding.
  void locate(std::int64_t position) {
    const auto& sliding = conv_.sliding;
    for (auto axis = position_.size(); axis-- > 0; position /= conv_.output[axis])
      position_[axis] =
          position % conv_.output[axis] * sliding.strides[axis] - sliding.before[axis];
    std::fill(tap_.begin(), tap_.end(), 0);
    for (auto& offset : offsets_) {
      offset = 0;
      for (std::size_t axis = 0; axis < tap_.size() && offset >= 0; ++axis) {
        const auto x = position_[axis] + tap_[axis] * sliding.dilations[axis];
        offset = x < 0 || x >= conv_.input[axis] ? -1 : offset * conv_.input[axis] + x;
      }
      for (auto axis = tap_.size(); axis-- > 0;) {
        if (++tap_[axis] < sliding.kernel[axis]) break;
        tap_[axis] = 0;
      }
    }
  }

  void keep(std::int64_t filter, const std::int32_t* sums, std::int64_t count, std::int64_t place,
            std::byte* output) const {
    if (!conv_.places.scaled) {
      std::copy_n(sums, count, reinterpret_cast<std::int32_t*>(output) + place);
      return;
    }
    auto* to = reinterpret_cast<std::uint8_t*>(output) + place;
    const auto bias = scales_.bias == nullptr ? 0 : scales_.bias[filter];
    for (std::int64_t i = 0; i < count; ++i)
      to[i] = requantised(wrapped_sum(sums[i], bias), at(scales_.factors, filter), scales_.zero,
                          conv_.storage);
  }

  Convolution conv_;
  std::vector<std::int64_t> offsets_, position_, tap_;
  Scales scales_;
  std::int32_t* sums_ = nullptr;
  std::int16_t *weights_ = nullptr, *windows_ = nullptr;
  Narrow input_;
  std::int16_t input_zero_ = 0;
};

/// QLinearConv by oneDNN: its sums, channels last, then their integers, then those row by row.
class ScaledSums final : public Kernel {
 public:
  ScaledSums(Convolution conv, Prepared sums, Prepared reorder)
      : conv_(std::move(conv)), sums_(std::move(sums)), reorder_(std::move(reorder)) {
    scales_.factors.resize(at(conv_.filters));
  }

  std::size_t room() const {
    return after_sums() + after_integers() + std::max(sums_.workspace, reorder_.workspace);
  }

  void run(Inputs inputs, Outputs outputs, std::byte* workspace) override {
    scales_.read(inputs, conv_);
    std::byte* const integers = workspace + after_sums();
    std::byte* const room = integers + after_integers();
    const std::array<std::byte*, 1> sums = {workspace}, kept = {integers};
    const std::array<const std::byte*, 1> given = {inputs[0]}, turned = {integers};
    sums_.kernel->run(given, sums, room);
    requantise(reinterpret_cast<const std::int32_t*>(workspace),
               reinterpret_cast<std::uint8_t*>(kept[0]));
    reorder_.kernel->run(turned, outputs, room);
  }

 private:
  static std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
  std::size_t after_sums() const { return aligned(sums_.outputs[0].bytes()); }
  std::size_t after_integers() const { return aligned(reorder_.inputs[0].bytes()); }

  void requantise(const std::int32_t* sums, std::uint8_t* to) const {
    const auto filters = conv_.filters;
    for (std::int64_t p = 0; p < conv_.batch * conv_.output_plane; ++p) {
      for (std::int64_t f = 0; f < filters; ++f) {
        const auto bias = scales_.bias == nullptr ? 0 : scales_.bias[f];
        to[f] = requantised(wrapped_sum(sums[f], bias), at(scales_.factors, f), scales_.zero,
                            conv_.storage);
      }
      sums += filters, to += filters;
    }
  }

  Convolution conv_;
  Prepared sums_, reorder_;
  Scales scales_;
};

/// By oneDNN, where the zero points and weights are known and its sums are exact.
std::optional<Prepared> convolved_fast(const Request& request, const Convolution& conv) {
  const auto& places = conv.places;
  const auto* zero =
      has_input(request, places.input_zero) ? request.inputs[places.input_zero]->constant : nullptr;
  if (zero == nullptr && has_input(request, places.input_zero)) return std::nullopt;
  const auto weights =
      shifted_weights(request, places.weight, {places.weight_zero, conv.zeros, false});
  if (!weights) return std::nullopt;
  auto output = *request.outputs[0];
  output.type = models::ElementType::int32;
  output.channels_last = places.scaled;
  const auto& input = request.inputs[0]->layout;
  auto sums =
      exact_convolution(input, zero == nullptr ? 0 : Narrow(zero, conv.input_signed).at(0), output,
                        request.inputs[places.weight]->layout.shape, *weights, conv.sliding);
  if (!sums) return std::nullopt;
  auto prepared = as_asked(request, sums->implementation);
  prepared.packed.assign(request.inputs.size(), false);
  prepared.packed[places.weight] = true;
  prepared.held = sums->held;
  prepared.workspace = sums->workspace;
  if (!places.scaled) {
    prepared.kernel = std::move(sums->kernel);
    return prepared;
  }
  output.type = conv.storage.type;
  auto kernel = std::make_unique<ScaledSums>(conv, std::move(*sums),
                                             make_reorder(output, *request.outputs[0]));
  prepared.workspace = kernel->room();
  prepared.kernel = std::move(kernel);
  return prepared;
}

Prepared convolved(const Request& request, const Places& places) {
  auto conv = convolution_of(request, places);
  if (auto fast = convolved_fast(request, conv)) return std::move(*fast);
  auto prepared = as_asked(request, "own");
  prepared.workspace = ConvolutionKernel::room(conv);
  auto kernel = std::make_unique<ConvolutionKernel>(std::move(conv));
  prepared.held = kernel->held();
  prepared.kernel = std::move(kernel);
  return prepared;
}

}  // namespace

Prepared conv_integer(const Request& request) {
  return convolved(request, integer_places);
}

Prepared qlinear_conv(const Request& request) {
  if (has_halves(request)) return through_float(request, qlinear_conv);
  return convolved(request, linear_places);
}

}  // namespace hardware
