#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace results {

/// Puts `content` into `file`: written beside, flushed to the disk, renamed; folders are made.
/// Throws EnvironmentError naming the file and the cause (a full disk, no permission); then nothing
/// is left.
void write_file(const std::filesystem::path& file, std::string_view content);

/// The whole content. Throws EnvironmentError when it cannot be read.
std::string read_file(const std::filesystem::path& file);

}  // namespace results
