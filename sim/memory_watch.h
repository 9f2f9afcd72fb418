#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "models/task_graph.h"

namespace sim {

/// Counts the bytes that requests really hold on every device, tensor by tensor: a result from the
/// start of its task, an arrival from the start of its transfer, until the last task that reads it
/// has given back its slot or links; what the sink takes and what nobody reads until the request
/// completes; workspace while its task runs. Never more than what was admitted (section 5 of
/// docs/execution-model.md).
class MemoryWatch {
 public:
  explicit MemoryWatch(const models::TaskGraph& graph);

  void admitted(std::int64_t request);
  void started(std::int32_t task);
  void released(std::int64_t request, std::int32_t task);
  void completed(std::int64_t request);

  /// Bytes, weights aside.
  std::int64_t peak(std::size_t device) const { return peak_[device]; }

 private:
  struct Item {  ///< a tensor in one format on one device
    std::int32_t device = 0;
    std::int64_t bytes = 0;
    std::int32_t readers = 0;
    bool for_sink = false;
    bool stays() const { return for_sink || readers == 0; }
  };

  void list_items();
  void list_reads();
  std::int32_t add_item(std::int32_t tensor, std::int32_t device, std::uint8_t format,
                        bool can_be_output);
  std::int32_t item_of(std::int32_t tensor, std::int32_t device, std::uint8_t format) const;
  std::int64_t workspace(std::int32_t task) const;
  void hold(std::int32_t device, std::int64_t bytes);

  const models::TaskGraph& graph_;
  const models::Problem& problem_;
  std::vector<Item> items_;                                     ///< network inputs first
  std::map<std::array<std::int32_t, 3>, std::int32_t> number_;  ///< tensor, device, format
  std::vector<std::vector<std::int32_t>> makes_;                ///< [task] items
  std::vector<std::vector<std::int32_t>> reads_;                ///< [task] items
  std::map<std::int64_t, std::vector<std::int32_t>>
      readers_left_;                ///< of requests under way, [item]
  std::vector<std::int64_t> held_;  ///< [device]
  std::vector<std::int64_t> peak_;  ///< [device]
};

}  // namespace sim
