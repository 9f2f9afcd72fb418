#pragma once

#include <cstdint>
#include <vector>

#include "optimizers/chain_places.h"

namespace optimizers {

/// Cuts a chain into contiguous segments, one device each, none twice, so that the longest work of
/// a device or of a transfer between neighbours is least. By bisection: for a period, how far can a
/// choice of devices come?
/// Few devices and operators: sets of devices and all positions they can reach, exact where every
/// pair has links of its own and only neighbours exchange tensors. More: by class of device, only
/// the furthest position (exact for what devices compute). Many classes: a local search over
/// sequences of devices.
class ChainPeriod {
 public:
  explicit ChainPeriod(const ChainLayout& layout);

  /// [position] device.
  std::vector<std::int32_t> devices();

 private:
  using Segments = std::vector<Segment>;

  bool is_small() const;
  double least_period() const;
  Segments bisect(bool (ChainPeriod::*covers)(double, Segments&), double precision);
  bool covers_by_sets(double period, Segments& segments);
  bool covers_by_classes(double period, Segments& segments);
  Segments by_sequence();
  int follow(const std::vector<std::int32_t>& sequence, double period, Segments* segments) const;
  void trace_sets(double period, int set, int last, Segments& segments) const;
  void note_cuts(double period);
  int cut_before(int position) const { return at(cut_, position); }

  const ChainLayout& layout_;
  std::vector<std::int64_t> stride_;             ///< [class], of numbers of devices used
  std::int64_t counts_ = 1;                      ///< possible numbers of devices used, per class
  std::vector<std::int32_t> furthest_;           ///< [numbers of devices used] position
  std::vector<std::int8_t> taken_;               ///< [numbers of devices used] class used last
  std::vector<std::vector<std::uint8_t>> ends_;  ///< [set x devices + last][position] can end there
  std::vector<std::int32_t> cut_;                ///< [position] the last allowed cut up to it
};

}  // namespace optimizers
