#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hardware/buffers.h"
#include "hardware/kernel.h"
#include "hardware/program.h"

namespace hardware {

/// What a program consists of once it is made.
struct ProgramParts {
  /// One call of a kernel.
  struct Action {
    std::unique_ptr<Kernel> kernel;
    std::vector<const std::byte*> inputs;
    std::vector<std::byte*> outputs;
    int step = 0;
  };
  struct Output {
    models::ElementType type = models::ElementType::float32;
    models::Shape shape;
    const std::byte* bytes = nullptr;
  };
  struct Input {
    std::string name;
    models::ElementType type = models::ElementType::float32;
    models::Shape shape;
    std::byte* bytes = nullptr;
  };
  std::vector<Step> steps;
  std::vector<Action> actions;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  struct Tensor {
    std::string name;
    int action = -1;  ///< after which it is there; -1: an input
    models::ElementType type = models::ElementType::float32;
    std::span<const std::byte> bytes;
  };
  std::vector<Tensor> tensors;  ///< by action, where they can be observed
  Memory64 activations, workspace;
  std::vector<Memory64> constants;
  MemoryUse memory;
};

}  // namespace hardware
