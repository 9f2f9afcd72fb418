#include "sim/kernel_log.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "models/index.h"
#include "sim/byte_code.h"

namespace sim {
namespace {

using models::at;
using What = KernelLog::What;

/// What only wakes a replay up: after everything else of its instant.
constexpr Activity wake_up{std::uint64_t{0xfe} << 56};

template <class Io, class Log>
void visit(Io& io, Log& log) {
  auto& [devices, changes, bandwidth, calls, channels, ends] = log;
  const auto each = [&](auto&... members) { (io(members), ...); };
  each(devices, changes, bandwidth, calls, channels, ends);
}

/// Makes the calls of a log when their time has come.
class Replay final : public Kernel::Client {
 public:
  Replay(const KernelLog& log, Kernel& kernel) : log_(log), kernel_(kernel) {}

  std::vector<KernelLog::End> run() {
    kernel_.reset({log_.devices, log_.bandwidth, log_.changes});
    make_calls(0);
    kernel_.run(*this);
    return std::move(ends_);
  }

  void instant(std::int64_t now, std::span<const Activity> ended) override {
    now_ = now;
    for (const auto each : ended) {
      if (each == wake_up) continue;
      ends_.push_back({each, now});
      under_way_.erase(each.code);
    }
    make_calls(now);
  }
  void rate_changed(Activity, std::int64_t, double, double) override {}

 private:
  /// Calls of one instant may belong to several rounds of it: what is under way must end before it
  /// starts anew.
  void make_calls(std::int64_t now) {
    while (next_ < log_.calls.size() && log_.calls[next_].at <= now) {
      const auto& call = log_.calls[next_];
      const bool starts = call.what == What::timer || call.what == What::work ||
                          call.what == What::hold || call.what == What::flow;
      if (starts && !under_way_.insert(call.activity.code).second) return;
      if (call.what == What::cancel) under_way_.erase(call.activity.code);
      make(call);
      ++next_;
    }
    if (next_ == log_.calls.size() || log_.calls[next_].at == woken_at_) return;
    woken_at_ = log_.calls[next_].at;
    kernel_.timer(woken_at_, wake_up);
  }

  void make(const KernelLog::Call& call) {
    const auto route =
        std::span(log_.channels).subspan(at(call.index), static_cast<std::size_t>(call.channels));
    switch (call.what) {
      case What::timer:
        return kernel_.timer(std::max(call.amount, now_), call.activity);
      case What::work:
        return kernel_.work(call.activity, call.index, call.amount);
      case What::hold:
        return kernel_.hold(call.activity, route, call.amount, call.value);
      case What::flow:
        return kernel_.flow(call.activity, route, call.value);
      case What::speed:
        return kernel_.set_speed(call.index, call.value);
      case What::bandwidth:
        return kernel_.set_bandwidth(call.index, call.value);
      case What::cancel:
        kernel_.cancel(call.activity);
    }
  }

  const KernelLog& log_;
  Kernel& kernel_;
  std::size_t next_ = 0;
  std::int64_t now_ = 0;
  std::int64_t woken_at_ = -1;
  std::unordered_set<std::uint64_t> under_way_;
  std::vector<KernelLog::End> ends_;
};

}  // namespace

std::string KernelLog::encoded() const {
  ByteWriter writer;
  visit(writer, *this);
  return std::move(writer.bytes);
}

KernelLog KernelLog::decoded(std::string_view bytes) {
  KernelLog log;
  ByteReader reader(bytes);
  visit(reader, log);
  reader.finish();
  return log;
}

void LoggingKernel::reset(const Setup& setup) {
  log_ = {};
  log_.devices = setup.devices;
  log_.changes = setup.changes;
  log_.bandwidth.assign(setup.channel_bandwidth.begin(), setup.channel_bandwidth.end());
  now_ = 0;
  kernel_.reset(setup);
}

std::int32_t LoggingKernel::keep(std::span<const std::int32_t> channels) {
  const auto first = static_cast<std::int32_t>(log_.channels.size());
  log_.channels.insert(log_.channels.end(), channels.begin(), channels.end());
  return first;
}

void LoggingKernel::timer(std::int64_t when, Activity activity) {
  log_.calls.push_back({now_, activity, What::timer, 0, when, 0, 0});
  kernel_.timer(when, activity);
}

void LoggingKernel::work(Activity activity, int device, std::int64_t amount) {
  log_.calls.push_back({now_, activity, What::work, device, amount, 0, 0});
  kernel_.work(activity, device, amount);
}

void LoggingKernel::hold(Activity activity, std::span<const std::int32_t> channels,
                         std::int64_t amount, double bandwidth) {
  log_.calls.push_back(
      {now_, activity, What::hold, keep(channels), amount, bandwidth, std::ssize(channels)});
  kernel_.hold(activity, channels, amount, bandwidth);
}

void LoggingKernel::flow(Activity activity, std::span<const std::int32_t> channels, double bytes) {
  log_.calls.push_back(
      {now_, activity, What::flow, keep(channels), 0, bytes, std::ssize(channels)});
  kernel_.flow(activity, channels, bytes);
}

void LoggingKernel::set_speed(int device, double factor) {
  log_.calls.push_back({now_, {}, What::speed, device, 0, factor, 0});
  kernel_.set_speed(device, factor);
}

void LoggingKernel::set_bandwidth(std::int32_t channel, double bandwidth) {
  log_.calls.push_back({now_, {}, What::bandwidth, channel, 0, bandwidth, 0});
  kernel_.set_bandwidth(channel, bandwidth);
}

double LoggingKernel::cancel(Activity activity) {
  log_.calls.push_back({now_, activity, What::cancel, 0, 0, 0, 0});
  return kernel_.cancel(activity);
}

void LoggingKernel::run(Kernel::Client& client) {
  client_ = &client;
  kernel_.run(*this);
  client_ = nullptr;
}

void LoggingKernel::instant(std::int64_t now, std::span<const Activity> ended) {
  now_ = now;
  for (const auto each : ended) log_.ends.push_back({each, now});
  client_->instant(now, ended);
}

void LoggingKernel::rate_changed(Activity flow, std::int64_t when, double fraction, double rate) {
  client_->rate_changed(flow, when, fraction, rate);
}

std::vector<KernelLog::End> replayed(const KernelLog& log, Kernel& kernel) {
  return Replay(log, kernel).run();
}

}  // namespace sim
