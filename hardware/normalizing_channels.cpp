#include <algorithm>
#include <cmath>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/normalizing.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;

constexpr double default_epsilon = 1e-5;

/// Batch, channels, and what is in a plane.
Axes channels_of(const Request& request) {
  const auto& shape = input_of(request, 0).shape;
  if (shape.size() < 2)
    fail(*request.op, "its input of shape " + models::text_of(shape) + " has no axis for channels");
  return {shape[0], shape[1], models::elements_of(std::span(shape).subspan(2))};
}

void require_elements(const Request& request, std::size_t input, std::int64_t count) {
  const auto& layout = input_of(request, input);
  if (layout.elements() != count)
    fail(*request.op, "its input " + std::to_string(input) + " has " +
                          std::to_string(layout.elements()) + " elements where " +
                          std::to_string(count) + " are needed");
}

// BatchNormalization

Axes batch_axes(const Request& request) {
  const auto& shape = input_of(request, 0).shape;
  // Of opset 7: statistics of every element of a sample.
  if (integer_of(*request.op, "spatial", 1) == 0 && !shape.empty())
    return {shape[0], models::elements_of(std::span(shape).subspan(1)), 1};
  if (shape.size() != 1) return channels_of(request);
  const bool single = input_of(request, 1).elements() == 1;
  return single ? Axes{shape[0], 1, 1} : Axes{1, shape[0], 1};
}

void require_inference(const Request& request) {
  bool training = integer_of(*request.op, "training_mode", 0) != 0;
  for (std::size_t i = 1; i < request.outputs.size(); ++i)
    training = training || request.outputs[i];
  if (training) throw NotSupported{"BatchNormalization in training mode"};
}

/// y = (x - mean) * factor + shift, per channel.
template <class T>
void apply(const T* from, T* to, const Axes& axes, const T* mean, const T* factor, const T* shift) {
  for (std::int64_t n = 0; n < axes.outer; ++n) {
    if (axes.inner == 1) {
      for (std::int64_t c = 0; c < axes.size; ++c)
        to[c] = (from[c] - mean[c]) * factor[c] + shift[c];
      from += axes.size, to += axes.size;
      continue;
    }
    for (std::int64_t c = 0; c < axes.size; ++c, from += axes.inner, to += axes.inner)
      for (std::int64_t i = 0; i < axes.inner; ++i)
        to[i] = (from[i] - mean[c]) * factor[c] + shift[c];
  }
}

template <class T>
Prepared batch_of(const Request& request) {
  require_inference(request);
  const auto axes = batch_axes(request);
  std::vector<models::ElementType> types;
  for (std::size_t i = 1; i < 5; ++i) {
    require_elements(request, i, axes.size);
    types.push_back(input_of(request, i).type);
  }
  const double epsilon = real_of(*request.op, "epsilon", default_epsilon);
  auto prepared = as_asked(
      request, "own",
      [axes, types, epsilon](const auto& inputs, const auto& outputs, std::byte* workspace) {
        T* mean = reinterpret_cast<T*>(workspace);
        T* factor = mean + axes.size;
        T* shift = factor + axes.size;
        for (std::int64_t c = 0; c < axes.size; ++c) {
          const auto parameter = [&](std::size_t i) {
            return element_as_double(inputs[i], types[i - 1], c);
          };
          factor[c] = static_cast<T>(parameter(1) / std::sqrt(parameter(4) + epsilon));
          shift[c] = static_cast<T>(parameter(2));
          mean[c] = static_cast<T>(parameter(3));
        }
        apply<T>(elements<T>(inputs, 0), elements<T>(outputs, 0), axes, mean, factor, shift);
      });
  prepared.workspace = 3 * at(axes.size) * sizeof(T);
  return prepared;
}

// InstanceNormalization and GroupNormalization

/// Of `groups` per sample, each of so many channels; `of_group`: scales are per group.
struct Groups {
  Axes axes;
  std::int64_t groups = 1;
  bool of_group = false;
  double epsilon = default_epsilon;
};

