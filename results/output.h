#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace results {

/// Puts `content` into `file`: written beside, flushed to the disk, renamed; folders are made.
/// Throws EnvironmentError naming the file and the cause (a full disk, no permission); then nothing
/// is left.
void write_file(const std::filesystem::path& file, std::string_view content);

/// Throws InputError where something is there that is no regular file: a pipe that nobody may ever
/// write to, a device without end. What is not there at all is left to whoever opens it.
void need_regular(const std::filesystem::path& file);

/// The whole content. Throws EnvironmentError when it cannot be read, InputError as need_regular.
std::string read_file(const std::filesystem::path& file);

}  // namespace results
