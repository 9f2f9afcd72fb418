#pragma once

#include <string>
#include <vector>

#include "results/columns.h"
#include "results/run_file.h"
#include "results/statistics.h"

namespace scenarios {

/// The best cost of one algorithm on one problem after so much effort, over seeds.
struct CurveRow {
  std::vector<results::NamedValue> problem;  ///< what is swept beside optimizers
  std::string optimizer;
  bool in_seconds = false;  ///< else in evaluations
  double effort = 0;
  results::Statistics cost;  ///< count 0 where a seed has no plan yet that holds all limits
  double behind = 0;         ///< part by which its mean is above the least mean at this effort
  bool is_cut = false;       ///< a seed was cut short before; then count is 0, too
};

/// Equal-effort curves: after 100, 300, 1000 ... evaluations and all, and after 0.1, 0.3, 1 ...
/// seconds and all. What a run had at an instant is known for every second; in between, evaluations
/// are taken to be even. Of a single run, from the first evaluation and millisecond on. Problems,
/// then optimizers, in the order of the runs.
std::vector<CurveRow> curve_rows(const std::vector<results::RunFile>& runs);

/// Per problem one table in Markdown, the best of every column in bold type, and how far
/// `portfolio` is behind it.
std::string curves_text(const std::vector<CurveRow>& rows);

results::Table curves_table(const std::vector<CurveRow>& rows);

}  // namespace scenarios
