// Operators that look for elements by their value.
#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

#include "hardware/picking.h"
#include "models/precision/convert.h"

namespace hardware::picking {
namespace {

using models::ElementType;

/// Real numbers as unsigned integers in the same order; both zeros are equal, NaN is the greatest.
template <class Bits>
std::uint64_t real_rank(Bits bits, Bits infinity) {
  constexpr auto sign = static_cast<Bits>(Bits{1} << (std::numeric_limits<Bits>::digits - 1));
  const auto magnitude = static_cast<Bits>(bits & ~sign);
  if (magnitude > infinity) return std::numeric_limits<std::uint64_t>::max();
  if (magnitude == 0) return sign;
  return static_cast<Bits>((bits & sign) != 0 ? ~bits : bits | sign);
}

template <class T>
std::uint64_t rank_of(const std::byte* from) {
  constexpr auto sign = std::uint64_t{1} << 63;
  if constexpr (std::is_signed_v<T>)
    return static_cast<std::uint64_t>(std::int64_t{load<T>(from)}) ^ sign;
  else
    return load<T>(from);
}

/// A whole number with the order of the element it is read from.
using Rank = std::uint64_t (*)(const std::byte*);

Rank rank_by(const Request& request, ElementType type) {
  switch (type) {
    case ElementType::float32:
      return [](const std::byte* p) { return real_rank(load<std::uint32_t>(p), 0x7f800000U); };
    case ElementType::float64:
      return [](const std::byte* p) {
        return real_rank(load<std::uint64_t>(p), std::uint64_t{0x7ff0000000000000});
      };
    case ElementType::float16:
      return [](const std::byte* p) {
        return real_rank(load<std::uint16_t>(p), std::uint16_t{0x7c00});
      };
    case ElementType::bfloat16:
      return [](const std::byte* p) {
        return real_rank(load<std::uint16_t>(p), std::uint16_t{0x7f80});
      };
    case ElementType::int8:
      return rank_of<std::int8_t>;
    case ElementType::int16:
      return rank_of<std::int16_t>;
    case ElementType::int32:
      return rank_of<std::int32_t>;
    case ElementType::int64:
      return rank_of<std::int64_t>;
    case ElementType::uint8:
      return rank_of<std::uint8_t>;
    case ElementType::uint16:
      return rank_of<std::uint16_t>;
    case ElementType::uint32:
      return rank_of<std::uint32_t>;
    case ElementType::uint64:
      return rank_of<std::uint64_t>;
    default:
      fail(*request.op, "its data have no order");
  }
}

/// The greatest or least along an axis, in their order, equal ones by their place.
class TopK final : public Kernel {
 public:
  TopK(const Request& request, std::size_t axis);
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override;
  std::size_t workspace() const { return static_cast<std::size_t>(size_) * sizeof(Candidate); }

 private:
  struct Candidate {
    std::uint64_t rank;
    std::int64_t place;
  };
  void choose(const std::byte* from, Candidate* candidates) const;

