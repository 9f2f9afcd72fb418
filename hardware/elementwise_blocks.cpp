#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "hardware/attributes.h"
#include "hardware/converting.h"
#include "hardware/elementwise.h"

namespace hardware {
namespace {

using models::ElementType;

/// Elements that are computed at once: few enough for operands and result to stay in the cache.
constexpr std::int64_t most = 1024;
constexpr std::size_t buffer_bytes = most * 8;

/// An input as the blocks of the result see it.
struct Operand {
  std::size_t input = 0;
  std::vector<std::int64_t> strides;  ///< elements from one to the next, per axis; 0: the same
  std::size_t from_bytes = 0;
  std::size_t to_bytes = 0;
  Convert convert = nullptr;  ///< nullptr: same type
  bool whole = false;         ///< of the result's shape
  bool contiguous = false;    ///< within a block
  std::size_t buffer = 0;     ///< of it, in the workspace
  std::int64_t offset = -1;   ///< of what is in the buffer
  std::int64_t filled = 0;    ///< and how many elements of the result it is good for
};

template <class T>
void repeat(std::byte* to, std::int64_t count) {
  auto* elements = reinterpret_cast<T*>(to);
  std::fill(elements + 1, elements + count, elements[0]);
}

/// The first element of `to` for all `count`.
void repeat(std::byte* to, std::int64_t count, std::size_t bytes) {
  if (bytes == 1) repeat<std::uint8_t>(to, count);
  if (bytes == 2) repeat<std::uint16_t>(to, count);
  if (bytes == 4) repeat<std::uint32_t>(to, count);
  if (bytes == 8) repeat<std::uint64_t>(to, count);
}

template <class T>
void repeat_each(const std::byte* from, std::int64_t stride, std::int64_t count, std::byte* to,
                 std::int64_t times) {
  const auto* source = reinterpret_cast<const T*>(from);
  auto* target = reinterpret_cast<T*>(to);
  for (std::int64_t i = 0; i < count; ++i, target += times) {
    const T value = source[i * stride];
    for (std::int64_t k = 0; k < times; ++k) target[k] = value;
  }
}

/// Each of some elements so many times.
void repeat_each(const std::byte* from, std::int64_t stride, std::int64_t count, std::byte* to,
                 std::int64_t times, std::size_t bytes) {
  if (bytes == 1) repeat_each<std::uint8_t>(from, stride, count, to, times);
  if (bytes == 2) repeat_each<std::uint16_t>(from, stride, count, to, times);
  if (bytes == 4) repeat_each<std::uint32_t>(from, stride, count, to, times);
  if (bytes == 8) repeat_each<std::uint64_t>(from, stride, count, to, times);
}

class Pointwise final : public Kernel {
 public:
  Pointwise(const Request& request, LoopChain chain) : op_(*request.op), chain_(std::move(chain)) {
    const auto& output = request.outputs.at(0).value();
    dims_ = output.shape;
    for (std::size_t i = 0; i < chain_.inputs.size(); ++i) add_operand(request, i);
    collapse();
    choose_blocks();
    result_bytes_ = bytes_of(output.type);
    if (chain_.result != output.type) narrow_ = converter(chain_.result, output.type);
    pointers_.resize(operands_.size() + 1);
  }

  /// An input that the result may lie upon: one that is read before anything is written there.
  int in_place() const {
    const auto first = std::min(operands_.size(), static_cast<std::size_t>(chain_.links[0].takes));
    for (std::size_t i = 0; i < first; ++i)
      if (operands_[i].whole && operands_[i].from_bytes == result_bytes_)
        return static_cast<int>(operands_[i].input);
    return -1;
  }
  std::size_t workspace() const { return (operands_.size() + 1) * buffer_bytes; }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    try {
      for (auto& operand : operands_) operand.offset = -1;
      if (elements_ > 0) compute(inputs, outputs[0], workspace);
    } catch (const DivisionByZero&) {
      fail(op_, "integer division by zero");
    }
  }

