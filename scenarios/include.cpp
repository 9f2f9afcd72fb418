#include <algorithm>
#include <fstream>
#include <system_error>

#include "scenarios/yaml.h"

namespace scenarios {

namespace fs = std::filesystem;
using models::InputError;

namespace {

constexpr std::uintmax_t largest = 8 * 1024 * 1024;
constexpr int most_includes = 100;
constexpr std::size_t most_values = 200'000;

std::string content(const fs::path& file) {
  std::error_code error;
  const auto status = fs::status(file, error);
  if (!fs::exists(status))
    throw InputError(file.string() + ": no such file" +
                     (file.is_absolute() ? "" : " in " + fs::current_path(error).string()) +
                     "; check the path");
  if (fs::is_directory(status)) throw InputError(file.string() + ": a folder, not a YAML file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(file.string() + ": cannot be opened; check its permissions");
  std::string text;
  for (char block[65536]; stream.read(block, sizeof block), stream.gcount() > 0;) {
    text.append(block, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest) throw InputError(file.string() + ": larger than 8 MiB");
  }
  return text;
}

class Reader {
 public:
  Value read(const fs::path& file) {
    open_.push_back(fs::weakly_canonical(file));
    auto value = parse_yaml(content(file), file.string());
    values_ += size(value);
    if (values_ > most_values)
      throw InputError(value.place, "more than " + std::to_string(most_values) +
                                        " values, included files taken together");
    resolve(value, file.parent_path());
    open_.pop_back();
    return value;
  }

 private:
  void resolve(Value& value, const fs::path& folder) {
    for (auto& item : value.items) resolve(item, folder);
    for (auto& entry : value.entries) resolve(entry.value, folder);
    if (value.find("include")) merge(value, included(value.take("include"), folder));
  }

  Value included(const Value& path, const fs::path& folder) {
    if (path.kind != Value::Kind::scalar)
      throw InputError(path.place,
                       "include: expected a path, found " + std::string(name_of(path.kind)));
    const fs::path relative = path.text;
    if (relative.is_absolute() || relative.empty())
      throw InputError(path.place, "include: '" + path.text +
                                       "' must be a path relative to the folder of this file");
    const auto file = (folder / relative).lexically_normal();
    if (std::ranges::find(open_, fs::weakly_canonical(file)) != open_.end())
      throw InputError(path.place, "include: '" + path.text + "' includes itself");
    if (++includes_ > most_includes)
      throw InputError(path.place,
                       "include: more than " + std::to_string(most_includes) + " files");
    if (std::error_code error; !fs::is_regular_file(file, error))
      throw InputError(path.place, "include: there is no file '" + file.string() + "'");
    auto value = read(file);
    if (value.kind != Value::Kind::mapping)
      throw InputError(path.place, "include: '" + path.text + "' holds no 'key: value' lines");
    return value;
  }

  /// Entries of `over` stay, those of `base` come first and fill in the rest.
  static void merge(Value& over, Value base) {
    for (auto& entry : over.entries)
      if (auto* old = base.find(entry.key); old)
        *old = std::move(entry.value);
      else
        base.entries.push_back(std::move(entry));
    over.entries = std::move(base.entries);
  }

  std::vector<fs::path> open_;
  int includes_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

Value read_yaml(const fs::path& file) {
  return Reader().read(file);
}

}  // namespace scenarios
