#include "models/workload.h"

#include <algorithm>
#include <array>

#include "models/error.h"
#include "models/random.h"

namespace models {
namespace {

constexpr std::array<std::string_view, 4> arrival_words = {"closed", "periodic", "poisson",
                                                           "trace"};
constexpr std::int64_t most_batched = 256;
constexpr std::array<std::string_view, 2> jitter_words = {"uniform", "exponential"};

Time sum(Time a, Time b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a.count(), b.count(), &result))
    throw InputError("the last request would arrive after more than 106 days; lower 'requests'");
  return Time(result);
}

/// From one Poisson arrival to the next.
Time gap(Random& random, Frequency rate) {
  try {
    return rounded_up(-portable_log(1 - random.unit()) / rate.value);
  } catch (const std::range_error&) {
    throw InputError("a request would arrive after more than 106 days; raise 'rate'");
  }
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t mixed(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// Instants travel through the visitor as texts: "3 ms".
void describe_trace(std::vector<Time>& trace, Visitor& v) {
  std::vector<std::string> texts;
  for (const Time instant : trace) texts.push_back(to_text(instant));
  v.visit("trace", texts,
          {.meaning = "arrival instants of `trace` arrivals, ascending; or a CSV file of them",
           .optional = true,
           .or_file = true});
  std::vector<Time> read;
  try {
    for (const auto& text : texts) read.push_back(parse_time(text));
    trace = read;
  } catch (const InputError& error) {
    v.refuse("trace", error.what());
  }
}

void describe_batch(Workload& workload, Visitor& v) {
  v.visit("size", workload.batch,
          {.meaning = "how many at most", .low = 1, .high = static_cast<double>(most_batched)});
  v.visit("wait", workload.batch_wait,
          {.meaning = "how long the first one gathered waits for more; 0: until the batch is full "
                      "or no more can come",
           .low = 0,
           .optional = true});
}

}  // namespace

std::vector<Time> Workload::arrival_times() const {
  std::vector<Time> times;
  if (arrivals == Arrivals::closed) return times;
  times.reserve(static_cast<std::size_t>(requests));
  ArrivalTimes drawn(*this);
  for (std::int64_t i = 0; i < requests; ++i) times.push_back(drawn.next());
  return times;
}

ArrivalTimes::ArrivalTimes(const Workload& workload)
    : workload_(&workload), random_(static_cast<std::uint64_t>(workload.seed)) {}

Time ArrivalTimes::next() {
  const auto i = given_++;
  if (workload_->arrivals == Workload::Arrivals::trace) return workload_->trace[i];
  if (workload_->arrivals == Workload::Arrivals::poisson)
    now_ = sum(now_, gap(random_, workload_->rate));
  else if (i > 0)
    now_ = sum(now_, workload_->period);
  return now_;
}

void check(const Workload& workload) {
  using Arrivals = Workload::Arrivals;
  const auto needs = [&](Arrivals kind, bool given, const std::string& what) {
    const std::string word(arrival_words[static_cast<std::size_t>(kind)]);
    if (workload.arrivals == kind && !given)
      throw InputError("'" + word + "' arrivals need " + what);
    if (workload.arrivals != kind && given)
      throw InputError(what + " is for '" + word + "' arrivals only");
  };
  if (workload.requests < 1) throw InputError("'requests' must be at least 1");
  if (workload.in_flight < 1) throw InputError("'in_flight' must be at least 1");
  const bool exponential = workload.jitter_shape == Workload::JitterShape::exponential;
  if (!(workload.jitter >= 0 && (workload.jitter < 1 || (exponential && workload.jitter == 1))))
    throw InputError(exponential ? "'jitter' must be at least 0 and at most 1"
                                 : "'jitter' must be at least 0 and less than 1");
  if (workload.batch < 1 || workload.batch > most_batched)
    throw InputError("'batch' must have a size of 1 to " + std::to_string(most_batched));
  if (workload.batch_wait.count() > std::int64_t{1} << 62)
    throw InputError("'wait' of a batch must be less than 53 days");
  if (workload.batch_wait < Time{}) throw InputError("the 'wait' of a batch must not be negative");
  if (workload.batch == 1 && workload.batch_wait > Time{})
    throw InputError("the 'wait' of a batch needs a 'size' of more than 1");
  if (workload.period < Time{}) throw InputError("'period' must be greater than 0");
  if (!(workload.rate.value >= 0)) throw InputError("'rate' must be greater than 0");
  needs(Arrivals::periodic, workload.period > Time{}, "a 'period'");
  needs(Arrivals::poisson, workload.rate.value > 0, "a 'rate'");
  needs(Arrivals::trace, !workload.trace.empty(), "a 'trace'");
  if (workload.arrivals != Arrivals::closed && workload.in_flight != 1)
    throw InputError("'in_flight' is for 'closed' arrivals only");
  if (workload.arrivals != Arrivals::trace) return;

  if (static_cast<std::int64_t>(workload.trace.size()) < workload.requests)
    throw InputError("'trace' has " + std::to_string(workload.trace.size()) + " instants for " +
                     std::to_string(workload.requests) + " requests");
  if (workload.trace.front() < Time{}) throw InputError("'trace' starts before 0");
  const auto wrong = std::is_sorted_until(workload.trace.begin(), workload.trace.end());
  if (wrong != workload.trace.end())
    throw InputError("'trace' goes back from " + to_text(*(wrong - 1)) + " to " + to_text(*wrong) +
                     "; instants must ascend");
}

void describe(Workload& workload, Visitor& v) {
  v.visit("requests", workload.requests,
          {.meaning = "how many inferences are run", .low = 1, .high = 1e7, .optional = true});
  v.pick("arrivals", workload.arrivals, arrival_words,
         {.meaning = "when requests arrive: as others complete, or at given or random instants",
          .optional = true});
  v.visit("in_flight", workload.in_flight,
          {.meaning = "closed arrivals: how many requests at once",
           .low = 1,
           .high = 1e6,
           .optional = true});
  v.visit("period", workload.period,
          {.meaning = "periodic arrivals: time between two", .low = 0, .optional = true});
  v.visit("rate", workload.rate,
          {.meaning = "poisson arrivals: mean number per second", .low = 0, .optional = true});
  describe_trace(workload.trace, v);
  v.visit("jitter", workload.jitter,
          {.meaning = "each task's duration times a random factor of mean 1: in [1 - jitter, "
                      "1 + jitter], or as jitter_shape says",
           .low = 0,
           .high = 1,
           .optional = true});
  v.pick("jitter_shape", workload.jitter_shape, jitter_words,
         {.meaning = "exponential: factors are 1 - jitter + jitter x an exponential number",
          .optional = true});
  v.group("batch", workload.batch > 1,
          {.meaning = "requests that are gathered and executed as one", .optional = true},
          [&](Visitor& inner, std::size_t) { describe_batch(workload, inner); });
  v.visit("seed", workload.seed, {.meaning = "of arrivals and jitter", .low = 0, .optional = true});
  v.visit(
      "source", workload.source,
      {.meaning = "device where inputs start; the platform's first unless said", .optional = true});
  v.visit("sink", workload.sink,
          {.meaning = "device that outputs must reach; the source unless said", .optional = true});
  try {
    check(workload);
  } catch (const InputError& error) {
    v.refuse("", error.what());
  }
}

namespace {

/// In [0, 1).
double drawn(std::int64_t seed, std::int64_t request, std::int64_t position) {
  std::uint64_t hash = mixed(static_cast<std::uint64_t>(seed));
  hash = mixed(hash ^ static_cast<std::uint64_t>(request));
  hash = mixed(hash ^ static_cast<std::uint64_t>(position));
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

}  // namespace

double jitter_factor(double jitter, std::int64_t seed, std::int64_t request,
                     std::int64_t position) {
  return 1 + jitter * (2 * drawn(seed, request, position) - 1);
}

double jitter_factor(const Workload& workload, std::int64_t request, std::int64_t position) {
  const double jitter = workload.jitter;
  if (workload.jitter_shape == Workload::JitterShape::uniform)
    return jitter_factor(jitter, workload.seed, request, position);
  return 1 - jitter - jitter * portable_log(1 - drawn(workload.seed, request, position));
}

std::int64_t jittered(std::int64_t duration, const Workload& workload, std::int64_t request,
                      std::int64_t position) {
  if (workload.jitter == 0) return duration;
  const double exact = static_cast<double>(duration) * jitter_factor(workload, request, position);
  if (exact >= 0x1p62)
    throw InputError("jitter makes a task of request " + std::to_string(request) +
                     " last longer than 53 days; lower 'jitter' or the load");
  const auto whole = static_cast<std::int64_t>(exact);
  return whole + (static_cast<double>(whole) < exact);
}

}  // namespace models
