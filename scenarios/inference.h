#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hardware/program.h"
#include "hardware/recipe.h"
#include "models/network/tensor_value.h"
#include "models/network/valued.h"
#include "models/precision/precision.h"

namespace scenarios {

/// What is to be computed, in the words of the command line.
struct InferenceRequest {
  std::string network;              ///< an ONNX file, or the name of a built-in network
  std::vector<std::string> inputs;  ///< files in the order of the network's inputs; NAME=FILE
  std::vector<models::TensorValue> given{};  ///< instead of files, in the network's order
  std::vector<std::string> dims;             ///< NAME=SIZE
  std::string precision;                     ///< of all operators; empty: fp32
  std::string plan;                          ///< a plan file instead
  std::string ranges;                        ///< a file of `calibrate`
  std::optional<std::uint64_t> random;       ///< seed of weights and inputs that are not given
};

/// All that a program is made of.
struct Inference {
  models::ValuedNetwork network;
  std::vector<models::TensorValue> inputs;
  hardware::Recipe recipe;
  hardware::ProgramOptions options;
};

/// Reads networks and tensors. Throws InputError: what is not supported, inputs that do not fit,
/// weights without values.
Inference read_inference(const InferenceRequest& request);

/// An input as the network declares it.
struct DeclaredInput {
  std::string name;
  std::optional<std::int64_t> batch{};  ///< its first dimension; nullopt: left open
};
/// In the network's order, weights left out. Throws InputError: no such network.
std::vector<DeclaredInput> declared_inputs(const InferenceRequest& request);

/// "a=1" as a pair. Throws InputError naming the option.
std::map<std::string, std::int64_t> dims_of(const std::vector<std::string>& dims);

/// Most physical memory this process has held, in bytes; nullopt where the system does not say.
std::optional<std::int64_t> resident_bytes();

}  // namespace scenarios
