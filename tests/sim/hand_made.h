#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/problem.h"

/// Problems small enough for pencil and paper: durations are given, tensors are fp32.
class HandMade {
 public:
  /// The first device is source and sink unless the workload says otherwise.
  void add_device(const std::string& name, std::int64_t slots = 1);
  void add_switch(const std::string& name) { platform_.switches.push_back(name); }
  /// One lane of so many bytes per second. Two ends are full duplex unless said.
  models::Link& add_link(const std::string& name, std::vector<std::string> ends,
                         double bytes_per_second, models::Link::Sharing sharing,
                         models::Time latency = {});
  /// An input of every request; answers its tensor.
  int add_input(std::int64_t bytes);
  /// Reads tensors, makes one; answers it. Without reads it may start at once.
  int add_operator(const std::string& name, const std::string& device, std::vector<int> reads,
                   std::int64_t bytes, models::Time duration = {});
  void add_output(int tensor) { network_.outputs.push_back(tensor); }

  /// Compiles; call last. Operators rank in the order in which they were added.
  std::shared_ptr<models::Problem> problem() const;
  models::Plan plan(const models::Problem& problem) const;

  models::Workload workload;
  models::Plan::Discipline discipline = models::Plan::Discipline::strict;

 private:
  int add_tensor(const std::string& name, std::int64_t bytes, models::Tensor::Role role,
                 int producer);

  models::Network network_;
  models::Platform platform_;
  std::vector<std::string> devices_;     ///< [operator]
  std::vector<models::Time> durations_;  ///< [operator]
};
