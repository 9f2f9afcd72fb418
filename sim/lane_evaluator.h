#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/plan.h"
#include "sim/lane_base.h"
#include "sim/lane_replay.h"
#include "sim/one_pass.h"

namespace sim {

/// Scores some neighbours of a base plan together: trials whose changes keep the rank. What
/// a change can touch, its operator, those next to it in the graph and behind it on its devices,
/// is walked through lane by lane; all else follows the base. Exact.
/// Every device has one slot; durations do not jitter.
template <bool everything, int lanes>
class LaneGroup {
 public:
  /// The tables must outlive this.
  explicit LaneGroup(const WalkTables& tables);

  static bool applies(const models::Problem& problem);

  /// Takes `base` apart; the tables must follow its order. False if its neighbours cannot be scored
  /// here, since it is not supported itself.
  bool start(const models::Plan& base);

  /// Whether the changes are few and keep the rank, so that scoring them here pays.
  bool takes(std::span<const models::Change> changes) const;

  /// The first place in the order that the first change of an operator is about.
  std::uint64_t place_of(std::span<const models::Change> changes) const;

  /// Adds a trial, of which there can be up to `lanes`.
  void add(std::span<const models::Change> changes);
  int size() const { return size_; }
  /// Scores the trials added since the last call, in order.
  void score(std::span<models::Score* const> scores);

 private:
  using Step = Walk<everything, lanes>;
  struct Touched {
    std::uint32_t place = 0;
    int lane = 0;
  };

  void touch(std::uint32_t place, int lane);
  void touch_wire(std::size_t index, int lane);
  void touch_tensor(std::int32_t tensor, int lane);
  void note_moved(std::uint32_t op, int lane);
  void touch_moved(std::int32_t op, int lane);
  void touch_behind(std::uint32_t device, std::uint32_t place, int lane);
  void move_weights(std::int32_t op, int lane);
  void move_shared_weights(std::int32_t op, int lane);
  void forget_shared_weights(std::int32_t op, int lane);
  void load_base();
  template <bool logged>
  static void deviate(void* self, std::uint32_t place, std::uint32_t which);
  static void repeat(void* self, std::uint32_t place, std::uint32_t which);
  void repeat_lane(std::uint32_t place, int lane);
  void run_first();
  void run_further();
  void find_first_switches();
  void score_lane(int lane, models::Score& score);
  void clear();

  const WalkTables& tables_;
  const models::Problem& problem_;
  LaneBase base_;
  Step step_;
  LaneRun<lanes> run_;
  models::Plan plan_;  ///< the base
  int size_ = 0;
  std::array<std::vector<std::uint16_t>, lanes> device_;
  std::array<std::vector<std::uint8_t>, lanes> precision_;
  std::vector<std::uint64_t> deviates_;  ///< a bit per place
  std::vector<std::uint8_t> lanes_of_;   ///< [place]
  std::vector<Touched> touched_;
  std::vector<std::int32_t> affected_;  ///< tensors
  std::vector<Touched> moved_;          ///< operators, not places, and their lanes
  struct Width {
    std::int32_t link = 0;
    int lane = 0;
    std::uint16_t width = 0;
  };
  std::vector<Width> widths_;
  std::vector<std::uint16_t> widths_of_base_;
  std::vector<std::int32_t>
      weight_uses_;  ///< [shared weight x device x compute format] in the base
  std::vector<typename WalkState<lanes>::Whole> weights_, work_, switches_;  ///< [device]

  // Further requests.
  struct Logged {
    std::uint32_t first = 0, end = 0;
  };
  std::array<WalkLog, lanes> logs_;
  std::array<std::vector<Logged>, lanes> logged_;                         ///< [place]
  std::vector<Admission> admissions_;                                     ///< [lane]
  std::vector<typename WalkState<lanes>::Whole> arrivals_, completions_;  ///< [request]
  std::vector<Lanes<std::uint8_t, lanes>> first_precision_, pays_again_;  ///< [device]

  models::Totals totals_;
  Tally tally_;
};

}  // namespace sim
