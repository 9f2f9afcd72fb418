#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/kernel.h"
#include "hardware/recipe.h"
#include "models/network/tensor_value.h"
#include "models/network/valued.h"

namespace hardware {

/// Least and greatest value a tensor takes, by its name: what integers need a scale for.
struct Range {
  double low = 0;
  double high = 0;
};
using Ranges = std::map<std::string, Range>;

struct ProgramOptions {
  Ranges ranges{};     ///< of real-valued tensors kept as integers
  bool apart = false;  ///< nothing is fused, so that every tensor can be observed
};

/// A tensor at the moment it is made.
struct Observed {
  std::string_view name;
  models::ElementType type = models::ElementType::float32;
  std::span<const std::byte> bytes;  ///< of all its elements, in no particular order
};
using Observer = std::function<void(const Observed&)>;

/// A step of a program: an operator with what is fused to it, or a conversion.
struct Step {
  enum class Kind : std::uint8_t { compute, convert, reorder } kind = Kind::compute;
  std::string name;            ///< of the operators, joined by "+"; of the tensor, for a conversion
  std::string type;            ///< "Conv+Relu"; "fp32 to bf16"
  std::vector<int> operators;  ///< of the network
  std::string implementation;
  models::Precision precision = models::Precision::fp32;
  bool emulated = false;  ///< right in value, not in time
  std::size_t bytes = 0;  ///< read and written: inputs, weights, outputs, each once
  std::int64_t macs = 0;
};

struct ProgramParts;

/// What a program allocates, in bytes, by its own count.
struct MemoryUse {
  std::size_t weights = 0;      ///< packed or as they are, and tables of kernels
  std::size_t activations = 0;  ///< the buffers that tensors share
  std::size_t live = 0;         ///< the largest sum of bytes of tensors that are live at once
  std::size_t workspace = 0;
};

/// A network made ready to be computed on this machine's cores: kernels in their order, and one
/// buffer in which tensors lie, shared by lifetime. Constant parts are computed once, here.
class Program {
 public:
  /// Throws InputError: an operator that is not supported ("not supported: NAME"), integers without
  /// ranges, weights without values.
  Program(models::ValuedNetwork network, const Recipe& recipe, const ProgramOptions& options = {});
  ~Program();
  Program(Program&&) noexcept;

  /// Computes. The inputs in the network's order, of the types and shapes it has; they are copied.
  /// `seconds` gets what each step took, in their order; it may be empty. Allocates nothing but
  /// oneDNN's small lists of a primitive's tensors. Throws InputError: inputs of another type or
  /// shape, an index out of range in what they hold.
  void run(std::span<const models::TensorValue> inputs, std::span<double> seconds = {});
  /// The same, and shows the observer the network's inputs and every tensor that an operator makes,
  /// while its bytes are there. Of a program made with ProgramOptions::apart.
  void observe(std::span<const models::TensorValue> inputs, const Observer& observer);
  /// Computes one step alone, for whoever measures it, on whatever its buffers hold: after a run
  /// later steps have written over some. Throws InputError where those are no indices.
  void run_step(std::size_t step);
  /// The outputs of the last run, in the network's order, in the network's types.
  std::vector<models::TensorValue> outputs() const;

  std::span<const Step> steps() const;
  const MemoryUse& memory() const;

 private:
  std::unique_ptr<ProgramParts> parts_;
};

/// Every operator type of the network that has no kernel, comma separated; empty if all have.
std::string not_supported(const models::Network& network);

}  // namespace hardware
