#include <algorithm>

#include "hardware/picking.h"

namespace hardware::picking {
namespace {

/// The data, unless the output lies upon them.
void copy_data(const std::byte* from, std::byte* to, std::size_t bytes) {
  if (from != to && bytes > 0) std::memcpy(to, from, bytes);
}

template <class Index>
class ScatterElements final : public Kernel {
 public:
  ScatterElements(const Request& request, std::size_t axis)
      : op_(named(request)),
        axis_(axis),
        shape_(needed_input(request, 1).layout.shape),
        along_(needed_output(request, 0).shape[axis]),
        steps_(steps_of(needed_output(request, 0).shape)),
        bytes_(static_cast<std::int64_t>(size_of(needed_output(request, 0).type))),
        all_(needed_output(request, 0).bytes()),
        combine_(combiner(request, needed_output(request, 0).type)) {}
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    copy_data(inputs[0], outputs[0], all_);
    if (std::ranges::find(shape_, 0) != shape_.end()) return;
    indices_ = inputs[1];
    updates_ = inputs[2];
    place_ = 0;
    walk(0, outputs[0]);
  }

 private:
  void walk(std::size_t axis, std::byte* to) {
    const auto step = axis == axis_ ? 0 : steps_[axis] * bytes_;
    const auto chosen = steps_[axis_] * bytes_;
    for (std::int64_t i = 0; i < shape_[axis]; ++i, to += step) {
      if (axis + 1 < shape_.size()) {
        walk(axis + 1, to);
        continue;
      }
      combine_(to + index_at<Index>(op_, indices_, place_, along_) * chosen,
               updates_ + place_ * bytes_, 1);
      ++place_;
    }
  }

  models::Operator op_;
  std::size_t axis_;
  models::Shape shape_;
  std::int64_t along_;
  models::Shape steps_;
  std::int64_t bytes_;
  std::size_t all_;
  Combine combine_;
  const std::byte* indices_ = nullptr;  // of the present run
  const std::byte* updates_ = nullptr;
  std::int64_t place_ = 0;
};

template <class Index>
class ScatterNd final : public Kernel {
 public:
  ScatterNd(const Request& request, std::size_t depth)
      : op_(named(request)),
        all_(needed_output(request, 0).bytes()),
        combine_(combiner(request, needed_output(request, 0).type)) {
    const auto& data = needed_output(request, 0);
    const auto& indices = needed_input(request, 1).layout.shape;
    const auto steps = steps_of(data.shape);
    bytes_ = static_cast<std::int64_t>(size_of(data.type));
    count_ = models::elements_of(std::span(indices).first(indices.size() - 1));
    run_ = models::elements_of(std::span(data.shape).subspan(depth));
    for (std::size_t i = 0; i < depth; ++i) {
      sizes_.push_back(data.shape[i]);
      steps_.push_back(steps[i]);
    }
  }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    copy_data(inputs[0], outputs[0], all_);
    if (run_ == 0) return;
    std::int64_t place = 0;
    for (std::int64_t i = 0; i < count_; ++i) {
      std::int64_t offset = 0;
      for (std::size_t k = 0; k < sizes_.size(); ++k)
        offset += index_at<Index>(op_, inputs[1], place++, sizes_[k]) * steps_[k];
      combine_(outputs[0] + offset * bytes_, inputs[2] + i * run_ * bytes_, run_);
    }
  }

 private:
  models::Operator op_;
  std::size_t all_;
  Combine combine_;
  std::int64_t bytes_ = 0;
  std::int64_t count_ = 0;
  std::int64_t run_ = 0;  ///< elements of a slice
  models::Shape sizes_;   ///< [index]
  models::Shape steps_;
};

template <template <class> class Own>
Prepared made(const Request& request, std::size_t axis) {
  require_same_type(request, 0);
  require_same_type(request, 2);
  require(request, needed_input(request, 0).layout.shape == needed_output(request, 0).shape,
          "its output has not the shape of its data");
  auto prepared = has_wide_indices(request, 1)
                      ? plain(request, std::make_unique<Own<std::int64_t>>(request, axis), "own")
                      : plain(request, std::make_unique<Own<std::int32_t>>(request, axis), "own");
  prepared.in_place = 0;
  return prepared;
}

}  // namespace

Prepared make_scatter_elements(const Request& request) {
  const auto& data = needed_input(request, 0).layout.shape;
  const auto& indices = needed_input(request, 1).layout.shape;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", 0), data.size());
  bool fits = indices.size() == data.size() && needed_input(request, 2).layout.shape == indices;
  for (std::size_t i = 0; fits && i < data.size(); ++i) fits = i == axis || indices[i] <= data[i];
  require(request, fits, "its indices, updates and data do not fit together");
  return made<ScatterElements>(request, axis);
}

Prepared make_scatter_nd(const Request& request) {
  const auto& data = needed_input(request, 0).layout.shape;
  const auto& indices = needed_input(request, 1).layout.shape;
  const bool fits = !indices.empty() && indices.back() >= 0 &&
                    indices.back() <= static_cast<std::int64_t>(data.size());
  require(request, fits, "its indices do not fit its data");
  models::Shape expected(indices.begin(), indices.end() - 1);
  expected.insert(expected.end(), data.begin() + indices.back(), data.end());
  require(request, needed_input(request, 2).layout.shape == expected,
          "its updates do not fit its indices and data");
  return made<ScatterNd>(request, static_cast<std::size_t>(indices.back()));
}

}  // namespace hardware::picking
