// Operators whose moves may be known only when they run: parts and repetitions.
#include <algorithm>

#include "hardware/moving.h"
#include "hardware/moving_nest.h"

namespace hardware::moving {
namespace {

/// One input moved by a nest whose loops the parameters say.
class Nested : public Planned {
 public:
  explicit Nested(const Request& request)
      : Planned(request),
        from_(needed_input(request, 0).layout.shape),
        to_(needed_output(request, 0).shape),
        from_steps_(steps_of(from_)),
        to_steps_(steps_of(to_)),
        size_(size_of(needed_output(request, 0).type)),
        nest_(size_, 2 * to_.size()) {
    require_same_type(request, 0);
    axes_.reserve(2 * to_.size());
  }

 protected:
  void move(Inputs inputs, Outputs outputs) final {
    nest_.run(inputs[0] + start_ * static_cast<std::int64_t>(size_), outputs[0]);
  }
  void settle(std::int64_t start) {
    start_ = start;
    nest_.set(axes_);
  }
  const models::Shape& from() const { return from_; }
  const models::Shape& to() const { return to_; }
  const models::Shape& from_steps() const { return from_steps_; }
  const models::Shape& to_steps() const { return to_steps_; }
  std::vector<MovedAxis>& axes() { return axes_; }

 private:
  models::Shape from_;
  models::Shape to_;
  models::Shape from_steps_;
  models::Shape to_steps_;
  std::size_t size_;
  MoveNest nest_;
  std::vector<MovedAxis> axes_;
  std::int64_t start_ = 0;  ///< element of the input
};

class Slice final : public Nested {
 public:
  explicit Slice(const Request& request)
      : Nested(request),
        starts_(request, "starts", 1),
        ends_(request, "ends", 2),
        axes_(request, "axes", 3),
        steps_(request, 4) {
    require(starts_.present() && ends_.present(), "it needs starts and ends");
    require(starts_.count() == ends_.count() &&
                (!axes_.present() || axes_.count() == starts_.count()) &&
                (!steps_.present() || steps_.count() == starts_.count()),
            "it needs as many ends, axes and steps as starts");
    require(from().size() == to().size(), "its output has not as many axes as its input");
  }
  bool settled() const {
    return starts_.settled() && ends_.settled() && axes_.settled() && steps_.settled();
  }

 private:
  void plan(Inputs inputs) override {
    const auto starts = starts_.read(inputs);
    const auto ends = ends_.read(inputs);
    const auto chosen = axes_.read(inputs);
    const auto steps = steps_.read(inputs);
    axes().clear();
    for (std::size_t i = 0; i < to().size(); ++i)
      axes().push_back({from()[i], from_steps()[i], to_steps()[i]});
    std::int64_t start = 0;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const auto axis =
          axis_of(op(), axes_.present() ? chosen[i] : static_cast<std::int64_t>(i), from().size());
      start += cut(axis, starts[i], ends[i], steps_.present() ? steps[i] : 1);
    }
    bool fits = true;
    for (std::size_t i = 0; i < to().size(); ++i) fits = fits && axes()[i].count == to()[i];
    require(fits, "its part has not the shape the network was prepared for");
    settle(models::elements_of(to()) == 0 ? 0 : start);
  }

  /// Keeps a part of an axis; the element where it starts.
  std::int64_t cut(std::size_t axis, std::int64_t start, std::int64_t end, std::int64_t step) {
    const auto size = from()[axis];
    require(step != 0, "a step of nought never ends");
    // Steps longer than the tensor do what one as long does, and cannot overflow.
    step = std::clamp(step, -size - 1, size + 1);
    const auto most = step > 0 ? size : size - 1;
    const auto bound = [&](std::int64_t value, std::int64_t least) {
      return std::clamp(value < 0 ? value + size : value, least, std::max(most, least));
    };
    start = bound(start, 0);
    end = bound(end, step > 0 ? 0 : -1);
    const auto span = step > 0 ? end - start : start - end;
    const auto stride = step > 0 ? step : -step;
    axes()[axis].count = span <= 0 || size == 0 ? 0 : (span + stride - 1) / stride;
    axes()[axis].from = from_steps()[axis] * step;
    return start * from_steps()[axis];
  }

  IntegerInput starts_;
  IntegerInput ends_;
  IntegerInput axes_;
  IntegerInput steps_;
};

class Expand final : public Nested {
 public:
  explicit Expand(const Request& request) : Nested(request), shape_(request, 1) {
    require(shape_.present(), "it has no shape");
    require(from().size() <= to().size(), "its output has fewer axes than its input");
    const auto fresh = to().size() - from().size();
    for (std::size_t i = 0; i < to().size(); ++i) {
      const auto size = i < fresh ? 1 : from()[i - fresh];
      require(size == to()[i] || size == 1, "its input does not broadcast to its output");
      axes().push_back({to()[i], size == 1 ? 0 : from_steps()[i - fresh], to_steps()[i]});
    }
    settle(0);
  }
  bool settled() const { return shape_.settled(); }

 private:
  void plan(Inputs inputs) override {
    const auto shape = shape_.read(inputs);
    bool fits = shape.size() <= to().size();
    const auto fresh = to().size() - std::min(to().size(), shape.size());
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
      fits = shape[i] == to()[i + fresh] || shape[i] == 1;
    require(fits, "its shape is not the one the network was prepared for");
  }

  IntegerInput shape_;
};

class Tile final : public Nested {
 public:
  explicit Tile(const Request& request) : Nested(request), repeats_(request, 1) {
    require(repeats_.present() && repeats_.count() == from().size() && from().size() == to().size(),
            "it needs one repeat per axis");
    for (std::size_t i = 0; i < to().size(); ++i) {
      const auto size = from()[i];
      require(size > 0 ? to()[i] % size == 0 : to()[i] == 0,
              "its output is no repetition of its input");
      if (size == 0) continue;
      axes().push_back({to()[i] / size, 0, to_steps()[i] * size});
      axes().push_back({size, from_steps()[i], to_steps()[i]});
    }
    if (models::elements_of(to()) == 0) axes() = {{0, 0, 0}};
    settle(0);
  }
  bool settled() const { return repeats_.settled(); }

 private:
  void plan(Inputs inputs) override {
    const auto repeats = repeats_.read(inputs);
    bool fits = true;
    for (std::size_t i = 0; i < to().size(); ++i)
      fits = fits && (from()[i] == 0 || repeats[i] == to()[i] / from()[i]);
    require(fits, "its repeats are not those the network was prepared for");
  }

  IntegerInput repeats_;
};

}  // namespace

Prepared make_slice(const Request& request) {
  return planned<Slice>(request);
}
Prepared make_expand(const Request& request) {
  return planned<Expand>(request);
}
Prepared make_tile(const Request& request) {
  return planned<Tile>(request);
}

}  // namespace hardware::moving
