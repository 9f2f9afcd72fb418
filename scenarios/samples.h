#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/network/tensor_value.h"
#include "scenarios/inference.h"

namespace scenarios {

/// Inputs of a network, one set after the other, from files of tensors and folders of such: a
/// file is a sample, or as many as its arrays' first dimension is multiples of the network's batch.
/// Where the network has several inputs, a file holds an array for each, by its name (.npz, .h5).
/// Nothing is read before it is asked for, and one file is held at a time.
class Samples {
 public:
  using Inputs = std::vector<models::TensorValue>;
  /// Gets the inputs in the network's order, and what to call the sample; answers whether it wants
  /// more.
  using Visit = std::function<bool(const Inputs& inputs, const std::string& name)>;

  /// Throws InputError: no such file, a folder without files of tensors.
  Samples(const std::vector<std::string>& data, std::vector<DeclaredInput> inputs);

  /// In the order of the data, a folder's files by name. Throws InputError naming the file: it does
  /// not hold what the network takes.
  void each(const Visit& visit) const;

 private:
  Inputs read(const std::string& file) const;
  std::int64_t samples_in(const Inputs& inputs, const std::string& file) const;

  std::vector<std::string> files_;
  std::vector<DeclaredInput> inputs_;
};

}  // namespace scenarios
