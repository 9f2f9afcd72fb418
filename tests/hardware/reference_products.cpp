#include <algorithm>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

Shape tail(const Shape& shape, std::size_t from) {
  return {shape.begin() + static_cast<std::ptrdiff_t>(std::min(from, shape.size())), shape.end()};
}

/// Adds one number per channel (the second axis).
void add_bias(Array& y, const Array& bias) {
  std::size_t n = 0;
  each(y.shape, [&](const Shape& place) { y.reals[n++] += bias.reals.at(at(place[1])); });
}

Arrays conv(const Call& call) {
  auto y = convolved(call, call.in(0), call.in(1));
  if (call.has(2)) add_bias(y, call.in(2));
  return {y};
}

/// A convolution backwards: sizes of its result, and what is cut off at the beginning.
struct Backwards {
  Shape strides, dilations, begins, made;
};

Shape list(const Call& call, const std::string& name, std::size_t count, std::int64_t otherwise) {
  const auto given = call.integers(name);
  return given.empty() ? Shape(count, otherwise) : given;
}

Backwards backwards_of(const Call& call, const Shape& input, const Shape& kernel) {
  const auto axes = kernel.size();
  Backwards result{list(call, "strides", axes, 1), list(call, "dilations", axes, 1), {}, {}};
  const auto pads = list(call, "pads", 2 * axes, 0);
  const auto extra = list(call, "output_padding", axes, 0);
  const auto wanted = call.integers("output_shape");
  const auto mode = call.text("auto_pad", "NOTSET");
  const bool same = mode.starts_with("SAME");
  for (std::size_t i = 0; i < axes; ++i) {
    const auto whole = result.strides[i] * (input[i + 2] - 1) + extra[i] +
                       (kernel[i] - 1) * result.dilations[i] + 1;
    if (wanted.empty() && !same) {
      const bool none = mode == "VALID";
      result.begins.push_back(none ? 0 : pads[i]);
      result.made.push_back(whole - (none ? 0 : pads[i] + pads[i + axes]));
      continue;
    }
    const auto size =
        wanted.empty() ? input[i + 2] * result.strides[i] : wanted[wanted.size() - axes + i];
    const auto cut = std::max<std::int64_t>(whole - size, 0);
    result.begins.push_back(mode == "SAME_UPPER" ? cut / 2 : cut - cut / 2);
    result.made.push_back(size);
  }
  return result;
}

Arrays conv_transpose(const Call& call) {
  const auto& x = call.in(0);
  const auto& w = call.in(1);
  const auto group = call.integer("group", 1);
  const auto kernel = tail(w.shape, 2);
  const auto how = backwards_of(call, x.shape, kernel);
  Shape shape = {x.shape[0], w.shape[1] * group};
  shape.insert(shape.end(), how.made.begin(), how.made.end());
  Array y(x.type, shape);
  const auto per_group = x.shape[1] / group;
  std::size_t n = 0;
  each(x.shape, [&](const Shape& place) {
    const double value = x.reals[n++];
    each(tail(w.shape, 1), [&](const Shape& tap) {
      Shape target = {place[0], place[1] / per_group * w.shape[1] + tap[0]};
      for (std::size_t i = 0; i < kernel.size(); ++i) {
        const auto p =
            place[i + 2] * how.strides[i] + tap[i + 1] * how.dilations[i] - how.begins[i];
        if (p < 0 || p >= how.made[i]) return;
        target.push_back(p);
      }
      Shape weight = {place[1]};
      weight.insert(weight.end(), tap.begin(), tap.end());
      y.reals[position(y.shape, target)] += value * w.reals[position(w.shape, weight)];
    });
  });
  if (call.has(2)) add_bias(y, call.in(2));
  return {y};
}

Arrays matmul(const Call& call) {
  return {multiplied(call.in(0), call.in(1))};
}

Array transposed(const Array& x) {
  return picked(x, {x.shape.at(1), x.shape.at(0)}, [&](const Shape& place) {
    return position(x.shape, {place[1], place[0]});
  });
}

Arrays gemm(const Call& call) {
  const auto a = call.integer("transA", 0) != 0 ? transposed(call.in(0)) : call.in(0);
  const auto b = call.integer("transB", 0) != 0 ? transposed(call.in(1)) : call.in(1);
  const double alpha = call.real("alpha", 1), beta = call.real("beta", 1);
  auto y = multiplied(a, b);
  std::size_t n = 0;
  each(y.shape, [&](const Shape& place) {
    const auto added = call.has(2) ? broadcast_position(call.in(2).shape, place) : 0;
    if (y.real()) {
      y.reals[n] *= alpha;
      if (call.has(2)) y.reals[n] += beta * call.in(2).reals[added];
    } else {
      // Whole numbers come with whole factors here.
      auto sum = static_cast<std::uint64_t>(y.integers[n]) *
                 static_cast<std::uint64_t>(static_cast<std::int64_t>(alpha));
      if (call.has(2))
        sum += static_cast<std::uint64_t>(static_cast<std::int64_t>(beta)) *
               static_cast<std::uint64_t>(call.in(2).integers[added]);
      y.set(n, static_cast<std::int64_t>(sum));
    }
    ++n;
  });
  return {y};
}