  models::Operator op_;
  moving::IntegerInput k_input_;
  Rank rank_;
  bool largest_;
  std::int64_t bytes_;
  std::int64_t size_;
  std::int64_t k_;
  std::int64_t outer_;
  std::int64_t inner_;
};

TopK::TopK(const Request& request, std::size_t axis)
    : op_(named(request)),
      k_input_(request, "k", 1),
      rank_(rank_by(request, needed_input(request, 0).layout.type)),
      largest_(integer_of(*request.op, "largest", 1) != 0),
      bytes_(static_cast<std::int64_t>(size_of(needed_input(request, 0).layout.type))),
      size_(needed_input(request, 0).layout.shape[axis]),
      k_(needed_output(request, 0).shape.at(axis)) {
  const std::span shape(needed_input(request, 0).layout.shape);
  outer_ = models::elements_of(shape.first(axis));
  inner_ = models::elements_of(shape.subspan(axis + 1));
  require(request, k_input_.present() && k_input_.count() == 1, "it needs one k");
  if (k_input_.settled())
    require(request, k_input_.read({})[0] == k_,
            "its k is not the one the network was prepared for");
  require(request, k_ <= size_, "its k is larger than its axis");
}

void TopK::choose(const std::byte* from, Candidate* candidates) const {
  const auto step = inner_ * bytes_;
  for (std::int64_t i = 0; i < size_; ++i, from += step) {
    const auto rank = rank_(from);
    candidates[i] = {largest_ ? rank : ~rank, i};
  }
  const auto before = [](const Candidate& a, const Candidate& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.place < b.place;
  };
  if (k_ < size_) std::nth_element(candidates, candidates + k_, candidates + size_, before);
  std::sort(candidates, candidates + k_, before);
}

void TopK::run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
               std::byte* workspace) {
  if (k_input_.read(inputs)[0] != k_)
    fail(op_, "its k is not the one the network was prepared for");
  auto* candidates = reinterpret_cast<Candidate*>(workspace);
  const auto size = static_cast<std::size_t>(bytes_);
  for (std::int64_t o = 0; o < outer_ && k_ > 0; ++o)
    for (std::int64_t i = 0; i < inner_; ++i) {
      const auto* from = inputs[0] + (o * size_ * inner_ + i) * bytes_;
      choose(from, candidates);
      for (std::int64_t n = 0; n < k_; ++n) {
        const auto to = (o * k_ + n) * inner_ + i;
        const auto place = candidates[n].place;
        if (outputs[0] != nullptr)
          std::memcpy(outputs[0] + to * bytes_, from + place * inner_ * bytes_, size);
        if (outputs.size() > 1 && outputs[1] != nullptr) store(outputs[1] + to * 8, place);
      }
    }
}

/// Any number as a whole one, towards nought.
template <class T>
std::int64_t whole(const std::byte* from) {
  const auto value = load<T>(from);
  if constexpr (std::is_floating_point_v<T>)
    return value > T(-1e18) && value < T(1e18) ? static_cast<std::int64_t>(value)
                                               : std::numeric_limits<std::int64_t>::max();
  else
    return static_cast<std::int64_t>(value);
}
template <void (*widen)(std::span<const std::uint16_t>, std::span<float>)>
std::int64_t whole_half(const std::byte* from) {
  const auto half = load<std::uint16_t>(from);
  float value = 0;
  widen({&half, 1}, {&value, 1});
  return whole<float>(reinterpret_cast<const std::byte*>(&value));
}
using Whole = std::int64_t (*)(const std::byte*);

Whole whole_by(const Request& request, std::size_t input) {
  switch (needed_input(request, input).layout.type) {
    case ElementType::float32:
      return whole<float>;
    case ElementType::float64:
      return whole<double>;
    case ElementType::float16:
      return whole_half<models::from_fp16>;
    case ElementType::bfloat16:
      return whole_half<models::from_bf16>;
    case ElementType::int8:
      return whole<std::int8_t>;
    case ElementType::int16:
      return whole<std::int16_t>;
    case ElementType::int32:
      return whole<std::int32_t>;
    case ElementType::int64:
      return whole<std::int64_t>;
    case ElementType::uint8:
      return whole<std::uint8_t>;
    case ElementType::uint16:
      return whole<std::uint16_t>;
    case ElementType::uint32:
      return whole<std::uint32_t>;
    case ElementType::uint64:
      return whole<std::uint64_t>;
    default:
      throw NotSupported{"OneHot with indices or depth of booleans"};
  }
}

class OneHot final : public Kernel {
 public:
  OneHot(const Request& request, std::size_t axis)
      : op_(named(request)),
        index_(whole_by(request, 0)),
        depth_(whole_by(request, 1)),
        step_(size_of(needed_input(request, 0).layout.type)),
        size_(size_of(needed_output(request, 0).type)),
        bytes_(needed_output(request, 0).bytes()) {
    const std::span shape(needed_output(request, 0).shape);
    outer_ = models::elements_of(shape.first(axis));
    size_along_ = shape[axis];
    inner_ = models::elements_of(shape.subspan(axis + 1));
  }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    if (depth_(inputs[1]) != size_along_)
      fail(op_, "its depth is not the one the network was prepared for");
    moving::Element off;
    off.size = size_;
    std::memcpy(off.bytes.data(), inputs[2], size_);
    moving::fill(outputs[0], bytes_, off);
    const auto* from = inputs[0];
    for (std::int64_t o = 0; o < outer_; ++o)
      for (std::int64_t i = 0; i < inner_; ++i, from += step_) {
        const auto given = index_(from);
        const auto index = given < 0 ? given + size_along_ : given;
        if (index < 0 || index >= size_along_) continue;
        const auto place = static_cast<std::size_t>((o * size_along_ + index) * inner_ + i);
        std::memcpy(outputs[0] + place * size_, inputs[2] + size_, size_);
      }
  }

