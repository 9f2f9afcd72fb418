#include <algorithm>

#include "hardware/moving_stream.h"
#include "hardware/picking.h"

namespace hardware::picking {
namespace {

/// Slices of an axis, by one index each.
template <class Index>
class Gather final : public Kernel {
 public:
  Gather(const Request& request, std::size_t axis) : op_(named(request)) {
    const auto& data = needed_input(request, 0).layout;
    const std::span shape(data.shape);
    outer_ = models::elements_of(shape.first(axis));
    size_ = shape[axis];
    run_ = models::elements_of(shape.subspan(axis + 1)) *
           static_cast<std::int64_t>(size_of(data.type));
    indices_ = needed_input(request, 1).layout.elements();
  }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    if (outer_ == 0 || run_ == 0) return;
    const auto bytes = static_cast<std::size_t>(run_);
    if (!moving::streams(static_cast<std::size_t>(outer_ * indices_) * bytes)) {
      with_run(run_, [&](auto copy) {
        gather(inputs[0], inputs[1], [&, to = outputs[0]](const std::byte* from) mutable {
          copy(to, from);
          to += bytes;
        });
      });
    } else if (bytes >= 1024) {
      gather(inputs[0], inputs[1], [&, to = outputs[0]](const std::byte* from) mutable {
        moving::stream(to, from, bytes);
        to += bytes;
      });
      moving::end_streams();
    } else {
      moving::LineWriter writer(outputs[0]);
      with_run(run_, [&](auto copy) {
        gather(inputs[0], inputs[1],
               [&](const std::byte* from) { copy(writer.room(bytes), from); });
      });
    }
  }

 private:
  void soon(const std::byte* from, const std::byte* indices, std::int64_t place) const {
    const auto given = static_cast<std::uint64_t>(
        std::int64_t{load<Index>(indices + place * static_cast<std::int64_t>(sizeof(Index)))});
    const auto start = static_cast<std::int64_t>(given * static_cast<std::uint64_t>(run_));
    for (std::int64_t line = 0; line < std::min<std::int64_t>(run_, 512); line += moving::line)
      moving::foresee(from, start + line);
  }
  template <class Take>
  void gather(const std::byte* from, const std::byte* indices, Take take) const {
    const auto size = size_;
    const auto run = run_;
    const auto count = indices_;
    // Where runs start is not foreseen by the processor.
    const std::int64_t ahead = run < 512 ? 16 : 1;
    for (std::int64_t o = outer_; o > 0; --o, from += size * run)
      for (std::int64_t i = 0; i < count; ++i) {
        if (i + ahead < count) soon(from, indices, i + ahead);
        take(from + index_at<Index>(op_, indices, i, size) * run);
      }
  }

  models::Operator op_;
  std::int64_t outer_ = 0;
  std::int64_t size_ = 0;
  std::int64_t run_ = 0;  ///< bytes of a slice
  std::int64_t indices_ = 0;
};

/// Element by element: all places but that along the axis are as in the output.
template <class Index>
class GatherElements final : public Kernel {
 public:
  GatherElements(const Request& request, std::size_t axis)
      : op_(named(request)),
        axis_(axis),
        shape_(needed_output(request, 0).shape),
        along_(needed_input(request, 0).layout.shape[axis]),
        steps_(steps_of(needed_input(request, 0).layout.shape)),
        bytes_(static_cast<std::int64_t>(size_of(needed_output(request, 0).type))) {}
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    if (std::ranges::find(shape_, 0) != shape_.end()) return;
    indices_ = inputs[1];
    to_ = outputs[0];
    place_ = 0;
    with_run(bytes_, [&](auto copy) { walk(0, inputs[0], copy); });
  }

 private:
  template <class Copy>
  void walk(std::size_t axis, const std::byte* from, Copy copy) {
    const auto step = axis == axis_ ? 0 : steps_[axis] * bytes_;
    const auto chosen = steps_[axis_] * bytes_;
    for (std::int64_t i = 0; i < shape_[axis]; ++i, from += step) {
      if (axis + 1 < shape_.size()) {
        walk(axis + 1, from, copy);
        continue;
      }
      copy(to_ + place_ * bytes_, from + index_at<Index>(op_, indices_, place_, along_) * chosen);
      ++place_;
    }
  }

  models::Operator op_;
  std::size_t axis_;
  models::Shape shape_;
  std::int64_t along_;
  models::Shape steps_;
  std::int64_t bytes_;
  const std::byte* indices_ = nullptr;  // of the present run
  std::byte* to_ = nullptr;
  std::int64_t place_ = 0;
};

