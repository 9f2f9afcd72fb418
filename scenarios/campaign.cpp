#include "scenarios/campaign.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <new>

#include "models/error.h"
#include "models/units.h"
#include "scenarios/children.h"
#include "scenarios/interruption.h"
#include "scenarios/progress.h"
#include "scenarios/study.h"

namespace scenarios {

using models::InputError;
using results::RunFile;

namespace {

/// What the first letter of a child's line says.
constexpr char under_way = 'u', remark = 'r', finished = 'f', failed = 'x';

/// "latency_mean 12.3 ms, energy 4 mJ", or what is wrong with it.
std::string in_words(const models::Score& score, const models::Goal& goal) {
  std::string words;
  for (const auto& one : goal.objectives)
    words += (words.empty() ? "" : ", ") + std::string(models::about(one.metric).name) + " " +
             models::pretty(one.metric, score.value(one.metric));
  const auto complaint = goal.complaint(score);
  return complaint.empty() ? words : words + " (" + complaint + ")";
}

std::string closing_words(const RunFile& record) {
  const auto effort = std::to_string(record.evaluations) + " plans in " +
                      models::pretty(models::rounded_up(record.seconds)) +
                      (record.interrupted ? ", cut short" : "");
  const auto* best = record.best_plan();
  if (best == nullptr) return "no plan; " + effort;
  if (record.complaint.empty()) return in_words(best->score, record.goal) + "; " + effort;
  return "no plan holds all limits; of the best, " + record.complaint + "; " + effort;
}

/// ", gap 12.3 % (bound 4 ms)", or ", optimal"; nothing where nothing is known.
std::string how_good(const Standing& standing, const models::Goal& goal) {
  if (standing.violation > 0 || !(standing.lower_bound > 0)) return "";
  const double gap = models::gap(standing.cost, standing.lower_bound);
  if (gap <= 0) return ", optimal";
  auto words = ", gap " + models::pretty(std::ceil(gap * 1000) / 10) + " %";
  if (goal.objectives.size() > 1 || !goal.penalties.empty()) return words;
  const auto metric = goal.objectives[0].metric;
  const double part = standing.lower_bound / standing.cost;
  const double value = standing.best->value(metric);
  const bool small = models::about(metric).smaller_is_better;
  return words + " (bound " + models::pretty(metric, small ? value * part : value / part) + ")";
}

/// Tells how a search stands, a few times a second.
class Teller {
 public:
  Teller(const Run& run, const Jobs::Tell& tell) : run_(run), tell_(tell) {}

  void operator()(const Standing& standing) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    tell_(under_way + std::to_string(standing.evaluations) + " of " +
          std::to_string(run_.scenario->optimizer.budget) + " plans, " +
          in_words(*standing.best, run_.scenario->goal) + how_good(standing, run_.scenario->goal) +
          ", " + std::to_string(std::llround(standing.per_second)) + "/s");
  }

 private:
  const Run& run_;
  const Jobs::Tell& tell_;
  std::chrono::steady_clock::time_point next_{};
};

std::filesystem::path checkpoint_file(const Run& run, const std::filesystem::path& folder) {
  return folder / "runs" / (run.id + ".checkpoint");
}

int do_run(const Run& run, const std::filesystem::path& folder, const Effort& effort,
           const Jobs::Tell& tell) {
  const auto stop = [] { return Interruption::count() > 0; };
  const auto complain = [&](const std::string& one) { tell(failed + one); };
  const Checkpoint checkpoint(checkpoint_file(run, folder), run.id, effort.checkpoint_seconds,
                              complain);
  const auto record = solve(run, {stop, Teller(run, tell)},
                            {{effort.audit, folder / "disagreements"},
                             checkpoint,
                             effort.threads,
                             complain,
                             [&](const std::string& one) { tell(remark + one); }});
  results::write_run(record, results::run_file(folder, run.id));
  tell(finished + closing_words(record));
  if (record.interrupted && stop()) return exit_code::interrupted;
  checkpoint.remove();
  return record.audit.disagreements > 0 ? exit_code::not_as_expected : exit_code::done;
}

/// One of the two places where errors end: whatever is wrong with a run stays with that run.
int do_run_safely(const Run& run, const std::filesystem::path& folder, const Effort& effort,
                  const Jobs::Tell& tell) {
  try {
    return do_run(run, folder, effort, tell);
  } catch (const InputError& error) {
    tell(failed + std::string(error.what()));
    return exit_code::invalid;
  } catch (const models::EnvironmentError& error) {
    tell(failed + std::string(error.what()));
    return exit_code::environment;
  } catch (const std::filesystem::filesystem_error& error) {
    tell(failed + std::string(error.what()));
    return exit_code::environment;
  } catch (const std::bad_alloc&) {
    tell(failed + std::string("there is not enough memory; try a smaller -j"));
    return exit_code::environment;
  } catch (const std::exception& error) {
    tell(failed + std::string("this is a bug, please report it with the scenario: ") +
         error.what());
    return exit_code::bug;
  }
}

/// How grave a code is: of several runs the gravest speaks for all.
int graver(int a, int b) {
  constexpr std::array order = {exit_code::done,        exit_code::some_failed,
                                exit_code::invalid,     exit_code::not_as_expected,
                                exit_code::interrupted, exit_code::environment,
                                exit_code::bug};
  return std::ranges::find(order, a) < std::ranges::find(order, b) ? b : a;
}

/// Tells the user how the runs go.
class Narrator {
 public:
  Narrator(const std::vector<const Run*>& runs, const Console& console)
      : runs_(runs), progress_(console) {}

