#include "optimizers/algorithms.h"
#include "optimizers/list_proposals.h"

namespace optimizers {

Entry heft_entry() {
  return {"heft",
          "list scheduling by upward ranks (Topcuoglu 2002), in a few variants; no search",
          {},
          [](const Task& task, const Settings&) {
            return propose_schedules(task, Policy::Method::heft);
          }};
}

}  // namespace optimizers
