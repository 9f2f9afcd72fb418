#include "sim/parallel_evaluator.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "sim/split.h"

namespace sim {

namespace {

using Clock = std::chrono::steady_clock;

/// A number that one thread raises and another waits for: watched for a moment, since most waits
/// are short, then slept on. Who watches for longer lets others have the core.
class Signal {
 public:
  std::uint32_t now() const { return number_.load(std::memory_order_acquire); }
  void raise() {
    number_.fetch_add(1, std::memory_order_release);
    number_.notify_one();
  }
  /// Until it is no longer `known`; answers what it is.
  std::uint32_t wait(std::uint32_t known) const {
    const auto begun = Clock::now();
    for (int k = 1; now() == known; ++k) {
      if (k % 64 != 0) {
        relax();
        continue;
      }
      const auto waited = Clock::now() - begun;
      if (waited > patience) number_.wait(known);
      if (waited > alone) std::this_thread::yield();
    }
    return now();
  }

 private:
  static constexpr auto alone = std::chrono::microseconds(20);
  static constexpr auto patience = std::chrono::microseconds(500);

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
  std::size_t first = 0, end = 0;  ///< units that nobody has taken yet
  double seconds = 0;
  Signal ordered;
  bool leave = false;
  std::thread thread;
};

/// A batch is cut into units, of which each worker gets an even share. Who has done its own takes
/// from others, so that none waits for a thread that the system has put aside: a batch is done when
/// all units are, whoever did them.
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
    share_out(batch, scores, helpers + 1);
    for (std::size_t w = 1; w <= helpers; ++w) workers_[w].ordered.raise();
    work(workers_.front());
    for (auto known = done_.now(); open_.load(std::memory_order_acquire) != 0; known = done_.now())
      done_.wait(known);
    finish();
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

  void share_out(const models::Batch& batch, std::span<models::Score> scores, std::size_t parts) {
    const std::lock_guard lock(mutex_);
    batch_ = &batch;
    scores_ = scores;
    split(batch, parts, ends_);
    units_.assign(1, 0);
    for (std::size_t w = 0; w < parts; ++w) {
      workers_[w].first = units_.size() - 1;
      cut_into_units(batch, w == 0 ? 0 : ends_[w - 1], ends_[w], units_);
      workers_[w].end = units_.size() - 1;
    }
    for (auto& worker : workers_) worker.seconds = 0;
    open_.store(units_.size() - 1, std::memory_order_release);
  }

  void serve(Worker& worker) {
    for (std::uint32_t known = 0;;) {
      known = worker.ordered.wait(known);
      if (worker.leave) return;
      work(worker);
    }
  }

  struct Units {
    std::size_t first = 0, end = 0;
  };

  /// What the worker is to do next: a part of its own share, smaller and smaller, then one unit at
  /// a time of the largest share left, from its end. None: nothing is left.
  Units take(Worker& worker) {
    const std::lock_guard lock(mutex_);
    if (const auto left = worker.end - worker.first; left > 0) {
      const auto first = worker.first;
      worker.first += (left + 3) / 4;
      return {first, worker.first};
    }
    auto& other = *std::ranges::max_element(
        workers_, {}, [](const Worker& each) { return each.end - each.first; });
    if (other.end == other.first) return {};
    --other.end;
    return {other.end, other.end + 1};
  }

  void work(Worker& worker) noexcept {
    for (auto units = take(worker); units.end > units.first; units = take(worker)) {
      const auto begun = Clock::now();
      const auto first = units_[units.first], end = units_[units.end];
      try {
        copy_part(*batch_, first, end, worker.part);
        worker.evaluator->score(worker.part, scores_.subspan(first, end - first));
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!fault_) fault_ = std::current_exception();
      }
      worker.seconds += seconds_since(begun);
      const auto done = units.end - units.first;
      const bool last = open_.fetch_sub(done, std::memory_order_acq_rel) == done;
      if (last && &worker != &workers_.front()) done_.raise();
    }
  }

  void finish() {
    double seconds = 0;
    for (const auto& worker : workers_) seconds += worker.seconds;
    learn(seconds, batch_->trials.size());
    if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
  }

  std::vector<Worker> workers_;  ///< the first is the calling thread
  std::size_t usable_ = workers_.size();
  bool started_ = false;
  std::mutex mutex_;  ///< of all shares, and of what they are shares of
  const models::Batch* batch_ = nullptr;
  std::span<models::Score> scores_;
  std::vector<std::size_t> ends_;
  std::vector<std::size_t> units_;  ///< where each begins, and where the last ends
  std::exception_ptr fault_;
  std::atomic<std::size_t> open_ = 0;  ///< units that are not done
  Signal done_;
  double per_trial_ = 0;  ///< seconds, of late
};

}  // namespace

std::unique_ptr<models::Evaluator> make_parallel_evaluator(
    const std::function<std::unique_ptr<models::Evaluator>()>& make, std::size_t threads) {
  if (threads < 2) return make();
  return std::make_unique<ParallelEvaluator>(make, threads);
}

}  // namespace sim
