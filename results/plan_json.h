#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/plan.h"
#include "models/problem.h"
#include "results/run_file.h"

namespace results {

/// The plan as a JSON text with names instead of numbers; docs/formats.md says what is in it. One
/// operator per line, so that two plans compare with `diff`. Of a co-design, `platform` says what
/// its platform has.
std::string write_plan(const models::Problem& problem, const models::Plan& plan,
                       const std::vector<NamedValue>& platform = {});

/// Reads what write_plan wrote or somebody wrote by hand. `file` is for messages only. Strict:
/// throws InputError with file:line:column for everything that is unknown, missing, double or
/// impossible in this problem.
models::Plan read_plan(std::string_view text, const std::string& file,
                       const models::Problem& problem);

/// The same of a file. Throws EnvironmentError when it cannot be read.
models::Plan read_plan_file(const std::filesystem::path& file, const models::Problem& problem);

/// The plan without wire formats that nothing asks for: of tensors that do not travel there. Means
/// the same, reads better.
models::Plan tidy(const models::Problem& problem, models::Plan plan);

/// Hash of the structure of a network: operators, types, tensors, shapes. "53de-64a7-0b1c-9f02".
std::string network_hash(const models::Network& network);

}  // namespace results
