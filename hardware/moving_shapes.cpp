// Operators that change the shape alone or tell it.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "hardware/moving.h"

namespace hardware::moving {
namespace {

/// The same elements in the same order.
class Copy : public Planned {
 public:
  explicit Copy(const Request& request)
      : Planned(request),
        from_(needed_input(request, 0).layout.shape),
        to_(needed_output(request, 0).shape),
        bytes_(needed_output(request, 0).bytes()) {
    require_same_type(request, 0);
    require(models::elements_of(from_) == models::elements_of(to_),
            "its output has not as many elements as its input");
  }
  bool settled() const { return true; }

 protected:
  void plan(Inputs) override {}
  void move(Inputs inputs, Outputs outputs) override {
    if (bytes_ > 0 && outputs[0] != inputs[0]) std::memcpy(outputs[0], inputs[0], bytes_);
  }
  const models::Shape& from() const { return from_; }
  const models::Shape& to() const { return to_; }

 private:
  models::Shape from_;
  models::Shape to_;
  std::size_t bytes_;
};

class Reshape final : public Copy {
 public:
  explicit Reshape(const Request& request)
      : Copy(request),
        shape_(request, "shape", 1),
        keeps_nought_(integer_of(*request.op, "allowzero", 0) == 0) {}
  bool settled() const { return shape_.settled(); }

 private:
  void plan(Inputs inputs) override {
    const auto wanted = shape_.read(inputs);
    bool fits = wanted.size() == to().size();
    for (std::size_t i = 0; fits && i < wanted.size(); ++i) {
      const bool copied = wanted[i] == 0 && keeps_nought_ && i < from().size();
      fits = wanted[i] == -1 || (copied ? from()[i] : wanted[i]) == to()[i];
    }
    require(fits, "its shape is not the one the network was prepared for");
  }

  IntegerInput shape_;
  bool keeps_nought_;
};

/// Squeeze and Unsqueeze: `axes` are those of the longer shape that are 1 and leave or come.
class OnesApart final : public Copy {
 public:
  explicit OnesApart(const Request& request)
      : Copy(request),
        axes_(request, "axes", 1),
        longer_(std::max(from().size(), to().size())),
        gone_(longer_) {}
  bool settled() const { return axes_.settled(); }

 private:
  void plan(Inputs inputs) override {
    if (!axes_.present()) return;
    const auto axes = axes_.read(inputs);
    std::ranges::fill(gone_, std::uint8_t{0});
    for (const auto axis : axes) gone_[axis_of(op(), axis, longer_)] = 1;
    const auto& longer = from().size() == longer_ ? from() : to();
    const auto& shorter = from().size() == longer_ ? to() : from();
    std::size_t next = 0;
    bool fits = true;
    for (std::size_t i = 0; fits && i < longer_; ++i)
      fits = gone_[i] != 0 ? longer[i] == 1 : next < shorter.size() && longer[i] == shorter[next++];
    require(fits && next == shorter.size(), "its axes are not those the network was prepared for");
  }

  IntegerInput axes_;
  std::size_t longer_;
  std::vector<std::uint8_t> gone_;
};

template <class Own>
Prepared lying(const Request& request) {
  auto prepared = planned<Own>(request);
  prepared.in_place = 0;
  return prepared;
}

/// What is known before anything runs.
class Told final : public Planned {
 public:
  Told(const Request& request, std::vector<std::int64_t> values)
      : Planned(request), values_(std::move(values)) {
    const auto& output = needed_output(request, 0);
    require(output.type == models::ElementType::int64 &&
                output.elements() == static_cast<std::int64_t>(values_.size()),
            "its output is not as the shape of its input says");
  }

 private:
  void plan(Inputs) override {}
  void move(Inputs, Outputs outputs) override {
    if (!values_.empty())
      std::memcpy(outputs[0], values_.data(), values_.size() * sizeof(std::int64_t));
  }

  std::vector<std::int64_t> values_;
};

Prepared told(const Request& request, std::vector<std::int64_t> values) {
  auto kernel = std::make_unique<Told>(request, std::move(values));
  kernel->prepare(true);
  return plain(request, std::move(kernel), "own");
}

}  // namespace

Prepared make_reshape(const Request& request) {
  return lying<Reshape>(request);
}
Prepared make_flatten(const Request& request) {
  return lying<Copy>(request);
}
Prepared make_squeeze(const Request& request) {
  return lying<OnesApart>(request);
}
Prepared make_unsqueeze(const Request& request) {
  return lying<OnesApart>(request);
}

Prepared make_shape(const Request& request) {
  const auto& shape = needed_input(request, 0).layout.shape;
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto bound = [&](const char* name, std::int64_t otherwise) {
    const auto value = integer_of(*request.op, name, otherwise);
    return std::clamp<std::int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const auto start = bound("start", 0);
  const auto end = std::max(start, bound("end", rank));
  return told(request, {shape.begin() + start, shape.begin() + end});
}

Prepared make_size(const Request& request) {
  return told(request, {needed_input(request, 0).layout.elements()});
}

}  // namespace hardware::moving
