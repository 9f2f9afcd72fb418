#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace scenarios {

/// The folder with the parts that come with the program (`platforms`, `networks`, `examples`):
/// $PARTWISE_HOME, else beside the sources it was built from, else where it is installed. Throws
/// EnvironmentError when there is none.
std::filesystem::path shipped_folder();

/// Files with that extension in a subfolder of it, sorted by name; none where it is missing.
std::vector<std::filesystem::path> shipped_files(std::string_view subfolder,
                                                 std::string_view extension);

/// Throws InputError when the file is missing or is a folder; `example` says what to give instead.
void need_file(const std::filesystem::path& file, std::string_view example);

}  // namespace scenarios
