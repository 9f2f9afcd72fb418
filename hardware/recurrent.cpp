#include "hardware/recurrent.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/cpu.h"
#include "hardware/halves.h"
#include "hardware/onednn/gemm.h"
#include "models/error.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using Inputs = std::span<const std::byte* const>;
using Outputs = std::span<std::byte* const>;

/// c += a x b^T, of row by row matrices; those of c begin `stride` apart.
void multiply(const float* a, std::int64_t rows, const float* b, std::int64_t columns,
              std::int64_t depth, float* c, std::int64_t stride) {
  add_product(a, rows, b, columns, depth, c, stride);
}
void multiply(const double* a, std::int64_t rows, const double* b, std::int64_t columns,
              std::int64_t depth, double* c, std::int64_t stride) {
  using Given =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  using Made = Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0,
                          Eigen::OuterStride<>>;
  Made(c, rows, columns, Eigen::OuterStride<>(stride)).noalias() +=
      Given(a, rows, depth) * Given(b, columns, depth).transpose();
}

/// One direction of a recurrent operator while it runs; what it works on lies in the workspace.
template <class T>
class Direction {
 public:
  static std::size_t room(const Recurrence& it) {
    const auto rows = it.gates * it.hidden;
    return at((it.steps * it.batch + 2 * it.batch + 1) * rows + 3 * it.batch * it.hidden +
              it.hidden) *
           sizeof(T);
  }

  Direction(const Recurrence& it, std::int64_t direction, Inputs inputs, T* room)
      : it_(it), direction_(direction), rows_(it.gates * it.hidden) {
    const auto take = [&room](std::int64_t count) {
      T* const start = room;
      room += count;
      return start;
    };
    projected_ = take(it.steps * it.batch * rows_);
    gates_ = take(it.batch * rows_);
    products_ = take(it.batch * rows_);
    bias_ = take(rows_);
    hidden_ = take(it.batch * it.hidden);
    cell_ = take(it.batch * it.hidden);
    reset_ = take(it.batch * it.hidden);
    late_bias_ = take(it.hidden);
    repeated_ = elements<T>(inputs, 2) + direction * rows_ * it.hidden;
    const T* peepholes = elements<T>(inputs, 7);
    if (peepholes != nullptr) peepholes_ = peepholes + direction * 3 * it.hidden;
    lengths_ = elements<std::int32_t>(inputs, 4);
    add_up_bias(elements<T>(inputs, 3));
    project(elements<T>(inputs, 0), elements<T>(inputs, 1) + direction * rows_ * it.width);
    start(elements<T>(inputs, 5), hidden_);
    start(elements<T>(inputs, 6), cell_);
  }

  /// All steps; `made` may be nullptr.
  void run(T* made) {
    for (std::int64_t step = 0; step < it_.steps; ++step) {
      gather(step);
      multiply_state();
      for (std::int64_t sample = 0; sample < it_.batch; ++sample) {
        const bool done = step >= length(sample);
        if (!done) advance(sample);
        if (made == nullptr) continue;
        T* to = made + it_.made(done ? step : time(step, sample), direction_, sample);
        if (done)
          std::fill_n(to, it_.hidden, T{0});
        else
          std::copy_n(hidden_ + sample * it_.hidden, it_.hidden, to);
      }
    }
  }

  void keep_state(T* hidden, T* cell) const {
    for (std::int64_t sample = 0; sample < it_.batch; ++sample) {
      const auto from = sample * it_.hidden, to = it_.state(direction_, sample);
      if (hidden != nullptr) std::copy_n(hidden_ + from, it_.hidden, hidden + to);
      if (cell != nullptr) std::copy_n(cell_ + from, it_.hidden, cell + to);
    }
  }

 private:
  /// A GRU whose reset comes after the product multiplies its recurrent bias too.
  bool late() const { return it_.cell == Recurrence::Cell::gru && it_.linear_before_reset; }
  bool early() const { return it_.cell == Recurrence::Cell::gru && !it_.linear_before_reset; }

