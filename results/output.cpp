#include "results/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "models/error.h"

namespace results {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const std::string& deed, int error) {
  std::string message = "cannot " + deed + " '" + file.string() + "': " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT) message += "; free some space and run it again";
  if (error == EACCES || error == EROFS) message += "; choose another folder";
  throw models::EnvironmentError(message);
}

void write_all(int descriptor, std::string_view content, const fs::path& wanted) {
  while (!content.empty()) {
    const auto count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(wanted, "write", errno);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// Devices and pipes are written to; a file renamed over them would take their place.
void write_in_place(const fs::path& file, std::string_view content) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) fail(file, "write", errno);
  try {
    write_all(descriptor, content, file);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  if (::close(descriptor) != 0) fail(file, "write", errno);
}

/// An open file that is closed, and removed unless kept, whatever happens.
class Temporary {
 public:
  Temporary(fs::path path, const fs::path& wanted) : path_(std::move(path)), wanted_(wanted) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail(wanted_, "write", errno);
  }
  ~Temporary() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  void write(std::string_view content) const {
    write_all(descriptor_, content, wanted_);
    if (::fsync(descriptor_) != 0 && errno != EINVAL) fail(wanted_, "write", errno);
  }

  /// Gives the file its name. Closing can report a full disk too (quota on network file systems).
  void keep() {
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) fail(wanted_, "write", errno);
    if (::rename(path_.c_str(), wanted_.c_str()) != 0) fail(wanted_, "write", errno);
    path_.clear();
  }

 private:
  fs::path path_;
  fs::path wanted_;
  int descriptor_ = -1;
};

/// The new name lasts only once its folder is on the disk. Not every file system can; then the file
/// itself is still whole.
void flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

void write_file(const fs::path& file, std::string_view content) {
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(folder, "make the folder", error.value());
  if (fs::is_directory(file, error)) fail(file, "write", EISDIR);
  if (fs::exists(file, error) && !fs::is_regular_file(file, error))
    return write_in_place(file, content);
  const auto beside =
      folder / ("." + file.filename().string() + "." + std::to_string(::getpid()) + ".part");
  Temporary temporary(beside, file);
  temporary.write(content);
  temporary.keep();
  flush_folder(folder);
}

void need_regular(const fs::path& file) {
  std::error_code error;
  const auto kind = fs::status(file, error).type();
  if (kind == fs::file_type::fifo || kind == fs::file_type::character ||
      kind == fs::file_type::block || kind == fs::file_type::socket)
    throw models::InputError(file.string() + ": is no regular file; copy what it holds into one");
}

std::string read_file(const fs::path& file) {
  need_regular(file);
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(file, "read", errno);
  std::string content;
  char buffer[1 << 16];
  ssize_t count = 0;
  while ((count = ::read(descriptor, buffer, sizeof buffer)) != 0) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    content.append(buffer, static_cast<std::size_t>(count));
  }
  const int error = errno;
  ::close(descriptor);
  if (count < 0) fail(file, "read", error);
  return content;
}

}  // namespace results
