#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "sim/job.h"

namespace sim {

/// Counts the bytes that requests of all networks really hold on every device, tensor by tensor: a
/// result from the start of its task, an arrival from the start of its transfer, until the last
/// task that reads it has given back its slot or links; what the sink takes and what nobody reads
/// until the request completes; workspace while its task runs. Never more than what was admitted
/// (section 5 of docs/execution-model.md).
class MemoryWatch {
 public:
  explicit MemoryWatch(const Workbench& bench);

  /// A place for the state of a request or batch, to be handed back to all others.
  std::int32_t admitted(int stream, std::int64_t members);
  void started(std::int32_t place, std::int32_t task);
  void released(std::int32_t place, std::int32_t task);
  /// What `started` did is undone.
  void lost(std::int32_t place, std::int32_t task);
  void completed(std::int32_t place);

  /// Bytes, weights aside.
  std::int64_t peak(std::size_t device) const { return peak_[device]; }

 private:
  struct Item {  ///< a tensor in one format on one device
    std::int32_t device = 0;
    std::int32_t readers = 0;
    bool for_sink = false;
    std::vector<std::int64_t> bytes;  ///< [batch - 1]
    bool stays() const { return for_sink || readers == 0; }
  };
  struct Network {
    std::vector<Item> items;  ///< inputs first
    int inputs = 0;
    std::map<std::array<std::int32_t, 3>, std::int32_t> number;  ///< tensor, device, format
    std::vector<std::vector<std::int32_t>> makes;                ///< [task] items
    std::vector<std::vector<std::int32_t>> reads;                ///< [task] items
    std::vector<std::int32_t> device;                            ///< [task]
    std::vector<std::vector<std::int64_t>> workspace;            ///< [task][batch - 1]
  };
  struct Place {
    std::int32_t network = 0;
    std::size_t batch = 0;                   ///< members - 1
    std::vector<std::int32_t> readers_left;  ///< [item]
  };

  static std::int32_t add_item(Network& network, const Workbench& bench, std::size_t stream,
                               std::int32_t tensor, std::int32_t device, std::uint8_t format,
                               bool can_be_output);
  static Network list(const Workbench& bench, std::size_t stream);
  static void list_items(Network& network, const Workbench& bench, std::size_t stream);
  static void list_reads(Network& network, const Workbench& bench, std::size_t stream);
  void hold(std::int32_t device, std::int64_t bytes);
  void hold_products(std::int32_t place, std::int32_t task, int sign);

  std::vector<Network> networks_;
  std::vector<Place> places_;
  std::vector<std::int32_t> free_;
  std::vector<std::int64_t> held_;  ///< [device]
  std::vector<std::int64_t> peak_;  ///< [device]
};

}  // namespace sim
