#pragma once

#include <stdexcept>
#include <string>

namespace models {

/// Where in a user's file something was found. Lines and columns count from one.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

/// The user's input is at fault. The message says what, where, and what to do instead.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  InputError(const Place& place, const std::string& what)
      : std::runtime_error(place.file + ":" + std::to_string(place.line) + ":" +
                           std::to_string(place.column) + ": " + what) {}
};

/// The surroundings are at fault: a missing file, a full disk, a library that is too old.
class EnvironmentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace models