  void heard(std::size_t job, std::string_view line) {
    const auto text = std::string(line.substr(1));
    if (line.front() == under_way)
      progress_.update("[" + std::to_string(done_) + "/" + std::to_string(runs_.size()) + "] " +
                       name(job) + text);
    else if (line.front() == finished)
      progress_.say(count() + name(job) + text);
    else if (line.front() == remark)
      progress_.say(name(job) + text);
    else
      progress_.complain(name(job) + text);
  }

  void stopping() {
    progress_.say(
        "stopping as soon as the plans at hand are scored; once more stops at once, and the "
        "searches under way fall back to their last checkpoints");
  }

  int ended(const JobEnd& end) {
    ++done_;
    if (end.signal == 0) return end.code;
    if (Interruption::count() > 0) return exit_code::interrupted;
    progress_.complain(name(end.job) + "ended by signal " + std::to_string(end.signal) + " (" +
                       strsignal(end.signal) + "), only its last checkpoint is left, if any; " +
                       (end.signal == SIGKILL ? "was there enough memory? Try a smaller -j"
                                              : "please report it with the scenario"));
    return exit_code::some_failed;
  }

 private:
  std::string count() const {
    return "[" + std::to_string(done_ + 1) + "/" + std::to_string(runs_.size()) + "] ";
  }
  std::string name(std::size_t job) const {
    const auto& run = *runs_[job];
    return (run.label.empty() ? run.scenario->name : run.label) + ": ";
  }

  const std::vector<const Run*>& runs_;
  Progress progress_;
  std::size_t done_ = 0;
};

bool was_stopped_by_user(const RunFile& record, const Run& run) {
  const auto& limit = run.scenario->optimizer.time_limit;
  return record.interrupted && (!limit || record.seconds < models::seconds(*limit));
}

}  // namespace

std::optional<RunFile> stored_result(const Run& run, const std::filesystem::path& folder,
                                     const Console& console) {
  const auto file = results::run_file(folder, run.id);
  if (!std::filesystem::exists(file)) return std::nullopt;
  try {
    auto record = results::read_run(file, results::Depth::summary);
    if (was_stopped_by_user(record, run)) return std::nullopt;
    // Left behind by a process that was killed right after it had stored the result.
    std::error_code ignored;
    std::filesystem::remove(checkpoint_file(run, folder), ignored);
    return record;
  } catch (const InputError& error) {
    console.say(std::string(error.what()) + "; it is run again");
    return std::nullopt;
  }
}

int do_runs(const std::vector<const Run*>& runs, const std::filesystem::path& folder,
            const Effort& effort, const Console& console) {
  const Interruption interruption;
  Narrator narrator(runs, console);
  int code = exit_code::done;
  run_in_children(
      {.count = runs.size(),
       .at_once = effort.at_once,
       .work =
           [&](std::size_t job, const Jobs::Tell& tell) {
             return do_run_safely(*runs[job], folder, effort, tell);
           },
       .heard = [&](std::size_t job, std::string_view line) { narrator.heard(job, line); },
       .ended =
           [&](const JobEnd& end) {
             const int own = narrator.ended(end);
             code = graver(code, own);
             return own != exit_code::environment;
           },
       .stopping = [&] { narrator.stopping(); }});
  return Interruption::count() > 0 ? graver(code, exit_code::interrupted) : code;
}

}  // namespace scenarios
