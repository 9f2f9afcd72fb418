#include "scenarios/speed/speed.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <memory>
#include <span>

#include "models/executor.h"
#include "models/index.h"
#include "models/period_delta.h"
#include "models/random.h"
#include "sim/event_engine.h"
#include "sim/simgrid_check.h"
#include "sim/static_evaluator.h"

namespace scenarios {
namespace {

using models::at;
using Sharing = models::Link::Sharing;

constexpr int repetitions = 5;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Per second of CPU time, of something that does `count` at once; the median of repetitions.
double rate(double seconds, std::size_t count, const std::function<void()>& once) {
  once();
  std::array<double, repetitions> rates{};
  for (auto& each : rates) {
    const double start = cpu_seconds();
    double spent = 0;
    std::size_t done = 0;
    while ((spent = cpu_seconds() - start) < seconds / repetitions) {
      once();
      done += count;
    }
    each = static_cast<double>(done) / spent;
  }
  std::ranges::sort(rates);
  return rates[repetitions / 2];
}

/// What a row is measured on.
struct Subject {
  explicit Subject(const SpeedCase& of)
      : problem(speed_problem(of)),
        trials(*problem, of.everything, of.operators > 1000 ? 16 : 256) {}
  std::shared_ptr<const models::Problem> problem;
  SpeedTrials trials;
};

double score_rate(models::Evaluator& evaluator, const Subject& on, double seconds) {
  std::vector<models::Score> scores(on.trials.batch().trials.size());
  return rate(seconds, scores.size(), [&] { evaluator.score(on.trials.batch(), scores); });
}

double events(const Subject& on, double seconds) {
  return score_rate(*sim::make_event_evaluator(on.problem), on, seconds);
}

/// From a platform that is read to a problem that plans can be scored on.
double setting_up(const Subject& on, double seconds) {
  return rate(seconds, 1, [&] {
    models::make_problem(on.problem->uses(), on.problem->platform, on.problem->choices);
  });
}

double one_pass(const Subject& on, double seconds) {
  return score_rate(*sim::make_static_evaluator(on.problem), on, seconds);
}

double lanes(const Subject& on, double seconds) {
  return score_rate(*sim::make_lane_evaluator(on.problem), on, seconds);
}

double period_bound(const Subject& on, double seconds) {
  models::PeriodDelta delta(*on.problem);
  delta.start(on.trials.base());
  struct Move {
    std::int32_t op;
    models::Problem::Option to;
  };
  std::vector<Move> moves;
  models::Random random(2);
  for (int i = 0; i < 256; ++i) {
    const auto op = static_cast<std::int32_t>(random.below(on.problem->operators));
    const auto options = on.problem->options(op);
    moves.push_back({op, options[at(random.below(static_cast<std::int64_t>(options.size())))]});
  }
  volatile std::int64_t sink = 0;
  return rate(seconds, moves.size(), [&] {
    std::int64_t sum = 0;
    for (const auto& [op, to] : moves)
      sum += delta.after_move(op, to.device, to.precision).period.count();
    sink = sum;
  });
}

/// The sum of everything in an array, as fast as it can be read.
template <class Array>
std::uint64_t touched(const Array& array) {
  using Pair = std::uint64_t __attribute__((vector_size(16)));
  const auto bytes = std::as_bytes(std::span(array));
  std::size_t i = 0;
  const auto next = [&](auto word) {
    std::memcpy(&word, &bytes[i], sizeof word);
    i += sizeof word;
    return word;
  };
  Pair a{}, b{}, c{}, d{};  // apart, so that no addition waits for another
  while (i + 4 * sizeof(Pair) <= bytes.size()) {
    a += next(Pair{});
    b += next(Pair{});
    c += next(Pair{});
    d += next(Pair{});
  }
  a += b + c + d;
  std::uint64_t sum = a[0] + a[1];
  while (i + sizeof sum <= bytes.size()) sum += next(std::uint64_t{});
  while (i < bytes.size()) sum += next(std::uint8_t{});
  return sum;
}

/// Touches once what of the compiled problem any scoring of a plan must look at.
double floor_of(const Subject& on, double seconds) {
  const auto& p = *on.problem;
  volatile std::uint64_t sink = 0;
  constexpr int at_once = 64;
  return rate(seconds, at_once, [&] {
    for (int i = 0; i < at_once; ++i)
      sink = sink + touched(p.duration) + touched(p.energy) + touched(p.workspace) +
             touched(p.noise) + touched(p.weight_bytes) + touched(p.is_free) +
             touched(p.input_begin) + touched(p.input_tensor) + touched(p.output_begin) +
             touched(p.bytes) + touched(p.is_output) + touched(p.reader_begin) + touched(p.reader);
  });
}

/// Executions per second of CPU time in SimGrid's process, one after the other in one engine.
double on_simgrid(const Subject& on, double seconds) {
  sim::Workbench bench(*on.problem);
  sim::SimgridRunner simgrid;
  sim::Tally tally;
  const auto& batch = on.trials.batch();
  std::size_t next = 0;
  const auto once = [&] {
    simgrid.run(bench.prepare(batch.plan(next++ % batch.trials.size())), tally, nullptr);
    return simgrid.seconds();
  };
  once();
  std::array<double, repetitions> rates{};
  for (auto& each : rates) {
    double spent = 0;
    int done = 0;
    for (; spent < seconds / repetitions; ++done) spent += once();
    each = done / spent;
  }
  std::ranges::sort(rates);
  return rates[repetitions / 2];
}

struct Row {
  std::string_view what;
  SpeedCase of;
  double (*measure)(const Subject& on, double seconds);
  bool near_floor = false;  ///< worth comparing: one request
};

constexpr auto fifo = Sharing::fifo;
constexpr auto fair = Sharing::fair;

constexpr std::array rows = {
    Row{"events, max-min", {150, 4, 1, fair, false}, events},
    Row{"events, max-min", {150, 4, 16, fair, false}, events},
    Row{"events, max-min", {150, 64, 16, fair, false}, events},
    Row{"events, fifo", {150, 4, 1, fifo, false}, events},
    Row{"events, fifo", {150, 4, 16, fifo, false}, events},
    Row{"events, fifo", {150, 64, 16, fifo, false}, events},
    Row{"one pass, placement only", {150, 4, 1, fifo, false}, one_pass, true},
    Row{"one pass, placement only", {150, 4, 16, fifo, false}, one_pass},
    Row{"one pass, everything", {150, 4, 1, fifo, true}, one_pass, true},
    Row{"one pass, everything", {150, 4, 16, fifo, true}, one_pass},
    Row{"lanes, placement only", {150, 4, 1, fifo, false}, lanes, true},
    Row{"lanes, placement only", {150, 4, 16, fifo, false}, lanes},
    Row{"lanes, everything", {150, 4, 1, fifo, true}, lanes, true},
    Row{"SimGrid, max-min", {150, 4, 1, fair, false}, on_simgrid},
    Row{"SimGrid, max-min", {150, 4, 16, fair, false}, on_simgrid},
    Row{"SimGrid, max-min", {150, 64, 16, fair, false}, on_simgrid},
    Row{"SimGrid, fifo", {150, 4, 1, fifo, false}, on_simgrid},
    Row{"SimGrid, fifo", {150, 4, 16, fifo, false}, on_simgrid},
    Row{"period bound, per move", {150, 4, 1, fifo, false}, period_bound},
    Row{"events, large", {5000, 1000, 1, fifo, true}, events},
    Row{"setting up", {150, 1000, 1, fifo, true}, setting_up},
    Row{"setting up", {5000, 1000, 1, fifo, true}, setting_up},
    Row{"floor, placement only", {150, 4, 1, fifo, false}, floor_of, true},
    Row{"floor, everything", {150, 4, 1, fifo, true}, floor_of, true},
};

/// Whether the row's rate is of whole plans, and so comparable to SimGrid's.
bool is_of_plans(const Row& row) {
  return row.measure != floor_of && row.measure != period_bound;
}

bool is_wanted(const Row& row, const std::vector<std::string>& only) {
  return only.empty() || std::ranges::any_of(only, [&](const std::string& each) {
           return row.what.find(each) != std::string_view::npos;
         });
}

/// Rates that others are compared to, each measured once.
class Yardsticks {
 public:
  explicit Yardsticks(double seconds) : seconds_(seconds) {}

