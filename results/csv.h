#pragma once

#include <string>

#include "models/timeline.h"
#include "results/columns.h"

namespace results {

/// RFC 4180: CRLF, fields with commas, quotes or line ends are quoted. The first row holds the
/// names with units: "energy [J]".
std::string csv(const Table& table);

/// One row per task of a request as it happened.
Table timeline_table(const models::Timeline& timeline);

}  // namespace results
