#include "sim/comparison.h"

#include <string>

namespace sim {

namespace {

bool is_huge(const Job& job) {
  std::int64_t tasks = 0;
  for (const auto& stream : job.streams)
    tasks += stream.requests() * static_cast<std::int64_t>(stream.task_count());
  return tasks > Comparison::most_tasks;
}

}  // namespace

Verdict Comparison::compare(const Job& job) {
  const bool huge = is_huge(job);
  our_course_.clear();
  their_course_.clear();
  control_.run(job, kernel_, ours_, huge ? nullptr : &our_course_);
  second_.run(job, theirs_, huge ? nullptr : &their_course_);
  Verdict verdict;
  verdict.agreement = huge ? latencies() : agreement(our_course_, their_course_);
  verdict.losses = our_course_.losses();
  verdict.unfinished = ours_.unfinished();
  if (huge || verdict.agreement.holds()) return verdict;
  verdict.forced = with_our_decisions(job);
  verdict.near_tie = verdict.forced.holds();
  return verdict;
}

Agreement Comparison::with_our_decisions(const Job& job) {
  LoggingKernel logging(kernel_);
  control_.run(job, logging, ours_, nullptr);
  return agreement(logging.log().ends, second_.replay(logging.log()));
}

Agreement Comparison::latencies() const {
  Agreement found;
  for (std::size_t i = 0; i < ours_.latencies.size() && i < theirs_.latencies.size(); ++i)
    found.add(ours_.latencies[i], theirs_.latencies[i],
              [&] { return "latency of request " + std::to_string(i); });
  found.add(ours_.last_event, theirs_.last_event, [] { return std::string("the last event"); });
  if (ours_.listed) return found;
  found.add(ours_.halfway, theirs_.halfway, [] { return std::string("the middle completion"); });
  found.add(ours_.last_completion, theirs_.last_completion,
            [] { return std::string("the last completion"); });
  if (ours_.completed() != theirs_.completed())
    found.add_missing(0, [] { return std::string("the completion of as many requests"); });
  return found;
}

}  // namespace sim
