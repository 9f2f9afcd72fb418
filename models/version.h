#pragma once

#include <string_view>

namespace models {

/// The release, such as "0.1.0".
std::string_view version();

/// The git commit that the program was built from, with a "+" when files were changed since;
/// "unknown" when it was built outside git.
std::string_view commit();

}  // namespace models
