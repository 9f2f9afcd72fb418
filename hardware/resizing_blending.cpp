// Linear and cubic resizing: weighted sums along one axis after the other.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <type_traits>

#include "hardware/resizing.h"
#include "models/precision/convert.h"

namespace hardware::resizing {
namespace {

using models::ElementType;

/// One axis of a plane: outer x from x inner elements become outer x to x inner.
template <class T>
struct Pass {
  std::int64_t outer = 1;
  std::int64_t from = 1;
  std::int64_t to = 1;
  std::int64_t inner = 1;
  std::size_t taps = 0;
  std::vector<std::int64_t> places;
  std::vector<T> weights;

  std::int64_t made() const { return outer * to * inner; }
  void run(const T* source, T* result, T outside) const;
  void row(std::int64_t place, const T* source, T* result, T outside) const;
  void line(const T* source, T* result, T outside) const;
};

template <class T>
void Pass<T>::run(const T* source, T* result, T outside) const {
  for (std::int64_t o = 0; o < outer; ++o, source += from * inner, result += to * inner) {
    if (inner == 1)
      line(source, result, outside);
    else
      for (std::int64_t place = 0; place < to; ++place)
        row(place, source, result + place * inner, outside);
  }
}

/// Neighbours along the inner axes share their weights.
template <class T>
void Pass<T>::row(std::int64_t place, const T* source, T* result, T outside) const {
  const auto* there = &places[static_cast<std::size_t>(place) * taps];
  const auto* weight = &weights[static_cast<std::size_t>(place) * taps];
  if (std::isnan(weight[0])) {
    std::fill(result, result + inner, outside);
    return;
  }
  const T* a = source + there[0] * inner;
  const T* b = source + there[1] * inner;
  const T wa = weight[0];
  const T wb = weight[1];
  for (std::int64_t i = 0; i < inner; ++i) result[i] = wa * a[i] + wb * b[i];
  for (std::size_t t = 2; t < taps; ++t) {
    const T* c = source + there[t] * inner;
    const T wc = weight[t];
    if (wc == T{0}) continue;
    for (std::int64_t i = 0; i < inner; ++i) result[i] += wc * c[i];
  }
}

template <class T>
void Pass<T>::line(const T* source, T* result, T outside) const {
  const auto* there = places.data();
  const auto* weight = weights.data();
  for (std::int64_t place = 0; place < to; ++place, there += taps, weight += taps) {
    T sum = weight[0] * source[there[0]] + weight[1] * source[there[1]];
    for (std::size_t t = 2; t < taps; ++t) sum += weight[t] * source[there[t]];
    result[place] = std::isnan(weight[0]) ? outside : sum;
  }
}

/// Elements of a type as those computed with, and back.
template <class T>
struct Conversion {
  void (*load)(const std::byte* from, T* to, std::size_t count) = nullptr;
  void (*store)(const T* from, std::byte* to, std::size_t count) = nullptr;
};

/// Integers: what is behind the point is dropped, and what is too large or small is the largest or
/// smallest.
template <class Stored>
constexpr Conversion<double> integers{
    [](const std::byte* from, double* to, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i)
        to[i] = moving::load<Stored>(from + i * sizeof(Stored));
    },
    [](const double* from, std::byte* to, std::size_t count) {
      constexpr double least = std::numeric_limits<Stored>::min();
      constexpr double most = std::numeric_limits<Stored>::max();
      for (std::size_t i = 0; i < count; ++i)
        moving::store(to + i * sizeof(Stored),
                      std::isnan(from[i]) ? Stored{0}
                                          : static_cast<Stored>(std::clamp(from[i], least, most)));
    }};

template <void (*widen)(std::span<const std::uint16_t>, std::span<float>),
          void (*narrow)(std::span<const float>, std::span<std::uint16_t>, models::Rounding)>
constexpr Conversion<float> halves{
    [](const std::byte* from, float* to, std::size_t count) {
      widen({reinterpret_cast<const std::uint16_t*>(from), count}, {to, count});
    },
    [](const float* from, std::byte* to, std::size_t count) {
      narrow({from, count}, {reinterpret_cast<std::uint16_t*>(to), count}, {});
    }};

template <class T>
class Own final : public Blender {
 public:
  Own(const Request& request, Conversion<T> conversion)
      : from_(moving::needed_input(request, 0).layout.shape),
        to_(moving::needed_output(request, 0).shape),
        size_(moving::size_of(moving::needed_output(request, 0).type)),
        conversion_(conversion) {
    passes_.reserve(from_.size());
  }
  void settle(const std::vector<Blend>& blends, const std::vector<Axis>& axes) override;
  void run(const std::byte* from, std::byte* to, std::byte* workspace,
           double outside) const override;
  /// Two buffers, each for the largest that a plane becomes on its way: known once settled.
  std::size_t workspace() const override {
    std::int64_t most = 1;
    for (std::size_t i = 0; i < from_.size(); ++i) most *= std::max(from_[i], to_[i]);
    return 2 * static_cast<std::size_t>(settled_ ? buffer_ : most) * sizeof(T);
  }

