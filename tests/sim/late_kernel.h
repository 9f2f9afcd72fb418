#pragma once

#include "sim/fast_kernel.h"

/// Our kernel with a fault: all work takes a little longer.
class LateKernel final : public sim::Kernel {
 public:
  explicit LateKernel(std::int64_t late) : late_(late) {}

  void reset(const Setup& setup) override { kernel_.reset(setup); }
  void timer(std::int64_t when, sim::Activity activity) override { kernel_.timer(when, activity); }
  void work(sim::Activity activity, int device, std::int64_t amount) override {
    kernel_.work(activity, device, amount + late_);
  }
  void hold(sim::Activity activity, std::span<const std::int32_t> channels, std::int64_t amount,
            double bandwidth) override {
    kernel_.hold(activity, channels, amount, bandwidth);
  }
  void flow(sim::Activity activity, std::span<const std::int32_t> channels, double bytes) override {
    kernel_.flow(activity, channels, bytes);
  }
  void set_speed(int device, double factor) override { kernel_.set_speed(device, factor); }
  void set_bandwidth(std::int32_t channel, double bandwidth) override {
    kernel_.set_bandwidth(channel, bandwidth);
  }
  double cancel(sim::Activity activity) override { return kernel_.cancel(activity); }
  void run(Client& client) override { kernel_.run(client); }

 private:
  sim::FastKernel kernel_;
  std::int64_t late_;
};
