#include "sim/simgrid_runner.h"

#include <utility>

#include "sim/told_events.h"

namespace sim {

void SimgridRunner::run(const Job& job, Tally& tally, Observer* observer, bool rates) {
  process_.ask(SimgridFrame::Kind::job, encode({observer != nullptr, rates}, job),
               [&](std::string_view part, bool is_last) {
                 if (is_last)
                   answer_ = decoded_answer(part);
                 else if (observer != nullptr)
                   tell(*observer, part);
               });
  tally = answer_.tally;
}

std::vector<KernelLog::End> SimgridRunner::replay(const KernelLog& log) {
  KernelLog heard;
  process_.ask(SimgridFrame::Kind::log, log.encoded(),
               [&](std::string_view part, bool) { heard = KernelLog::decoded(part); });
  return std::move(heard.ends);
}

}  // namespace sim
