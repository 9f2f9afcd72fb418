#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel.h"

namespace sim {

/// Everything that was asked of a kernel during one run, and when what ended. Asked of another
/// kernel at the same instants, it takes the same course, whatever ties that kernel would have
/// broken otherwise: the decisions are forced to be the same.
struct KernelLog {
  enum class What : std::int32_t { timer, work, hold, flow, speed, bandwidth, cancel };
  struct Call {
    std::int64_t at = 0;
    Activity activity;
    What what = What::timer;
    std::int32_t index = 0;     ///< device, channel, or the first of the channels
    std::int64_t amount = 0;    ///< or when a timer ends
    double value = 0;           ///< bandwidth, bytes, factor
    std::int64_t channels = 0;  ///< how many
  };
  struct End {
    Activity activity;
    std::int64_t at = 0;
    friend auto operator<=>(const End&, const End&) = default;
  };

  int devices = 0;
  bool changes = false;
  std::vector<double> bandwidth;  ///< [channel] as planned
  std::vector<Call> calls;        ///< in order
  std::vector<std::int32_t> channels;
  std::vector<End> ends;  ///< in order of time

  std::string encoded() const;
  /// The bytes start at a multiple of 8. Throws std::out_of_range for what is no log.
  static KernelLog decoded(std::string_view bytes);
};

/// A kernel that writes down what it is asked before it passes it on.
class LoggingKernel final : public Kernel, private Kernel::Client {
 public:
  explicit LoggingKernel(Kernel& kernel) : kernel_(kernel) {}
  const KernelLog& log() const { return log_; }

  void reset(const Setup& setup) override;
  void timer(std::int64_t when, Activity activity) override;
  void work(Activity activity, int device, std::int64_t amount) override;
  void hold(Activity activity, std::span<const std::int32_t> channels, std::int64_t amount,
            double bandwidth) override;
  void flow(Activity activity, std::span<const std::int32_t> channels, double bytes) override;
  void set_speed(int device, double factor) override;
  void set_bandwidth(std::int32_t channel, double bandwidth) override;
  double cancel(Activity activity) override;
  void run(Kernel::Client& client) override;

 private:
  void instant(std::int64_t now, std::span<const Activity> ended) override;
  void rate_changed(Activity flow, std::int64_t when, double fraction, double rate) override;
  std::int32_t keep(std::span<const std::int32_t> channels);

  Kernel& kernel_;
  Kernel::Client* client_ = nullptr;
  std::int64_t now_ = 0;
  KernelLog log_;
};

/// Asks the same of `kernel` at the same instants. Answers when what ended there, in order of time.
std::vector<KernelLog::End> replayed(const KernelLog& log, Kernel& kernel);

}  // namespace sim