 private:
  void add_operand(const Request& request, std::size_t i) {
    const auto& layout = request.inputs.at(chain_.inputs[i]).value().layout;
    Operand operand{chain_.inputs[i], strides(layout.shape), bytes_of(layout.type),
                    bytes_of(chain_.operands[i])};
    if (layout.type != chain_.operands[i])
      operand.convert = converter(layout.type, chain_.operands[i]);
    operand.whole = layout.shape == dims_;
    operand.buffer = i * buffer_bytes;
    operands_.push_back(std::move(operand));
  }

  std::vector<std::int64_t> strides(const models::Shape& shape) const {
    std::vector<std::int64_t> result(dims_.size(), 0);
    if (shape.size() > dims_.size()) fail(op_, "its inputs do not broadcast to its output");
    std::int64_t stride = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const auto size = shape[shape.size() - 1 - i];
      const auto axis = dims_.size() - 1 - i;
      if (size != 1 && size != dims_[axis])
        fail(op_, "its input of shape " + models::text_of(shape) + " does not broadcast to " +
                      models::text_of(dims_));
      result[axis] = size == 1 ? 0 : stride;
      stride *= size;
    }
    return result;
  }

  /// Makes one axis of neighbours that every operand walks through evenly.
  void collapse() {
    elements_ = models::elements_of(dims_);
    std::size_t kept = 0;
    for (std::size_t axis = 0; axis < dims_.size(); ++axis) {
      if (dims_[axis] == 1) continue;
      const bool joins = kept > 0 && std::all_of(operands_.begin(), operands_.end(), [&](auto& o) {
                           return o.strides[kept - 1] == o.strides[axis] * dims_[axis];
                         });
      if (!joins) ++kept;
      dims_[kept - 1] = joins ? dims_[kept - 1] * dims_[axis] : dims_[axis];
      for (auto& operand : operands_) operand.strides[kept - 1] = operand.strides[axis];
    }
    if (kept == 0) {
      kept = 1;
      dims_.assign(1, 1);
      for (auto& operand : operands_) operand.strides.assign(1, 1);
    }
    dims_.resize(kept);
    for (auto& operand : operands_) operand.strides.resize(kept);
  }

  /// A block is some places of axis `level_` with all that is inside of them.
  void choose_blocks() {
    if (elements_ == 0) return;
    level_ = dims_.size() - 1;
    while (level_ > 0 && inside_ * dims_[level_] <= most) inside_ *= dims_[level_--];
    places_ = std::max<std::int64_t>(1, most / inside_);
    index_.assign(level_ + 1, 0);
    for (auto& operand : operands_) {
      operand.contiguous = true;
      std::int64_t stride = 1;
      for (std::size_t axis = dims_.size(); axis-- > level_;) {
        operand.contiguous = operand.contiguous && operand.strides[axis] == stride;
        stride *= dims_[axis];
      }
    }
  }

  void compute(std::span<const std::byte* const> inputs, std::byte* result, std::byte* workspace) {
    std::fill(index_.begin(), index_.end(), 0);
    for (std::int64_t done = 0; done < elements_;) {
      const auto places = std::min(places_, dims_[level_] - index_[level_]);
      const auto count = places * inside_;
      for (std::size_t i = 0; i < operands_.size(); ++i)
        pointers_[i + 1] = fetch(operands_[i], inputs[operands_[i].input], places, workspace);
      apply(result, count, workspace);
      result += static_cast<std::size_t>(count) * result_bytes_;
      done += count;
      advance(places);
    }
  }

  void advance(std::int64_t places) {
    index_[level_] += places;
    for (auto axis = level_; axis > 0 && index_[axis] == dims_[axis]; --axis) {
      index_[axis] = 0;
      ++index_[axis - 1];
    }
  }

