#pragma once

#include <vector>

#include "models/network/network.h"
#include "models/precision/precision.h"

namespace models {

/// How much of the noise that is added at one place arrives at the outputs, as noise-to-signal
/// ratio there per ratio at the place. An estimate, labelled so wherever it is shown.
///
/// The model: rounding noise is independent of the signal and of other roundings, so powers add
/// (Widrow & Kollar, Quantization Noise, 2008). Operators keep the ratio of noise to signal; where
/// several tensors join by addition or concatenation, each brings its equal share of the signal's
/// power. What reaches the outputs by several ways counts at most once. Outputs weigh alike.
struct Sensitivity {
  std::vector<double> tensor;  ///< [index in Network::tensors], 0 to 1; 0 for non-real ones
  /// [operator] noise at the outputs per noise in one of the activations it reads.
  std::vector<double> reading;
};

Sensitivity sensitivity(const Network& network);

}  // namespace models