  void add_up_bias(const T* bias) {
    std::fill_n(bias_, rows_, T{0});
    std::fill_n(late_bias_, it_.hidden, T{0});
    if (bias == nullptr) return;
    bias += direction_ * 2 * rows_;
    const auto joined = late() ? rows_ - it_.hidden : rows_;
    for (std::int64_t i = 0; i < rows_; ++i)
      bias_[i] = bias[i] + (i < joined ? bias[rows_ + i] : 0);
    if (late()) std::copy_n(bias + rows_ + joined, it_.hidden, late_bias_);
  }

  /// The input's part of all gates, of all steps at once.
  void project(const T* input, const T* weights) {
    const auto count = it_.steps * it_.batch;
    for (std::int64_t row = 0; row < count; ++row)
      std::copy_n(bias_, rows_, projected_ + row * rows_);
    multiply(input, count, weights, rows_, it_.width, projected_, rows_);
  }

  void start(const T* given, T* state) const {
    for (std::int64_t sample = 0; sample < it_.batch; ++sample) {
      T* to = state + sample * it_.hidden;
      if (given == nullptr)
        std::fill_n(to, it_.hidden, T{0});
      else
        std::copy_n(given + it_.state(direction_, sample), it_.hidden, to);
    }
  }

  std::int64_t length(std::int64_t sample) const {
    return lengths_ == nullptr ? it_.steps : at(lengths_, sample);
  }
  std::int64_t time(std::int64_t step, std::int64_t sample) const {
    return it_.backwards[at(direction_)] ? length(sample) - 1 - step : step;
  }

  void gather(std::int64_t step) {
    for (std::int64_t sample = 0; sample < it_.batch; ++sample) {
      if (step >= length(sample)) continue;
      const auto row = it_.row(time(step, sample), sample);
      std::copy_n(projected_ + row * rows_, rows_, gates_ + sample * rows_);
    }
  }

  /// The state's part of the gates; of a GRU without that of the last, which depends on the second.
  void multiply_state() {
    const auto rows = early() ? rows_ - it_.hidden : rows_;
    std::fill_n(products_, it_.batch * rows_, T{0});
    multiply(hidden_, it_.batch, repeated_, rows, it_.hidden, products_, rows_);
  }

  void advance(std::int64_t sample) {
    T* gates = gates_ + sample * rows_;
    const T* products = products_ + sample * rows_;
    const auto added = it_.cell == Recurrence::Cell::gru ? 2 * it_.hidden : rows_;
    for (std::int64_t i = 0; i < added; ++i) gates[i] += products[i];
    if (it_.cell == Recurrence::Cell::lstm) return lstm(sample, gates);
    if (it_.cell == Recurrence::Cell::gru) return gru(sample, gates, products);
    activate(0, gates, it_.hidden);
    std::copy_n(gates, it_.hidden, hidden_ + sample * it_.hidden);
  }

  void activate(std::size_t function, T* x, std::int64_t count) const {
    const auto clip = static_cast<T>(it_.clip);
    if (clip > 0)
      for (std::int64_t i = 0; i < count; ++i) x[i] = std::clamp(x[i], -clip, clip);
    it_.functions[at(direction_) * it_.functions_each() + function].apply(x, count);
  }

  void peep(std::int64_t gate, const T* cell, T* x) const {
    if (peepholes_ == nullptr) return;
    const T* weights = peepholes_ + gate * it_.hidden;
    for (std::int64_t i = 0; i < it_.hidden; ++i) x[i] += weights[i] * cell[i];
  }

