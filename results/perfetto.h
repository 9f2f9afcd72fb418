#pragma once

#include <string>

#include "models/timeline.h"

namespace results {

/// Writes the Trace Event format, which ui.perfetto.dev opens: one process for devices with a track
/// per slot, one for links with a track per direction (of fair links: as many as flows overlap),
/// one for requests; transfers as flows from the task that made the tensor to the tasks that read
/// it. Times are microseconds with three decimals: the reader keeps nanoseconds, so both ends are
/// rounded down alike; what touched still touches and nothing on a track overlaps (the reader drops
/// slices that do). The exact picoseconds stand in `args`.
std::string perfetto_json(const models::Timeline& timeline);

}  // namespace results
