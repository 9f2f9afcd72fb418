// Operators that make elements instead of moving them.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "hardware/moving.h"

namespace hardware::moving {
namespace {

using models::ElementType;

/// Rank, rows and columns of the matrices in a tensor.
struct Matrices {
  explicit Matrices(const Request& request, const models::Shape& shape) {
    if (shape.size() < 2) fail(*request.op, "it needs at least two axes");
    columns = shape.back();
    rows = shape[shape.size() - 2];
    const auto area = rows * columns;
    count = area == 0 ? 0 : models::elements_of(shape) / area;
  }
  std::int64_t count = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

class ConstantOfShape final : public Planned {
 public:
  explicit ConstantOfShape(const Request& request)
      : Planned(request),
        shape_(request, 0),
        expected_(needed_output(request, 0).shape),
        bytes_(needed_output(request, 0).bytes()),
        value_(element_of(request, "value", needed_output(request, 0).type)) {}
  bool settled() const { return shape_.settled(); }

 private:
  void plan(Inputs inputs) override {
    if (shape_.present())
      require(std::ranges::equal(shape_.read(inputs), expected_),
              "its shape is not the one the network was prepared for");
  }
  void move(Inputs, Outputs outputs) override { fill(outputs[0], bytes_, value_); }

  IntegerInput shape_;
  models::Shape expected_;
  std::size_t bytes_;
  Element value_;
};

/// A list of numbers in an attribute.
class Listed final : public Planned {
 public:
  Listed(const Request& request, std::vector<Element> elements)
      : Planned(request), elements_(std::move(elements)) {
    require(needed_output(request, 0).elements() == static_cast<std::int64_t>(elements_.size()),
            "its output has not as many elements as its attribute");
  }

 private:
  void plan(Inputs) override {}
  void move(Inputs, Outputs outputs) override {
    auto* to = outputs[0];
    for (const auto& element : elements_) {
      std::memcpy(to, element.bytes.data(), element.size);
      to += element.size;
    }
  }

  std::vector<Element> elements_;
};

template <class T>
class Range final : public Planned {
 public:
  explicit Range(const Request& request)
      : Planned(request), count_(needed_output(request, 0).elements()) {
    for (std::size_t i = 0; i < 3; ++i) {
      require_same_type(request, i);
      require(needed_input(request, i).layout.elements() == 1,
              "its start, limit and step must be scalars");
    }
  }
  bool settled() const { return true; }

 private:
  void plan(Inputs) override {}
  void move(Inputs inputs, Outputs outputs) override {
    T start{};
    T limit{};
    T step{};
    std::memcpy(&start, inputs[0], sizeof(T));
    std::memcpy(&limit, inputs[1], sizeof(T));
    std::memcpy(&step, inputs[2], sizeof(T));
    require(step != T{0}, "a step of nought never ends");
    require(count(start, limit, step) == count_,
            "its range has not the length the network was prepared for");
    for (std::int64_t i = 0; i < count_; ++i) {
      const auto value = static_cast<T>(start + static_cast<T>(i) * step);
      std::memcpy(outputs[0] + static_cast<std::size_t>(i) * sizeof(T), &value, sizeof(T));
    }
  }
  static std::int64_t count(T start, T limit, T step) {
    const auto wide = [](T value) { return static_cast<long double>(value); };
    const auto many = std::ceil((wide(limit) - wide(start)) / wide(step));
    return many > 0 && many < 0x1p60L ? static_cast<std::int64_t>(many) : 0;
  }

  std::int64_t count_;
};

class EyeLike final : public Planned {
 public:
  explicit EyeLike(const Request& request)
      : Planned(request),
        shape_(request, needed_output(request, 0).shape),
        diagonal_(integer_of(*request.op, "k", 0)),
        one_(element(needed_output(request, 0).type, std::int64_t{1})),
        bytes_(needed_output(request, 0).bytes()) {
    require(needed_output(request, 0).shape.size() == 2, "it needs two axes");
  }
  bool settled() const { return true; }

