#include "models/network/external_data.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "models/error.h"

namespace models {
namespace {

namespace fs = std::filesystem;

const char* const stay = "keep it in the model's folder and name it by a relative path";
const char* const bring = "copy it beside the model, or export the model again";

/// nullopt for what is no whole number from nought on.
std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

/// A whole file in memory, as long as anything shares it.
struct ExternalData::Mapping {
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (bytes != nullptr) ::munmap(const_cast<std::byte*>(bytes), size);
  }
  const std::byte* bytes = nullptr;
  std::size_t size = 0;
};

ExternalData::ExternalData(fs::path model, std::string source)
    : source_(std::move(source)),
      folder_(model.has_parent_path() ? model.parent_path() : fs::path(".")) {}

void ExternalData::refuse(const ExternalPlace& place, const std::string& why,
                          const std::string& remedy) const {
  throw InputError(source_ + ": weight '" + place.weight + "': its external data '" +
                   place.location + "' " + why + "; " + remedy);
}

fs::path ExternalData::followed(const ExternalPlace& place) const {
  if (place.location.empty()) refuse(place, "has no location", stay);
  if (place.location.find('\0') != std::string::npos)
    refuse(place, "has a zero byte in its name", stay);
  const fs::path path(place.location);
  if (path.is_absolute()) refuse(place, "is an absolute path", stay);
  int depth = 0;
  for (const auto& part : path) {
    depth += part == ".." ? -1 : part == "." ? 0 : 1;
    if (depth < 0) refuse(place, "lies outside the model's folder", stay);
  }
  std::error_code error;
  const auto folder = fs::canonical(folder_, error);
  const auto target = fs::weakly_canonical(folder / path, error);
  if (error) refuse(place, "cannot be followed (" + error.message() + ")", stay);
  if (*target.lexically_relative(folder).begin() == "..")
    refuse(place, "leads outside the model's folder through a link", stay);
  return target;
}

void ExternalData::check(const ExternalPlace& place) const {
  followed(place);
}

std::shared_ptr<const ExternalData::Mapping> ExternalData::mapping(const ExternalPlace& place) {
  const auto path = followed(place);
  auto& known = mappings_[place.location];
  if (known != nullptr) return known;
  // Not blocking, so that a pipe of that name cannot hold the program up.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (file < 0) refuse(place, std::string("cannot be opened: ") + std::strerror(errno), bring);
  struct stat status {};
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  auto mapped = std::make_shared<Mapping>();
  mapped->size = regular ? static_cast<std::size_t>(status.st_size) : 0;
  void* bytes =
      mapped->size == 0 ? nullptr : ::mmap(nullptr, mapped->size, PROT_READ, MAP_PRIVATE, file, 0);
  const int error = errno;
  ::close(file);
  if (!regular) refuse(place, "is no file", bring);
  if (bytes == MAP_FAILED)
    throw EnvironmentError(source_ + ": '" + place.location +
                           "' cannot be mapped: " + std::strerror(error));
  mapped->bytes = static_cast<const std::byte*>(bytes);
  known = std::move(mapped);
  return known;
}

TensorValue ExternalData::value(const ExternalPlace& place, ElementType type, const Shape& shape) {
  TensorValue value{type, shape, nullptr};
  const auto file = mapping(place);
  const auto offset = place.offset.empty() ? 0 : number_of(place.offset);
  const auto length = place.length.empty() ? value.size() : number_of(place.length);
  if (!offset || !length)
    refuse(place,
           "has the offset '" + place.offset + "' and the length '" + place.length +
               "', which are no numbers",
           "export the model again");
  if (*length != value.size())
    refuse(place,
           "has " + std::to_string(*length) + " bytes where its shape " + text_of(shape) +
               " needs " + std::to_string(value.size()),
           "export the model again");
  if (*offset > file->size || *length > file->size - *offset)
    refuse(place,
           "ends after " + std::to_string(file->size) + " bytes where the model wants " +
               std::to_string(*length) + " from byte " + std::to_string(*offset) + " on",
           "it is cut short: " + std::string(bring));
  const auto* start = file->bytes + *offset;
  const bool aligned = reinterpret_cast<std::uintptr_t>(start) % 64 == 0;
  if (aligned && *length > 0 && type != ElementType::boolean) {
    value.bytes = {file, start};
    return value;
  }
  return copied(type, shape, {start, *length});
}

}  // namespace models
