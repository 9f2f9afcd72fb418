#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "scenarios/value.h"

namespace scenarios {

/// Reads one YAML document. Refuses, with InputError at the place: broken YAML, tabs as
/// indentation, text that is not UTF-8, tags, keys given twice, keys that are not words, more than
/// one document, nesting beyond 40 levels, and more than 100,000 values once aliases are written
/// out.
Value parse_yaml(std::string_view text, const std::string& file_name);

/// Reads a YAML file (at most 8 MiB). A mapping with `include: other.yaml` takes the entries of
/// that file's mapping; entries beside `include` replace the file's. Paths start from the folder of
/// the file they are written in. Refuses a file that includes itself, and more than 100 includes.
Value read_yaml(const std::filesystem::path& file);

}  // namespace scenarios
