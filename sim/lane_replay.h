#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/lane_base.h"

namespace sim {

/// One request of some neighbours of a base plan, side by side in vectors: what replay_lanes works
/// on. Places at which some lanes deviate from the base are handed to whoever
/// knows how, lane by lane; everything else is done here for all lanes at once.
template <int lanes>
struct LaneRun {
  using Whole = Lanes<std::int64_t, lanes>;
  using Real = Lanes<double, lanes>;

  const LaneBase* base = nullptr;
  WalkState<lanes>* state = nullptr;
  std::array<const std::uint16_t*, lanes> device{};  ///< [operator] in each lane
  const std::uint64_t* deviates = nullptr;           ///< a bit per place
  const std::uint8_t* lanes_of = nullptr;            ///< [place] a bit per lane
  /// Executes the place in those lanes; all devices concerned stand where it begins.
  void (*deviate)(void* whom, std::uint32_t place, std::uint32_t which) = nullptr;
  void* whom = nullptr;

  bool first = true;                  ///< request: memory and sums are added up, not only times
  bool widths_differ = false;         ///< some lane has links of another width
  bool everything = true;             ///< conversions and noise may be added up
  std::vector<Whole> first_switch;    ///< [device] what the first task of a further request pays
  std::vector<std::uint32_t> index;   ///< [device] how far its sequence is executed
  std::array<std::size_t, 3> term{};  ///< how far converted, sent and carried are added up
  std::uint32_t summed = 0;           ///< place up to which sums are complete
};

/// Runs through all places.
void replay_lanes(LaneRun<8>& run);
void replay_lanes(LaneRun<2>& run);

/// The instruction sets that the vector code was built for and this machine has, best first.
std::vector<std::string_view> vector_targets();
/// Restricts the vector code to one of them, or with an empty name lets it choose again. The
/// environment variable PARTWISE_VECTORS does the same at the start. Results do not depend on it.
void use_vector_target(std::string_view name);

}  // namespace sim
