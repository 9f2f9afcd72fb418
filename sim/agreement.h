#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "sim/kernel_log.h"
#include "sim/observer.h"

namespace sim {

/// How two executions of one job compare, instant by instant. The law: equal to 1e-9 relative plus
/// 2 ps (docs/execution-model.md, section 8).
struct Agreement {
  static constexpr double relative = 1e-9;
  static constexpr std::int64_t absolute = 2;  ///< picoseconds

  std::int64_t compared = 0;  ///< instants
  std::int64_t worst = 0;     ///< largest difference, picoseconds
  double worst_relative = 0;  ///< largest difference over the instant itself
  std::int64_t beyond = 0;    ///< instants beyond the law, and such that only one has
  std::string first_beyond;   ///< the earliest of them, in words

  bool holds() const { return beyond == 0; }
  /// Of `what`, one says `a`, the other `b`.
  template <class Words>
  void add(std::int64_t a, std::int64_t b, Words what) {
    ++compared;
    if (a == b) return;
    if (note(a, b)) return;
    ++beyond;
    if (is_first(a)) describe(what(), a, b);
  }
  /// Only one of them has `what`, at `when`.
  template <class Words>
  void add_missing(std::int64_t when, Words what) {
    ++compared;
    ++beyond;
    if (is_first(when)) first_beyond = what();
  }

 private:
  bool note(std::int64_t a, std::int64_t b);
  bool is_first(std::int64_t when);
  void describe(const std::string& what, std::int64_t a, std::int64_t b);
  std::int64_t first_at_ = std::numeric_limits<std::int64_t>::max();
};

/// Keeps when every task of every request started, gave back what it held, and ended.
class Course final : public Observer {
 public:
  void clear() { marks_.clear(); }
  /// How often failures undid something.
  std::int64_t losses() const;

  void arrived(std::int64_t now, int stream, std::int64_t number) override;
  void formed(std::int64_t, std::int64_t, int, std::int64_t, std::int32_t) override {}
  void admitted(std::int64_t now, std::int64_t serial) override;
  void started(std::int64_t now, std::int64_t serial, std::int32_t task, int slot,
               std::int64_t work) override;
  void released(std::int64_t now, std::int64_t serial, std::int32_t task) override;
  void ended(std::int64_t now, std::int64_t serial, std::int32_t task) override;
  void lost(std::int64_t now, std::int64_t serial, std::int32_t task) override;
  void completed(std::int64_t now, std::int64_t serial) override;
  void rate_changed(std::int64_t, std::int32_t, std::int64_t, double, double) override {}
  void changed(const models::Timeline::Change&) override {}

  friend Agreement agreement(Course& ours, Course& theirs);

 private:
  enum class What : std::int8_t { arrived, admitted, started, released, ended, lost, completed };
  struct Mark {
    std::int64_t serial = 0;
    std::int32_t task = 0;
    What what = What::arrived;
    std::int64_t when = 0;  ///< several of one kind, after failures, are compared in order
    friend auto operator<=>(const Mark&, const Mark&) = default;
  };
  static std::string words(const Mark& mark);

  std::vector<Mark> marks_;
};

/// Compares; sorts both.
Agreement agreement(Course& ours, Course& theirs);

/// When what ended on two kernels that were asked the same.
Agreement agreement(const std::vector<KernelLog::End>& ours,
                    const std::vector<KernelLog::End>& theirs);

}  // namespace sim
