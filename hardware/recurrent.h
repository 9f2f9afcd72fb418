#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hardware/kernel.h"

namespace hardware {

/// A function between the gates of a recurrent cell.
struct Activation {
  enum class Kind : std::uint8_t {
    relu,
    tanh,
    sigmoid,
    affine,
    leaky_relu,
    thresholded_relu,
    scaled_tanh,
    hard_sigmoid,
    elu,
    softsign,
    softplus,
  } kind = Kind::sigmoid;
  double alpha = 0;
  double beta = 0;

  /// In place.
  void apply(float* x, std::int64_t count) const;
  void apply(double* x, std::int64_t count) const;
  friend bool operator==(const Activation&, const Activation&) = default;
};

/// An LSTM, GRU or RNN by its attributes and shapes.
struct Recurrence {
  enum class Cell : std::uint8_t { lstm, gru, rnn } cell = Cell::lstm;
  std::int64_t steps = 0, batch = 0, width = 0, hidden = 0;
  std::int64_t gates = 0;
  bool batch_first = false;           ///< layout 1
  std::vector<bool> backwards;        ///< [direction]
  std::vector<Activation> functions;  ///< those of the first direction, then of the second
  double clip = 0;                    ///< 0: none
  bool linear_before_reset = false;
  bool input_forget = false;

  std::int64_t directions() const { return static_cast<std::int64_t>(backwards.size()); }
  std::size_t functions_each() const { return functions.size() / backwards.size(); }
  /// Where a sample's element of input and of the outputs begins, in elements.
  std::int64_t row(std::int64_t step, std::int64_t sample) const {
    return batch_first ? sample * steps + step : step * batch + sample;
  }
  std::int64_t made(std::int64_t step, std::int64_t direction, std::int64_t sample) const {
    const auto place = batch_first ? row(step, sample) * directions() + direction
                                   : (step * directions() + direction) * batch + sample;
    return place * hidden;
  }
  std::int64_t state(std::int64_t direction, std::int64_t sample) const {
    return (batch_first ? sample * directions() + direction : direction * batch + sample) * hidden;
  }
};

/// Of an LSTM, a GRU or an RNN. Throws InputError.
Recurrence recurrence_of(const Request& request);

}  // namespace hardware
