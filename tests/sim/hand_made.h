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
  /// What was added since the last one is a network of its own, with the workload as it is now. Not
  /// needed where there is only one.
  void end_network(const std::string& name, std::int64_t priority = 0, models::Time deadline = {});

  models::Device& device(const std::string& name);
  /// To a device, a link, or (more requests) a network. Lanes and requests count as `value`.
  void add_event(const std::string& resource, models::Time when, models::Event::What what,
                 double value = 0);

  /// Compiles; call last. Operators rank in the order in which they were added. A batch of b takes
  /// b times as long.
  std::shared_ptr<models::Problem> problem() const;
  models::Plan plan(const models::Problem& problem) const;

  models::Workload workload;
  models::Plan::Discipline discipline = models::Plan::Discipline::strict;

 private:
  int add_tensor(const std::string& name, std::int64_t bytes, models::Tensor::Role role,
                 int producer);

  models::Network network_;
  std::vector<models::NetworkUse> ended_;
  std::vector<models::Event> events_;
  models::Platform platform_;
  std::vector<std::string> devices_;     ///< [operator]
  std::vector<models::Time> durations_;  ///< [operator]
};
