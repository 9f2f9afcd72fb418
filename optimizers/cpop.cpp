#include "optimizers/algorithms.h"
#include "optimizers/list_proposals.h"

namespace optimizers {

Entry cpop_entry() {
  return {"cpop",
          "list scheduling, the critical path on one processor (Topcuoglu 2002); no search",
          {},
          [](const Task& task, const Settings&) {
            return propose_schedules(task, Policy::Method::cpop);
          }};
}

}  // namespace optimizers