template <class T>
Prepared groups_of(const Request& request, const Groups& given) {
  const auto wanted = given.of_group ? given.groups : given.axes.size;
  for (const auto i : std::initializer_list<std::size_t>{1, 2})
    require_elements(request, i, wanted);
  return as_asked(request, "own", [given](const auto& inputs, const auto& outputs, std::byte*) {
    const T* from = elements<T>(inputs, 0);
    T* to = elements<T>(outputs, 0);
    const T* scale = elements<T>(inputs, 1);
    const T* shift = elements<T>(inputs, 2);
    const auto& axes = given.axes;
    const auto channels = axes.size / given.groups;
    for (std::int64_t group = 0; group < axes.outer * given.groups; ++group) {
      const auto spread = spread_of(from, channels * axes.inner, given.epsilon);
      const auto mean = static_cast<T>(spread.mean);
      for (std::int64_t c = 0; c < channels; ++c, from += axes.inner, to += axes.inner) {
        const auto g = group % given.groups;
        const auto place = given.of_group ? g : g * channels + c;
        const auto factor = static_cast<T>(spread.inverse * scale[place]);
        for (std::int64_t i = 0; i < axes.inner; ++i)
          to[i] = (from[i] - mean) * factor + shift[place];
      }
    }
  });
}

template <class T>
Prepared instance_of(const Request& request) {
  const auto axes = channels_of(request);
  return groups_of<T>(request, {axes, std::max<std::int64_t>(1, axes.size), false,
                                real_of(*request.op, "epsilon", default_epsilon)});
}

template <class T>
Prepared group_of(const Request& request) {
  Groups groups{channels_of(request), integer_of(*request.op, "num_groups", 0), false,
                real_of(*request.op, "epsilon", default_epsilon)};
  if (groups.groups < 1 || groups.axes.size % groups.groups != 0)
    fail(*request.op, "its attribute 'num_groups' of " + std::to_string(groups.groups) +
                          " does not divide " + std::to_string(groups.axes.size) + " channels");
  // Opset 18 has one scale per group, opset 21 one per channel.
  groups.of_group = input_of(request, 1).elements() != groups.axes.size;
  return groups_of<T>(request, groups);
}

// LRN

/// A sum of squares over neighbouring channels, and the power it is divided by.
struct Response {
  Axes axes;
  std::int64_t before = 0, after = 0;
  double factor = 0, beta = 0, bias = 0;
};

/// base^-beta; three quarters, the usual exponent, without pow.
template <class T>
T inverse_power(T base, T beta) {
  if (beta == T(0.75)) {
    const T root = std::sqrt(base);
    return 1 / (root * std::sqrt(root));
  }
  return std::pow(base, -beta);
}

template <class T>
void respond(const T* from, T* to, const Response& response, T* squares) {
  const auto& axes = response.axes;
  const auto factor = static_cast<T>(response.factor);
  const auto bias = static_cast<T>(response.bias), beta = static_cast<T>(response.beta);
  for (std::int64_t c = 0; c < axes.size; ++c) {
    std::fill_n(squares, axes.inner, T{0});
    const auto last = std::min(axes.size - 1, c + response.after);
    for (auto near = std::max<std::int64_t>(0, c - response.before); near <= last; ++near) {
      const T* x = from + near * axes.inner;
      for (std::int64_t i = 0; i < axes.inner; ++i) squares[i] += x[i] * x[i];
    }
    const auto start = c * axes.inner;
    for (std::int64_t i = 0; i < axes.inner; ++i)
      to[start + i] = from[start + i] * inverse_power(bias + factor * squares[i], beta);
  }
}

template <class T>
Prepared response_of(const Request& request) {
  const auto& op = *request.op;
  const auto size = integer_of(op, "size", 0);
  if (size < 1) fail(op, "its attribute 'size' is " + std::to_string(size) + ", not positive");
  Response response{channels_of(request), (size - 1) / 2, size / 2};
  response.factor = real_of(op, "alpha", 1e-4) / static_cast<double>(size);
  response.beta = real_of(op, "beta", 0.75);
  response.bias = real_of(op, "bias", 1);
  auto prepared = as_asked(
      request, "own", [response](const auto& inputs, const auto& outputs, std::byte* workspace) {
        const auto sample = response.axes.size * response.axes.inner;
        for (std::int64_t n = 0; n < response.axes.outer; ++n)
          respond(elements<T>(inputs, 0) + n * sample, elements<T>(outputs, 0) + n * sample,
                  response, reinterpret_cast<T*>(workspace));
      });
  prepared.workspace = at(response.axes.inner) * sizeof(T);
  return prepared;
}

}  // namespace

Prepared batch_normalization(const Request& request) {
  return real<batch_of<float>, batch_of<double>>(request);
}
Prepared instance_normalization(const Request& request) {
  return real<instance_of<float>, instance_of<double>>(request);
}
Prepared group_normalization(const Request& request) {
  return real<group_of<float>, group_of<double>>(request);
}
Prepared local_response(const Request& request) {
  return real<response_of<float>, response_of<double>>(request);
}

}  // namespace hardware