constexpr Row rows[] = {
    {"Conv", conv},
    {"ConvTranspose", conv_transpose},
    {"Gemm", gemm},
    {"MatMul", matmul},
};

}  // namespace

Window window_of(const Call& call, const Shape& input, const Shape& kernel) {
  const auto axes = kernel.size();
  Window window{kernel,
                list(call, "strides", axes, 1),
                list(call, "dilations", axes, 1),
                list(call, "pads", 2 * axes, 0),
                {}};
  const auto mode = call.text("auto_pad", "NOTSET");
  if (mode != "NOTSET") window.pads.assign(2 * axes, 0);
  for (std::size_t i = 0; i < axes; ++i) {
    const auto size = input.at(i + 2), stride = window.strides[i];
    const auto reach = (kernel[i] - 1) * window.dilations[i] + 1;
    if (mode.starts_with("SAME")) {
      const auto made = (size + stride - 1) / stride;
      const auto needed = std::max<std::int64_t>((made - 1) * stride + reach - size, 0);
      window.pads[i] = mode == "SAME_UPPER" ? needed / 2 : needed - needed / 2;
      window.pads[i + axes] = needed - window.pads[i];
      window.made.push_back(made);
      continue;
    }
    const auto room = size + window.pads[i] + window.pads[i + axes] - reach;
    if (room < 0) throw std::runtime_error("the window is larger than the input");
    auto made = room / stride + 1;
    const bool more = call.integer("ceil_mode", 0) != 0 && room % stride != 0;
    // A further window must begin on the input or its padding before it.
    if (more && made * stride < size + window.pads[i]) ++made;
    window.made.push_back(made);
  }
  return window;
}

void each_tap(const Window& window, const Shape& input, const Shape& place,
              const std::function<void(const Shape&, const Shape&)>& action) {
  each(window.kernel, [&](const Shape& tap) {
    Shape inside;
    for (std::size_t i = 0; i < tap.size(); ++i) {
      const auto p = place[i] * window.strides[i] + tap[i] * window.dilations[i] - window.pads[i];
      if (p < 0 || p >= input[i + 2]) return;
      inside.push_back(p);
    }
    action(inside, tap);
  });
}

Array convolved(const Call& call, const Array& x, const Array& w) {
  const auto group = call.integer("group", 1);
  const auto window = window_of(call, x.shape, tail(w.shape, 2));
  Shape shape = {x.shape[0], w.shape[0]};
  shape.insert(shape.end(), window.made.begin(), window.made.end());
  Array y(x.type, shape);
  const auto per_group = w.shape[0] / group;
  const auto x_plane = at(models::elements_of(tail(x.shape, 2)));
  const auto w_plane = at(models::elements_of(window.kernel));
  std::size_t n = 0;
  each(shape, [&](const Shape& place) {
    double sum = 0;
    each_tap(window, x.shape, tail(place, 2), [&](const Shape& inside, const Shape& tap) {
      Shape from = {place[0], place[1] / per_group * w.shape[1]};
      from.insert(from.end(), inside.begin(), inside.end());
      Shape weight = {place[1], 0};
      weight.insert(weight.end(), tap.begin(), tap.end());
      const auto in_x = position(x.shape, from), in_w = position(w.shape, weight);
      for (std::size_t c = 0; c < at(w.shape[1]); ++c)
        sum += x.reals[in_x + c * x_plane] * w.reals[in_w + c * w_plane];
    });
    y.reals[n++] = sum;
  });
  return y;
}

Array multiplied(const Array& left, const Array& right) {
  auto a = left, b = right;
  const bool row = a.rank() == 1, column = b.rank() == 1;
  if (row) a.shape.insert(a.shape.begin(), 1);
  if (column) b.shape.push_back(1);
  const auto depth = a.shape.back();
  if (depth != b.shape.at(b.rank() - 2)) throw std::runtime_error("factors do not fit");
  auto shape =
      broadcast({a.shape.begin(), a.shape.end() - 2}, {b.shape.begin(), b.shape.end() - 2});
  shape.push_back(a.shape[a.rank() - 2]);
  shape.push_back(b.shape.back());
  Array y(a.type, shape);
  std::size_t n = 0;
  each(shape, [&](const Shape& place) {
    double real = 0;
    std::uint64_t whole = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      auto in_a = place, in_b = place;
      in_a.back() = k;
      in_b[in_b.size() - 2] = k;
      const auto i = broadcast_position(a.shape, in_a), j = broadcast_position(b.shape, in_b);
      if (y.real())
        real += a.reals[i] * b.reals[j];
      else
        whole +=
            static_cast<std::uint64_t>(a.integers[i]) * static_cast<std::uint64_t>(b.integers[j]);
    }
    if (y.real())
      y.set(n++, real);
    else
      y.set(n++, static_cast<std::int64_t>(whole));
  });
  if (column) y.shape.pop_back();
  if (row) y.shape.erase(y.shape.end() - (column ? 1 : 2));
  return y;
}

std::span<const Row> product_rows() {
  return rows;
}

}  // namespace hardware::reference
