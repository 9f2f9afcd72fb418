#include "scenarios/platforms.h"

#include <algorithm>

#include "models/error.h"
#include "models/index.h"
#include "models/platform/expenses.h"
#include "scenarios/section.h"
#include "scenarios/writer.h"
#include "sim/static_evaluator.h"

namespace scenarios {

using models::at;

namespace {

std::vector<std::int64_t> sizes_of(const Scenario& scenario) {
  std::vector<std::int64_t> sizes;
  for (const auto& variable : scenario.codesign->variables)
    sizes.push_back(std::ssize(variable.axis.steps));
  return sizes;
}

/// So that what is kept stays below about a gigabyte.
std::size_t most_kept(const models::Problem& problem) {
  constexpr std::int64_t cells = 4'000'000;
  const auto each = std::int64_t{problem.tensors + 1} * (problem.devices + problem.formats);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(cells / each, 4, 256));
}

Value tree_of(const models::Platform& platform) {
  Value tree, below;
  Writer writer(below);
  auto copy = platform;
  describe(copy, writer);
  tree.kind = Value::Kind::mapping;
  tree.entries.push_back({"platform", {}, std::move(below)});
  return tree;
}

bool asks_for_expenses(const models::Goal& goal) {
  return std::ranges::any_of(goal.limits, [](const auto& limit) {
    return limit.metric == models::Metric::area || limit.metric == models::Metric::price;
  });
}

}  // namespace

Platforms::Platforms(const Scenario& scenario, std::shared_ptr<const models::Problem> first)
    : Designs(sizes_of(scenario)),
      codesign_(*scenario.codesign),
      uses_(first->uses()),
      choices_(scenario.choices),
      events_(scenario.events),
      tree_(tree_of(scenario.platform)),
      first_(std::move(first)),
      most_(most_kept(*first_)) {}

std::optional<models::Platform> Platforms::platform(std::uint32_t design) const {
  auto tree = tree_;
  Faults faults;
  models::Platform platform;
  try {
    for (std::size_t v = 0; v < variables(); ++v)
      put_choice(tree, codesign_.variables[v], at(value(design, v)));
    read(*tree.find("platform"), platform, faults);
  } catch (const models::InputError&) {
    return std::nullopt;
  }
  if (!faults.empty()) return std::nullopt;
  return platform;
}

std::shared_ptr<const models::Problem> Platforms::compiled(std::uint32_t design) const {
  auto made = platform(design);
  if (!made) return nullptr;
  try {
    return models::make_problem(uses_, std::make_shared<const models::Platform>(std::move(*made)),
                                choices_, events_);
  } catch (const models::InputError&) {
    return nullptr;
  }
}

std::shared_ptr<const models::Problem> Platforms::problem(std::uint32_t design) {
  if (design == 0) return first_;
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(recent_, design, [](const auto& one) { return one.first; });
  if (found != recent_.end()) {
    recent_.splice(recent_.begin(), recent_, found);
    return found->second;
  }
  recent_.emplace_front(design, compiled(design));
  if (recent_.size() > most_) recent_.pop_back();
  return recent_.front().second;
}

double Platforms::excess(std::uint32_t design, const models::Goal& goal) {
  constexpr std::size_t most = 1'000'000;
  if (!asks_for_expenses(goal)) return 0;
  const std::lock_guard lock(mutex_);
  if (const auto found = excess_.find(design); found != excess_.end()) return found->second;
  models::Score score;
  if (const auto made = platform(design)) try {
      const auto expenses = models::expenses_of(models::with_copies(*made));
      score.area = expenses.area;
      score.price = expenses.price;
    } catch (const models::InputError&) {
      // Copies that cannot be told apart: problem() has none for it either.
    }
  const double excess = goal.violation(score);
  if (excess_.size() < most) excess_.emplace(design, excess);
  return excess;
}

std::vector<results::NamedValue> Platforms::values(std::uint32_t design) const {
  std::vector<results::NamedValue> all;
  for (std::size_t v = 0; v < variables(); ++v) {
    const auto& axis = codesign_.variables[v].axis;
    for (std::size_t p = 0; p < axis.paths.size(); ++p)
      all.push_back({axis.paths[p], label_of(axis.steps[at(value(design, v))][p])});
  }
  return all;
}

