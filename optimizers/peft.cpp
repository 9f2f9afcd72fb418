#include "optimizers/algorithms.h"
#include "optimizers/list_proposals.h"

namespace optimizers {

Entry peft_entry() {
  return {"peft",
          "list scheduling with an optimistic cost table (Arabnejad 2014); no search",
          {},
          [](const Task& task, const Settings&) {
            return propose_schedules(task, Policy::Method::peft);
          }};
}

}  // namespace optimizers
