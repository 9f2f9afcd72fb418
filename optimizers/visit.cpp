#include "optimizers/visit.h"

#include <utility>

namespace optimizers {

Visit::Visit(const DesignTask& task, Order order)
    : order_(std::move(order)), problem_(task.designs.problem(order_.design)) {
  Task inner{*problem_, task.goal, order_.seed, order_.budget, order_.start};
  inner.stop = task.stop;
  inner_ = task.inner.make(inner, task.settings);
}

void Visit::ask(models::Batch& batch) {
  inner_->ask(batch);
  // Algorithms make plans of one platform and know of no number; those made from plans that name
  // it, name it.
  if (named_.size() < batch.bases.size()) named_.resize(batch.bases.size());
  for (std::size_t b = 0; b < batch.bases.size(); ++b) {
    if (batch.bases[b]->platform == order_.design) continue;
    named_[b] = *batch.bases[b];
    named_[b].platform = order_.design;
    batch.bases[b] = &named_[b];
  }
}

void Visit::tell(const models::Batch& batch, std::span<const models::Score> scores) {
  used_ += static_cast<std::int64_t>(scores.size());
  inner_->tell(batch, scores);
}

}  // namespace optimizers