  void lstm(std::int64_t sample, T* gates) {
    const auto count = it_.hidden;
    T *in = gates, *out = gates + count, *forget = gates + 2 * count, *fresh = gates + 3 * count;
    T *cell = cell_ + sample * count, *hidden = hidden_ + sample * count;
    peep(0, cell, in);
    activate(0, in, count);
    if (it_.input_forget) {
      for (std::int64_t i = 0; i < count; ++i) forget[i] = 1 - in[i];
    } else {
      peep(2, cell, forget);
      activate(0, forget, count);
    }
    activate(1, fresh, count);
    for (std::int64_t i = 0; i < count; ++i) cell[i] = forget[i] * cell[i] + in[i] * fresh[i];
    peep(1, cell, out);
    activate(0, out, count);
    std::copy_n(cell, count, hidden);
    // What is clipped are the gates: the cell keeps its value, as in other implementations.
    it_.functions[at(direction_) * it_.functions_each() + 2].apply(hidden, count);
    for (std::int64_t i = 0; i < count; ++i) hidden[i] *= out[i];
  }

  void gru(std::int64_t sample, T* gates, const T* products) {
    const auto count = it_.hidden;
    T *update = gates, *reset = gates + count, *fresh = gates + 2 * count;
    T* hidden = hidden_ + sample * count;
    activate(0, update, 2 * count);
    if (late()) {
      for (std::int64_t i = 0; i < count; ++i)
        fresh[i] += reset[i] * (products[2 * count + i] + late_bias_[i]);
    } else {
      T* kept = reset_ + sample * count;
      for (std::int64_t i = 0; i < count; ++i) kept[i] = reset[i] * hidden[i];
      multiply(kept, 1, repeated_ + 2 * count * count, count, count, fresh, count);
    }
    activate(1, fresh, count);
    for (std::int64_t i = 0; i < count; ++i)
      hidden[i] = (1 - update[i]) * fresh[i] + update[i] * hidden[i];
  }

  const Recurrence& it_;
  std::int64_t direction_, rows_;
  T *projected_, *gates_, *products_, *bias_, *hidden_, *cell_, *reset_, *late_bias_;
  const T* repeated_;
  const T* peepholes_ = nullptr;
  const std::int32_t* lengths_ = nullptr;
};

void check_lengths(const models::Operator& op, const std::int32_t* lengths, const Recurrence& it) {
  for (std::int64_t sample = 0; lengths != nullptr && sample < it.batch; ++sample)
    if (at(lengths, sample) < 0 || at(lengths, sample) > it.steps)
      fail(op, "its sequence_lens hold " + std::to_string(at(lengths, sample)) +
                   " where there are " + std::to_string(it.steps) + " steps");
}

template <class T>
Prepared recurrent_of(const Request& request) {
  const auto it = recurrence_of(request);
  for (const auto i : std::initializer_list<std::size_t>{1, 2, 3, 5, 6, 7})
    if (has_input(request, i) && input_of(request, i).type != input_of(request, 0).type)
      refuse_type(request);
  if (has_input(request, 4) && input_of(request, 4).type != models::ElementType::int32)
    fail(*request.op, "its sequence_lens are not int32");
  auto prepared = as_asked(
      request, "eigen", [it, op = *request.op](Inputs inputs, Outputs outputs, std::byte* room) {
        obey_cpu_limits();
        check_lengths(op, elements<std::int32_t>(inputs, 4), it);
        for (std::int64_t d = 0; d < it.directions(); ++d) {
          Direction<T> direction(it, d, inputs, reinterpret_cast<T*>(room));
          direction.run(elements<T>(outputs, 0));
          direction.keep_state(elements<T>(outputs, 1), elements<T>(outputs, 2));
        }
      });
  prepared.workspace = Direction<T>::room(it);
  return prepared;
}

Prepared recurrent(const Request& request) {
  return real<recurrent_of<float>, recurrent_of<double>>(request);
}

constexpr std::string_view reals = "float32 float64 float16 bfloat16";
constexpr std::array table = {
    PlainRow{"LSTM", recurrent, reals, "oneDNN, Eigen"},
    PlainRow{"GRU", recurrent, reals, "oneDNN, Eigen"},
    PlainRow{"RNN", recurrent, reals, "oneDNN, Eigen"},
};

}  // namespace

std::span<const PlainRow> recurrent_rows() {
  return table;
}

}  // namespace hardware
