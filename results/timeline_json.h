#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/timeline.h"

namespace results {

/// All of a timeline as JSON, times as whole picoseconds; docs/formats.md says what is in it.
std::string write_timeline(const models::Timeline& timeline);

/// Throws InputError with file:line:column for anything that write_timeline would not write,
/// numbers out of range included. Whether the timeline obeys the laws is verify()'s to say.
models::Timeline read_timeline(std::string_view text, const std::string& file);

/// The same of a file. Throws EnvironmentError when it cannot be read.
models::Timeline read_timeline_file(const std::filesystem::path& file);

}  // namespace results
