#include "scenarios/shipped.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "models/error.h"

namespace scenarios {

namespace fs = std::filesystem;

fs::path shipped_folder() {
  if (const char* home = std::getenv("PARTWISE_HOME"); home != nullptr && *home != '\0') {
    if (fs::is_directory(fs::path(home) / "platforms")) return home;
    throw models::EnvironmentError("PARTWISE_HOME is '" + std::string(home) +
                                   "', which has no folder 'platforms'");
  }
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto* beside : {"../../scenarios", "../share/partwise"}) {
    const auto folder = (program / beside).lexically_normal();
    if (fs::is_directory(folder / "platforms", error)) return folder;
  }
  throw models::EnvironmentError("the platforms that come with partwise are not beside '" +
                                 program.string() +
                                 "'; set PARTWISE_HOME to the folder that holds 'platforms'");
}

std::vector<fs::path> shipped_files(std::string_view subfolder, std::string_view extension) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(shipped_folder() / subfolder, error))
    if (entry.path().extension() == extension) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

void need_file(const fs::path& file, std::string_view example) {
  std::error_code error;
  const std::string remedy = "; give " + std::string(example);
  if (!fs::exists(file, error))
    throw models::InputError("there is no file '" + file.string() + "'" + remedy);
  if (fs::is_directory(file, error))
    throw models::InputError("'" + file.string() + "' is a folder" + remedy);
  if (!fs::is_regular_file(file, error))
    throw models::InputError("'" + file.string() + "' is no regular file" + remedy);
}

}  // namespace scenarios