 private:
  void plan(Inputs) override {}
  void move(Inputs, Outputs outputs) override {
    if (bytes_ == 0) return;
    std::memset(outputs[0], 0, bytes_);
    for (std::int64_t row = 0; row < shape_.rows; ++row) {
      if (diagonal_ <= -row - 1 || diagonal_ >= shape_.columns - row) continue;
      const auto place = static_cast<std::size_t>(row * shape_.columns + row + diagonal_);
      std::memcpy(outputs[0] + place * one_.size, one_.bytes.data(), one_.size);
    }
  }

  Matrices shape_;
  std::int64_t diagonal_;
  Element one_;
  std::size_t bytes_;
};

class Trilu final : public Planned {
 public:
  explicit Trilu(const Request& request)
      : Planned(request),
        shape_(request, needed_input(request, 0).layout.shape),
        diagonal_(request, 1),
        upper_(integer_of(*request.op, "upper", 1) != 0),
        size_(size_of(needed_input(request, 0).layout.type)) {
    require_same_type(request, 0);
    require(needed_input(request, 0).layout.shape == needed_output(request, 0).shape,
            "its output has not the shape of its input");
    require(!diagonal_.present() || diagonal_.count() == 1, "its diagonal must be one number");
  }
  bool settled() const { return diagonal_.settled(); }

 private:
  void plan(Inputs inputs) override {
    // As far outside as it goes, whatever the number: rows are added to it.
    if (diagonal_.present())
      k_ = std::clamp(diagonal_.read(inputs)[0], -shape_.rows - 1, shape_.columns + 1);
  }
  void move(Inputs inputs, Outputs outputs) override {
    const auto width = static_cast<std::size_t>(shape_.columns) * size_;
    const auto* from = inputs[0];
    auto* to = outputs[0];
    for (std::int64_t matrix = 0; matrix < shape_.count; ++matrix) {
      for (std::int64_t row = 0; row < shape_.rows; ++row, from += width, to += width) {
        const auto cut = std::clamp(row + k_ + (upper_ ? 0 : 1), std::int64_t{0}, shape_.columns);
        const auto left = static_cast<std::size_t>(cut) * size_;
        const auto right = width - left;
        upper_ ? std::memset(to, 0, left) : std::memcpy(to, from, left);
        upper_ ? std::memcpy(to + left, from + left, right) : std::memset(to + left, 0, right);
      }
    }
  }

  Matrices shape_;
  IntegerInput diagonal_;
  bool upper_;
  std::size_t size_;
  std::int64_t k_ = 0;
};

}  // namespace

Prepared make_constant_of_shape(const Request& request) {
  return planned<ConstantOfShape>(request);
}

Prepared make_constant(const Request& request) {
  const auto type = needed_output(request, 0).type;
  std::vector<Element> elements;
  for (const auto* name : {"value_int", "value_float", "value"})
    if (has_attribute(*request.op, name)) elements = {element_of(request, name, type)};
  for (const auto value : has_attribute(*request.op, "value_ints")
                              ? integers_of(*request.op, "value_ints")
                              : std::vector<std::int64_t>{})
    elements.push_back(element(type, value));
  for (const auto value : has_attribute(*request.op, "value_floats")
                              ? reals_of(*request.op, "value_floats")
                              : std::vector<double>{})
    elements.push_back(element(type, value));
  auto kernel = std::make_unique<Listed>(request, std::move(elements));
  kernel->prepare(true);
  return plain(request, std::move(kernel), "own");
}

Prepared make_range(const Request& request) {
  switch (needed_output(request, 0).type) {
    case ElementType::float32:
      return planned<Range<float>>(request);
    case ElementType::float64:
      return planned<Range<double>>(request);
    case ElementType::int16:
      return planned<Range<std::int16_t>>(request);
    case ElementType::int32:
      return planned<Range<std::int32_t>>(request);
    case ElementType::int64:
      return planned<Range<std::int64_t>>(request);
    default:
      throw NotSupported{"Range of other types than float, double, int16, int32, int64"};
  }
}
Prepared make_eye_like(const Request& request) {
  return planned<EyeLike>(request);
}
Prepared make_trilu(const Request& request) {
  return planned<Trilu>(request);
}

}  // namespace hardware::moving