/// Slices by several indices each, the first axes running along.
template <class Index>
class GatherNd final : public Kernel {
 public:
  GatherNd(const Request& request, std::size_t batch) : op_(named(request)) {
    const auto& data = needed_input(request, 0).layout;
    const auto& indices = needed_input(request, 1).layout.shape;
    const auto depth = static_cast<std::size_t>(indices.back());
    const std::span shape(data.shape);
    batches_ = models::elements_of(shape.first(batch));
    per_batch_ = models::elements_of(std::span(indices).subspan(batch, indices.size() - 1 - batch));
    const auto steps = steps_of(data.shape);
    const auto bytes = static_cast<std::int64_t>(size_of(data.type));
    run_ = models::elements_of(shape.subspan(batch + depth)) * bytes;
    batch_ = models::elements_of(shape.subspan(batch)) * bytes;
    for (std::size_t i = batch; i < batch + depth; ++i) {
      sizes_.push_back(shape[i]);
      steps_.push_back(steps[i] * bytes);
    }
  }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    if (run_ == 0) return;
    with_run(run_, [&](auto copy) {
      const auto* from = inputs[0];
      auto* to = outputs[0];
      std::int64_t place = 0;
      for (std::int64_t b = 0; b < batches_; ++b, from += batch_)
        for (std::int64_t i = 0; i < per_batch_; ++i, to += run_) {
          std::int64_t offset = 0;
          for (std::size_t k = 0; k < sizes_.size(); ++k)
            offset += index_at<Index>(op_, inputs[1], place++, sizes_[k]) * steps_[k];
          copy(to, from + offset);
        }
    });
  }

 private:
  models::Operator op_;
  std::int64_t batches_ = 0;
  std::int64_t per_batch_ = 0;
  std::int64_t run_ = 0;    ///< bytes of a slice
  std::int64_t batch_ = 0;  ///< bytes of the data of a batch
  models::Shape sizes_;     ///< [index]
  models::Shape steps_;
};

template <template <class> class Own>
Prepared made(const Request& request, std::size_t axis) {
  require_same_type(request, 0);
  if (has_wide_indices(request, 1))
    return plain(request, std::make_unique<Own<std::int64_t>>(request, axis), "own");
  return plain(request, std::make_unique<Own<std::int32_t>>(request, axis), "own");
}

}  // namespace

Prepared make_gather(const Request& request) {
  const auto& data = needed_input(request, 0).layout.shape;
  const auto& indices = needed_input(request, 1).layout.shape;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", 0), data.size());
  models::Shape expected(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(axis));
  expected.insert(expected.end(), indices.begin(), indices.end());
  expected.insert(expected.end(), data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end());
  require(request, needed_output(request, 0).shape == expected,
          "its output has not the shape of what is gathered");
  return made<Gather>(request, axis);
}

Prepared make_gather_elements(const Request& request) {
  const auto& data = needed_input(request, 0).layout.shape;
  const auto& indices = needed_input(request, 1).layout.shape;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", 0), data.size());
  bool fits = indices.size() == data.size() && needed_output(request, 0).shape == indices;
  for (std::size_t i = 0; fits && i < data.size(); ++i) fits = i == axis || indices[i] <= data[i];
  require(request, fits, "its indices do not fit its data");
  return made<GatherElements>(request, axis);
}

Prepared make_gather_nd(const Request& request) {
  const auto& data = needed_input(request, 0).layout.shape;
  const auto& indices = needed_input(request, 1).layout.shape;
  const auto rank = static_cast<std::int64_t>(data.size());
  const auto batch = integer_of(*request.op, "batch_dims", 0);
  bool fits = !indices.empty() && batch >= 0 && batch < static_cast<std::int64_t>(indices.size()) &&
              indices.back() >= 0 && indices.back() <= rank && batch + indices.back() <= rank;
  for (std::int64_t i = 0; fits && i < batch; ++i)
    fits = models::at(indices, i) == models::at(data, i);
  require(request, fits, "its indices do not fit its data");
  models::Shape expected(indices.begin(), indices.end() - 1);
  expected.insert(expected.end(), data.begin() + batch + indices.back(), data.end());
  require(request, needed_output(request, 0).shape == expected,
          "its output has not the shape of what is gathered");
  return made<GatherNd>(request, static_cast<std::size_t>(batch));
}

}  // namespace hardware::picking