 private:
  models::Operator op_;
  Whole index_;
  Whole depth_;
  std::size_t step_;  ///< bytes of an index
  std::size_t size_;  ///< bytes of an element
  std::size_t bytes_;
  std::int64_t outer_ = 0;
  std::int64_t size_along_ = 0;
  std::int64_t inner_ = 0;
};

/// Places of elements that are not nought, one column each.
class NonZero final : public Kernel {
 public:
  explicit NonZero(const Request& request)
      : op_(named(request)),
        shape_(needed_input(request, 0).layout.shape),
        real_(models::is_real(needed_input(request, 0).layout.type)),
        size_(size_of(needed_input(request, 0).layout.type)),
        count_(needed_output(request, 0).shape.back()) {}
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    std::int64_t found = 0;
    const auto all = models::elements_of(shape_);
    const auto* from = inputs[0];
    for (std::int64_t n = 0; n < all; ++n, from += size_) {
      if (is_nought(from)) continue;
      if (found < count_) note(n, outputs[0] + found * 8);
      ++found;
    }
    if (found != count_)
      fail(op_, "it found " + std::to_string(found) + " elements that are not nought where the " +
                    "network was prepared for " + std::to_string(count_));
  }

 private:
  bool is_nought(const std::byte* from) const {
    // Of real numbers, minus nought too: little-endian, the sign is the last bit.
    auto last = static_cast<unsigned>(from[size_ - 1]);
    if (real_) last &= 0x7fU;
    return last == 0 &&
           std::all_of(from, from + size_ - 1, [](auto b) { return b == std::byte{}; });
  }
  void note(std::int64_t place, std::byte* column) const {
    for (std::size_t i = shape_.size(); i-- > 0;) {
      store(column + static_cast<std::int64_t>(i) * count_ * 8, place % shape_[i]);
      place /= shape_[i];
    }
  }

  models::Operator op_;
  models::Shape shape_;
  bool real_;
  std::size_t size_;
  std::int64_t count_;
};

}  // namespace

Prepared make_top_k(const Request& request) {
  const auto& shape = needed_input(request, 0).layout.shape;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", -1), shape.size());
  require_same_type(request, 0);
  const auto& output = needed_output(request, 0).shape;
  bool fits = output.size() == shape.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i) fits = i == axis || output[i] == shape[i];
  require(request, fits, "its output has not the shape of its input");
  auto kernel = std::make_unique<TopK>(request, axis);
  const auto workspace = kernel->workspace();
  auto prepared = plain(request, std::move(kernel), "own");
  prepared.workspace = workspace;
  return prepared;
}

Prepared make_one_hot(const Request& request) {
  const auto& indices = needed_input(request, 0).layout.shape;
  const auto& output = needed_output(request, 0).shape;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", -1), indices.size() + 1);
  require_same_type(request, 2);
  require(request, needed_input(request, 1).layout.elements() == 1, "its depth must be one number");
  require(request, needed_input(request, 2).layout.elements() == 2,
          "its values must be one for off and one for on");
  auto expected = indices;
  require(request, output.size() == indices.size() + 1, "its output has not one axis more");
  expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(axis), output[axis]);
  require(request, output == expected, "its output has not the shape of its indices and depth");
  return plain(request, std::make_unique<OneHot>(request, axis), "own");
}

Prepared make_non_zero(const Request& request) {
  const auto& output = needed_output(request, 0);
  require(request,
          output.type == ElementType::int64 && output.shape.size() == 2 &&
              output.shape[0] ==
                  static_cast<std::int64_t>(needed_input(request, 0).layout.shape.size()),
          "its output must be int64 and have a row per axis");
  return plain(request, std::make_unique<NonZero>(request), "own");
}

}  // namespace hardware::picking