  /// Where the operand's elements of the block lie side by side, in the type computed in.
  const std::byte* fetch(Operand& operand, const std::byte* input, std::int64_t places,
                         std::byte* workspace) const {
    const auto offset =
        std::inner_product(index_.begin(), index_.end(), operand.strides.begin(), std::int64_t{0});
    const auto* from = input + static_cast<std::size_t>(offset) * operand.from_bytes;
    auto* buffer = workspace + operand.buffer;
    if (operand.contiguous && operand.convert == nullptr) return from;
    if (operand.offset == offset && operand.filled >= places) return buffer;
    if (operand.contiguous)
      operand.convert(from, buffer, places * inside_);
    else
      gather(operand, level_, places, from, buffer);
    operand.offset = offset;
    operand.filled = places;
    return buffer;
  }

  /// Puts `count` places of the axis, with all inside of them, side by side; returns the end.
  std::byte* gather(const Operand& operand, std::size_t axis, std::int64_t count,
                    const std::byte* from, std::byte* to) const {
    const auto stride = operand.strides[axis];
    if (axis + 1 == dims_.size()) {
      copy(operand, from, to, stride == 0 ? 1 : count);
      if (stride == 0) repeat(to, count, operand.to_bytes);
      return to + static_cast<std::size_t>(count) * operand.to_bytes;
    }
    if (axis + 2 == dims_.size() && operand.strides[axis + 1] == 0 && stride != 0 &&
        operand.convert == nullptr) {
      repeat_each(from, stride, count, to, dims_[axis + 1], operand.to_bytes);
      return to + static_cast<std::size_t>(count * dims_[axis + 1]) * operand.to_bytes;
    }
    const auto step = static_cast<std::size_t>(stride) * operand.from_bytes;
    auto* end = gather(operand, axis + 1, dims_[axis + 1], from, to);
    const auto size = static_cast<std::size_t>(end - to);
    for (std::int64_t i = 1; i < count; ++i) {
      if (stride == 0) {
        std::memcpy(end, to, size);
        end += size;
      } else {
        from += step;
        end = gather(operand, axis + 1, dims_[axis + 1], from, end);
      }
    }
    return end;
  }

  static void copy(const Operand& operand, const std::byte* from, std::byte* to,
                   std::int64_t count) {
    if (operand.convert != nullptr)
      operand.convert(from, to, count);
    else
      std::memcpy(to, from, static_cast<std::size_t>(count) * operand.to_bytes);
  }

  void apply(std::byte* result, std::int64_t count, std::byte* workspace) {
    auto* made = narrow_ == nullptr ? result : workspace + operands_.size() * buffer_bytes;
    const void* const* operands = pointers_.data() + 1;
    for (std::size_t i = 0; i < chain_.links.size(); ++i) {
      const auto& link = chain_.links[i];
      // What came out so far stands in the place of an operand that is used up.
      if (i > 0) pointers_[static_cast<std::size_t>(--operands - pointers_.data())] = made;
      link.loop(operands, made, count, chain_.reals);
      operands += link.takes + (i > 0 ? 1 : 0);
    }
    if (narrow_ != nullptr) narrow_(made, result, count);
  }

  const models::Operator op_;
  LoopChain chain_;
  std::vector<Operand> operands_;
  std::vector<std::int64_t> dims_;
  std::vector<std::int64_t> index_;
  std::vector<const void*> pointers_;  ///< of the operands, after one place that stays free
  std::int64_t elements_ = 0;
  std::int64_t inside_ = 1;
  std::int64_t places_ = 1;
  std::size_t level_ = 0;
  std::size_t result_bytes_ = 0;
  Convert narrow_ = nullptr;
};

}  // namespace

Prepared make_pointwise(const Request& request, LoopChain chain, std::string implementation) {
  auto kernel = std::make_unique<Pointwise>(request, std::move(chain));
  Prepared prepared;
  prepared.in_place = kernel->in_place();
  prepared.workspace = kernel->workspace();
  prepared.kernel = std::move(kernel);
  prepared.implementation = std::move(implementation);
  for (const auto& input : request.inputs)
    prepared.inputs.push_back(input ? input->layout : Layout{});
  for (const auto& output : request.outputs) prepared.outputs.push_back(output.value_or(Layout{}));
  return prepared;
}

}  // namespace hardware
