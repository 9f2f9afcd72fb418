#include "sim/parallel_evaluator.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "sim/split.h"

namespace sim {

namespace {

using Clock = std::chrono::steady_clock;

/// A number that one thread raises and another waits for: watched for a moment, since most waits
/// are short, then slept on.
class Signal {
 public:
  void raise() {
    number_.fetch_add(1, std::memory_order_release);
    number_.notify_one();
  }
  /// Until it is no longer `known`.
  void wait(std::uint32_t known) const {
    const auto begun = Clock::now();
    for (int k = 1; number_.load(std::memory_order_acquire) == known; ++k) {
      if (k % 64 == 0 && Clock::now() - begun > patience) return number_.wait(known);
      relax();
    }
  }

 private:
  static constexpr auto patience = std::chrono::microseconds(100);

  static void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  std::atomic<std::uint32_t> number_ = 0;
};

/// One of the threads: what it has to do, and what came of it. Of their own cache lines.
struct alignas(128) Worker {
  std::unique_ptr<models::Evaluator> evaluator;
  models::Batch part;
  std::size_t first = 0, end = 0;
  std::exception_ptr fault;
  double seconds = 0;
  Signal ordered, done;
  std::uint32_t orders = 0;  ///< given so far, by the calling thread
  bool leave = false;
  std::thread thread;
};

class ParallelEvaluator final : public models::Evaluator {
 public:
  ParallelEvaluator(const std::function<std::unique_ptr<models::Evaluator>()>& make,
                    std::size_t threads)
      : workers_(std::max<std::size_t>(threads, 1)) {
    for (auto& worker : workers_) worker.evaluator = make();
  }
  ~ParallelEvaluator() override {
    for (auto& worker : workers_) {
      if (!worker.thread.joinable()) continue;
      worker.leave = true;
      worker.ordered.raise();
      worker.thread.join();
    }
  }

  models::Score score(const models::Plan& plan) override {
    return workers_.front().evaluator->score(plan);
  }

  void score(const models::Batch& batch, std::span<models::Score> scores) override {
    auto helpers = wanted_helpers(batch.trials.size());
    if (helpers > 0 && !started_) {
      start_threads();
      helpers = wanted_helpers(batch.trials.size());
    }
    if (helpers == 0) return score_alone(batch, scores);
    batch_ = &batch;
    scores_ = scores;
    split(batch, helpers + 1, ends_);
    for (std::size_t w = 0; w <= helpers; ++w) {
      workers_[w].first = w == 0 ? 0 : ends_[w - 1];
      workers_[w].end = ends_[w];
      if (w > 0) order(workers_[w]);
    }
    work(workers_.front());
    for (std::size_t w = 1; w <= helpers; ++w) workers_[w].done.wait(workers_[w].orders - 1);
    finish(helpers);
  }

 private:
  /// Less than this is not worth another thread.
  static constexpr double least_seconds = 15e-6;

  static double seconds_since(Clock::time_point begun) {
    return std::chrono::duration<double>(Clock::now() - begun).count();
  }

  /// How many workers the batch is worth, by what trials have cost lately.
  std::size_t wanted_helpers(std::size_t trials) const {
    const double parts = std::min(per_trial_ * static_cast<double>(trials) / least_seconds, 1e6);
    const auto most = std::min(usable_, trials);
    return std::clamp<std::size_t>(static_cast<std::size_t>(parts), 1,
                                   std::max<std::size_t>(most, 1)) -
           1;
  }

  void learn(double seconds, std::size_t trials) {
    if (trials == 0) return;
    const double now = seconds / static_cast<double>(trials);
    per_trial_ = per_trial_ == 0 ? now : per_trial_ + 0.1 * (now - per_trial_);
  }

  void score_alone(const models::Batch& batch, std::span<models::Score> scores) {
    const auto begun = Clock::now();
    workers_.front().evaluator->score(batch, scores);
    learn(seconds_since(begun), batch.trials.size());
  }

  /// What interrupts the program is for the calling thread. Where the system gives no more threads,
  /// those that there are do.
  void start_threads() {
    started_ = true;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      for (usable_ = 1; usable_ < workers_.size(); ++usable_)
        workers_[usable_].thread = std::thread([this, w = usable_] { serve(workers_[w]); });
    } catch (const std::system_error&) {
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  static void order(Worker& worker) {
    ++worker.orders;
    worker.ordered.raise();
  }

  void serve(Worker& worker) {
    for (std::uint32_t known = 0;; ++known) {
      worker.ordered.wait(known);
      if (worker.leave) return;
      work(worker);
      worker.done.raise();
    }
  }

  void work(Worker& worker) noexcept {
    const auto begun = Clock::now();
    try {
      copy_part(*batch_, worker.first, worker.end, worker.part);
      worker.evaluator->score(worker.part,
                              scores_.subspan(worker.first, worker.end - worker.first));
    } catch (...) {
      worker.fault = std::current_exception();
    }
    worker.seconds = seconds_since(begun);
  }

  void finish(std::size_t helpers) {
    double seconds = 0;
    std::exception_ptr fault;
    for (std::size_t w = 0; w <= helpers; ++w) {
      seconds += workers_[w].seconds;
      auto own = std::exchange(workers_[w].fault, nullptr);
      if (!fault) fault = own;
    }
    learn(seconds, batch_->trials.size());
    if (fault) std::rethrow_exception(fault);
  }

  std::vector<Worker> workers_;  ///< the first is the calling thread
  std::size_t usable_ = workers_.size();
  bool started_ = false;
  const models::Batch* batch_ = nullptr;
  std::span<models::Score> scores_;
  std::vector<std::size_t> ends_;
  double per_trial_ = 0;  ///< seconds, of late
};

}  // namespace

std::unique_ptr<models::Evaluator> make_parallel_evaluator(
    const std::function<std::unique_ptr<models::Evaluator>()>& make, std::size_t threads) {
  if (threads < 2) return make();
  return std::make_unique<ParallelEvaluator>(make, threads);
}

}  // namespace sim
