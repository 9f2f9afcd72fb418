#include "scenarios/audit.h"

#include <algorithm>
#include <utility>

#include "results/output.h"
#include "results/plan_json.h"
#include "scenarios/finalists.h"
#include "scenarios/platforms.h"
#include "sim/event_engine.h"

namespace scenarios {

Auditor::Auditor(const Run& run, const Parts& parts, std::filesystem::path folder)
    : run_(run),
      parts_(parts),
      folder_(std::move(folder)),
      problem_(parts.problem),
      is_able_(sim::SimgridCheck::is_there()) {}

const models::Problem& Auditor::problem_of(const models::Plan& plan) {
  auto own = parts_.platforms ? parts_.platforms->problem(plan.platform) : parts_.problem;
  if (own != problem_) {
    check_.reset();
    events_.reset();
    problem_ = std::move(own);
  }
  return *problem_;
}

double Auditor::check(const std::string& name, const models::Plan& plan) {
  problem_of(plan);
  if (!check_) check_.emplace(problem_);
  const auto verdict = check_->check(plan);
  if (verdict.near_tie) ++found_.near_ties;
  if (!verdict.holds()) complain(name, plan, verdict.agreement.first_beyond);
  return verdict.difference();
}

void Auditor::audit(const std::string& name, const models::Plan& plan, const models::Score& score) {
  ++found_.plans;
  found_.difference = std::max(found_.difference, check(name, plan));
  if (!events_) events_ = sim::make_event_evaluator(problem_);
  if (const auto why = disagreement(score, events_->score(plan)); !why.empty())
    complain(name, plan, why);
}

void Auditor::complain(const std::string& name, const models::Plan& plan, const std::string& what) {
  ++found_.disagreements;
  std::string where;
  if (!folder_.empty()) {
    const auto file = folder_ / (run_.id + "-" + name + ".json");
    std::filesystem::create_directories(folder_);
    results::write_file(file, results::write_plan(problem_of(plan), plan));
    where = "; the plan is in " + file.string();
  }
  complaints_.push_back("the engines disagree on plan " + name + ": " + what + where);
}

AuditedEvaluator::AuditedEvaluator(models::Evaluator& evaluator, Auditor& auditor, double share,
                                   std::uint64_t seed)
    : evaluator_(evaluator), auditor_(auditor), share_(share), random_(seed) {}

void AuditedEvaluator::score(const models::Batch& batch, std::span<models::Score> scores) {
  evaluator_.score(batch, scores);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    ++scored_;
    if (random_.chance(share_)) ++owed_;
    if (owed_ == 0 || !scores[i].feasible()) continue;
    --owed_;
    auditor_.audit(std::to_string(scored_), batch.plan(i), scores[i]);
  }
}

}  // namespace scenarios