  double floor(SpeedCase of) {
    of.requests = 1;  // the arrays are the same
    for (const auto& [measured, found] : floors_)
      if (measured == of) return found;
    return floors_.emplace_back(of, floor_of(Subject(of), seconds_)).second;
  }

  /// None where SimGrid is not.
  std::optional<double> simgrid(const SpeedCase& of) {
    if (!sim::SimgridCheck::is_there()) return std::nullopt;
    for (const auto& [measured, found] : simgrids_)
      if (measured == of) return found;
    return simgrids_.emplace_back(of, on_simgrid(Subject(of), seconds_)).second;
  }

 private:
  double seconds_;
  std::vector<std::pair<SpeedCase, double>> floors_, simgrids_;
};

}  // namespace

std::vector<std::string> speed_rows() {
  std::vector<std::string> names;
  for (const auto& row : rows)
    if (names.empty() || names.back() != row.what) names.emplace_back(row.what);
  return names;
}

void measure_speeds(const SpeedOptions& options, const std::function<void(const Speed&)>& told) {
  Yardsticks yardsticks(options.seconds);
  for (const auto& row : rows) {
    if (!is_wanted(row, options.only)) continue;
    Speed speed{std::string(row.what), row.of, {}, {}, {}, {}};
    const auto simgrid = is_of_plans(row) ? yardsticks.simgrid(row.of) : std::nullopt;
    if (row.measure == on_simgrid)
      speed.per_second = simgrid;
    else if (row.measure == floor_of)
      speed.per_second = yardsticks.floor(row.of);
    else
      speed.per_second = row.measure(Subject(row.of), options.seconds);
    if (!speed.per_second)
      speed.why_not = "partwise-simgrid is not built";
    else if (simgrid)
      speed.to_simgrid = *speed.per_second / *simgrid;
    if (row.near_floor) speed.to_floor = yardsticks.floor(row.of) / *speed.per_second;
    told(speed);
  }
}

}  // namespace scenarios
