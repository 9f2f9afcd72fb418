#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/goal.h"
#include "models/outcome.h"
#include "models/plan.h"
#include "models/problem.h"
#include "results/columns.h"

namespace results {

/// "links.d2d.lanes" and "8".
struct NamedValue {
  std::string name;
  std::string value;
  friend bool operator==(const NamedValue&, const NamedValue&) = default;
};

/// The names behind the numbers in plans and scores, so that a result file can be read on its own.
struct Names {
  std::vector<std::string> operators;
  std::vector<std::string> operator_types;
  std::vector<std::string> tensors;
  std::vector<std::string> devices;
  std::vector<std::string> links;
  std::vector<std::string> channels;
  std::vector<std::string> formats;
  friend bool operator==(const Names&, const Names&) = default;
};
Names names_of(const models::Problem& problem);

/// A plan worth keeping, and what is known about it.
struct StoredPlan {
  std::string label;   ///< "best", "all on npu": unique within the run
  std::string origin;  ///< who proposed it: the optimizer's name, "greedy", "baseline"
  std::string json;    ///< as write_plan gives it
  std::vector<NamedValue> platform;  ///< of a co-design: what its platform has, by path
  models::Plan plan;
  models::Score score;             ///< what the search was told
  std::vector<double> objectives;  ///< Goal::values, one per objective
  double cost = 0;                 ///< Goal::cost
  double violation = 0;            ///< Goal::violation
  bool pareto = false;             ///< no stored plan dominates it
  std::string reason;              ///< in which way it is best, see give_reasons; else empty
  bool simulated = false;          ///< `outcome` says how it turned out
  models::Outcome outcome;         ///< its timeline is kept for the best plan only
  /// Largest relative difference of any instant to what SimGrid makes of the plan; -1: not checked.
  double simgrid_difference = -1;
};

/// What came of sending plans to SimGrid as well.
struct Audit {
  std::int64_t plans = 0;          ///< among those the search scored; beside the finalists
  double difference = 0;           ///< largest relative one of theirs
  std::int64_t near_ties = 0;      ///< of all plans: agree once ties are broken alike
  std::int64_t disagreements = 0;  ///< of all plans: beyond the law
  friend bool operator==(const Audit&, const Audit&) = default;
};

/// How good the best plan was after so many evaluations.
struct TracePoint {
  std::int64_t evaluation = 0;
  double cost = 0;       ///< Goal::cost of the best so far
  double violation = 0;  ///< its Goal::violation
  std::vector<double> objectives;
};

/// How a search stood about a second after the point before. Like RunFile::seconds, what a rerun
/// changes.
struct CurvePoint {
  std::int64_t evaluations = 0;
  double seconds = 0;  ///< wall clock of the search
  double cost = 0;     ///< of the best so far
  double violation = 0;
};

/// What no plan can beat.
struct LowerBound {
  double value = 0;  ///< to be made small: in the metric's unit, throughput as seconds per request
  std::string from;  ///< how it is known: "critical path", ...
  friend bool operator==(const LowerBound&, const LowerBound&) = default;
};

/// How good the front was after so many evaluations, about twice as many from point to point.
struct FrontPoint {
  std::int64_t evaluations = 0;
  std::int64_t plans = 0;  ///< on the front
  double hypervolume = 0;  ///< part of the box up to the goal's references that they dominate
  friend bool operator==(const FrontPoint&, const FrontPoint&) = default;
};

/// Everything worth keeping of one run: what was asked, how it was searched, what was found.
struct RunFile {
  std::string id;     ///< names the file: letters, digits, '-', '_', '.'
  std::string label;  ///< for people: "lanes=4 seed=1"
  std::string scenario_name;
  std::string scenario_text;  ///< resolved and canonical: running it makes this run again
  std::string version;        ///< of Partwise
  std::string commit;         ///< empty when not built from a checkout
  std::int64_t seed = 0;      ///< of the search
  std::int64_t workload_seed = 0;
  std::vector<NamedValue> inputs;  ///< file read: hash of its content
  std::vector<NamedValue> swept;   ///< key: value, of what differs between runs

  std::string optimizer;
  std::vector<NamedValue> settings;  ///< of the optimizer
  std::int64_t evaluations = 0;
  double seconds = 0;        ///< wall clock of the search; a rerun changes this and `curve` alone
  bool interrupted = false;  ///< cut short by a limit in seconds or by the user

  models::Goal goal;
  std::vector<LowerBound> bounds;  ///< [objective]
  LowerBound bound;                ///< of Goal::cost
  Names names;
  std::vector<TracePoint> trace;
  std::vector<CurvePoint> curve;
  std::vector<FrontPoint> fronts;  ///< where the goal is a front
  std::vector<StoredPlan> plans;
  Audit audit;
  int best = -1;          ///< row of `plans`; -1 when nothing was found
  std::string complaint;  ///< why there is no feasible plan, in words; else empty

  /// How far the best plan can be from the best there is; 1 where nothing is known of it, or no
  /// plan holds all limits.
  double gap() const {
    const auto* plan = best_plan();
    return plan == nullptr || plan->violation > 0 ? 1 : models::gap(plan->cost, bound.value);
  }
  const StoredPlan* best_plan() const {
    return best < 0 ? nullptr : &plans[static_cast<std::size_t>(best)];
  }
};

/// How much of a run to read.
enum class Depth { summary, whole };  ///< summary: without timeline, latencies, critical paths

/// Writes `run` beside `file`, then renames: readers see the old file or the whole new one. The
/// same run gives the same bytes. Throws EnvironmentError when it cannot; nothing is left behind
/// then.
void write_run(const RunFile& run, const std::filesystem::path& file);

/// Throws InputError naming the file and the remedy when it is truncated, changed or not one of
/// ours, EnvironmentError when it cannot be opened.
RunFile read_run(const std::filesystem::path& file, Depth depth = Depth::whole);

/// The run files of an output folder (`<out>/runs/*.h5`), sorted by name; empty when there are
/// none.
std::vector<std::filesystem::path> run_files(const std::filesystem::path& out);
/// "<out>/runs/<id>.h5".
std::filesystem::path run_file(const std::filesystem::path& out, const std::string& id);

/// One row per run: label, swept values, best plan's metrics, evaluations, seconds.
Table runs_table(const std::vector<RunFile>& runs);
/// One row per stored plan of a run.
Table plans_table(const RunFile& run);

}  // namespace results