std::optional<std::uint32_t> Platforms::with_values(
    const std::vector<results::NamedValue>& wanted) const {
  std::uint32_t design = 0;
  for (std::size_t v = 0; v < variables(); ++v) {
    const auto& axis = codesign_.variables[v].axis;
    const auto fits = [&](const std::vector<Value>& step) {
      for (std::size_t p = 0; p < axis.paths.size(); ++p)
        if (std::ranges::find(wanted, results::NamedValue{axis.paths[p], label_of(step[p])}) ==
            wanted.end())
          return false;
      return true;
    };
    const auto found = std::ranges::find_if(axis.steps, fits);
    if (found == axis.steps.end()) return std::nullopt;
    design = with(design, v, found - axis.steps.begin());
  }
  return design;
}

namespace {

/// Sends every trial to the evaluator of its platform.
class PlatformsEvaluator final : public models::Evaluator {
 public:
  explicit PlatformsEvaluator(std::shared_ptr<Platforms> platforms)
      : platforms_(std::move(platforms)), most_(most_kept(*platforms_->problem(0)) / 2) {}

  models::Score score(const models::Plan& plan) override { return of(plan.platform).score(plan); }

  void score(const models::Batch& batch, std::span<models::Score> scores) override {
    wanted_.clear();
    for (const auto* base : batch.bases) wanted_.push_back(base->platform);
    std::ranges::sort(wanted_);
    wanted_.erase(std::unique(wanted_.begin(), wanted_.end()), wanted_.end());
    if (wanted_.size() == 1) return of(wanted_.front()).score(batch, scores);
    for (const auto platform : wanted_) score_part(batch, platform, scores);
  }

 private:
  void score_part(const models::Batch& batch, std::uint32_t platform,
                  std::span<models::Score> scores) {
    part_.clear();
    rows_.clear();
    int last = -1;
    for (std::size_t t = 0; t < batch.trials.size(); ++t) {
      const auto& trial = batch.trials[t];
      const auto* base = at(batch.bases, trial.base);
      if (base->platform != platform) continue;
      if (trial.base != last) part_.bases.push_back(base);
      last = trial.base;
      const auto begin = static_cast<int>(part_.changes.size());
      part_.changes.insert(part_.changes.end(), batch.changes.begin() + trial.first_change,
                           batch.changes.begin() + trial.end_change);
      part_.trials.push_back({static_cast<int>(part_.bases.size()) - 1, begin,
                              static_cast<int>(part_.changes.size())});
      rows_.push_back(t);
    }
    part_scores_.resize(rows_.size());
    if (!rows_.empty()) of(platform).score(part_, part_scores_);
    for (std::size_t k = 0; k < rows_.size(); ++k) scores[rows_[k]] = part_scores_[k];
  }

  models::Evaluator& of(std::uint32_t platform) {
    const auto found =
        std::ranges::find(recent_, platform, [](const auto& one) { return one.first; });
    if (found != recent_.end()) {
      recent_.splice(recent_.begin(), recent_, found);
    } else {
      recent_.emplace_front(platform, sim::make_evaluator(platforms_->problem(platform)));
      if (recent_.size() > std::max<std::size_t>(most_, 2)) recent_.pop_back();
    }
    return *recent_.front().second;
  }

  std::shared_ptr<Platforms> platforms_;
  std::list<std::pair<std::uint32_t, std::unique_ptr<models::Evaluator>>> recent_;
  std::size_t most_;
  std::vector<std::uint32_t> wanted_;
  models::Batch part_;
  std::vector<std::size_t> rows_;
  std::vector<models::Score> part_scores_;
};

}  // namespace

Parts parts_at(const Parts& parts, std::uint32_t design) {
  if (!parts.platforms) return parts;
  Parts one = parts;
  one.problem = parts.platforms->problem(design);
  one.platform = one.problem->platform;
  one.platforms = nullptr;
  return one;
}

Parts parts_with(const Parts& parts, const std::vector<results::NamedValue>& values) {
  if (values.empty()) return parts_at(parts, 0);
  std::string text;
  for (const auto& one : values) text += (text.empty() ? "" : ", ") + one.name + " " + one.value;
  if (!parts.platforms)
    throw models::InputError("the plan is for a platform of a co-design (" + text +
                             "), and the scenario has none");
  const auto design = parts.platforms->with_values(values);
  if (!design || !parts.platforms->problem(*design))
    throw models::InputError("the plan is for the platform with " + text +
                             ", which is not among those of the scenario's co-design");
  return parts_at(parts, *design);
}

std::unique_ptr<models::Evaluator> make_evaluator(const Parts& parts) {
  if (parts.platforms) return std::make_unique<PlatformsEvaluator>(parts.platforms);
  return sim::make_evaluator(parts.problem);
}

}  // namespace scenarios
