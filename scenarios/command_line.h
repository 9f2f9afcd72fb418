#pragma once

#include <string>
#include <vector>

#include "scenarios/console.h"

namespace scenarios {

/// Does what the arguments (without the program's name) say, and answers the exit code. Whatever is
/// thrown below ends here, as a message on `err`.
int do_command(const std::vector<std::string>& arguments, const Console& console);

}  // namespace scenarios
