#pragma once

#include <memory>

#include "optimizers/optimizer.h"

namespace optimizers {

/// Makes plans one after the other without being told how good they are.
class Constructor {
 public:
  virtual ~Constructor() = default;
  virtual int count() const = 0;
  /// Plan number `index`, 0 to count() - 1, the same whenever it is asked for.
  virtual void make(int index, models::Plan& plan) = 0;
};

/// An optimizer that tries the plans of Task::start, then each of the constructor's, and ends. They
/// are made when they are asked for, a few at a time.
std::unique_ptr<Optimizer> propose(const Task& task, std::unique_ptr<Constructor> constructor);

}  // namespace optimizers