 private:
  const T* plane(const std::byte* from, T* buffer) const;

  models::Shape from_;
  models::Shape to_;
  std::size_t size_;
  Conversion<T> conversion_;
  std::vector<Pass<T>> passes_;
  std::int64_t planes_ = 0;
  std::int64_t plane_from_ = 0;  ///< elements
  std::int64_t plane_to_ = 0;
  std::int64_t buffer_ = 0;
  bool settled_ = false;
};

template <class T>
void Own<T>::settle(const std::vector<Blend>& blends, const std::vector<Axis>& axes) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (!is_whole(axes[i], blends[i])) order.push_back(i);
  const auto start = order.empty() ? from_.size() : order.front();
  planes_ = models::elements_of(std::span(from_).first(start));
  plane_from_ = models::elements_of(std::span(from_).subspan(start));
  plane_to_ = models::elements_of(std::span(to_).subspan(start));
  // What shrinks first, and lines before rows where all grow: then there is least to compute.
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const auto ratio = [&](std::size_t i) {
      return static_cast<double>(axes[i].to) / static_cast<double>(axes[i].from);
    };
    if (ratio(a) != ratio(b)) return ratio(a) < ratio(b);
    return ratio(a) > 1 && a > b;
  });
  passes_.clear();
  auto shape = from_;
  settled_ = true;
  buffer_ = conversion_.load != nullptr ? plane_from_ : 0;
  for (const auto axis : order) {
    auto& pass = passes_.emplace_back();
    pass.from = axes[axis].from;
    pass.to = axes[axis].to;
    const std::span now(shape);
    pass.outer = models::elements_of(now.subspan(start, axis - start));
    pass.inner = models::elements_of(now.subspan(axis + 1));
    pass.taps = blends[axis].taps;
    pass.places = blends[axis].places;
    pass.weights.resize(blends[axis].weights.size());
    std::ranges::transform(blends[axis].weights, pass.weights.begin(),
                           [](double weight) { return static_cast<T>(weight); });
    shape[axis] = pass.to;
    if (axis != order.back() || conversion_.store != nullptr)
      buffer_ = std::max(buffer_, pass.made());
  }
}

template <class T>
const T* Own<T>::plane(const std::byte* from, T* buffer) const {
  if (conversion_.load == nullptr) return reinterpret_cast<const T*>(from);
  conversion_.load(from, buffer, static_cast<std::size_t>(plane_from_));
  return buffer;
}

template <class T>
void Own<T>::run(const std::byte* from, std::byte* to, std::byte* workspace, double outside) const {
  if (passes_.empty()) {
    std::memcpy(to, from, static_cast<std::size_t>(planes_ * plane_to_) * size_);
    return;
  }
  auto* const first = reinterpret_cast<T*>(workspace);
  auto* const second = first + buffer_;
  for (std::int64_t p = 0; p < planes_; ++p) {
    const T* source = plane(from + p * plane_from_ * static_cast<std::int64_t>(size_), first);
    auto* const end = to + p * plane_to_ * static_cast<std::int64_t>(size_);
    for (const auto& pass : passes_) {
      const bool last = &pass == &passes_.back() && conversion_.store == nullptr;
      T* const result = last ? reinterpret_cast<T*>(end) : source == first ? second : first;
      pass.run(source, result, static_cast<T>(outside));
      source = result;
    }
    if (conversion_.store != nullptr)
      conversion_.store(source, end, static_cast<std::size_t>(plane_to_));
  }
}

}  // namespace

std::unique_ptr<Blender> make_blender(const Request& request) {
  const auto integral = [&](Conversion<double> conversion) -> std::unique_ptr<Blender> {
    return std::make_unique<Own<double>>(request, conversion);
  };
  const auto half = [&](Conversion<float> conversion) -> std::unique_ptr<Blender> {
    return std::make_unique<Own<float>>(request, conversion);
  };
  switch (moving::needed_input(request, 0).layout.type) {
    case ElementType::float32:
      return std::make_unique<Own<float>>(request, Conversion<float>{});
    case ElementType::float64:
      return std::make_unique<Own<double>>(request, Conversion<double>{});
    case ElementType::float16:
      return half(halves<models::from_fp16, models::to_fp16>);
    case ElementType::bfloat16:
      return half(halves<models::from_bf16, models::to_bf16>);
    case ElementType::int8:
      return integral(integers<std::int8_t>);
    case ElementType::uint8:
      return integral(integers<std::uint8_t>);
    case ElementType::int16:
      return integral(integers<std::int16_t>);
    case ElementType::uint16:
      return integral(integers<std::uint16_t>);
    case ElementType::int32:
      return integral(integers<std::int32_t>);
    case ElementType::uint32:
      return integral(integers<std::uint32_t>);
    default:
      throw NotSupported{request.op->type + " of 64-bit integers or booleans but to the nearest"};
  }
}

}  // namespace hardware::resizing
