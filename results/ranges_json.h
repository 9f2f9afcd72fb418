#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>

namespace results {

/// Least and greatest value by tensor name.
using TensorRanges = std::map<std::string, std::pair<double, double>>;

/// Where ranges come from, for whoever reads the file later.
struct RangesOrigin {
  std::string network;  ///< its name
  std::string method;   ///< "minmax", "percentile 99.99", "mse"
  std::string data;     ///< files and folders of samples; "random, seed 1"
  std::int64_t samples = 0;
};

/// JSON: {"format": "partwise-ranges", "version": 1, ..., "ranges": {"tensor": [low, high]}}.
std::string write_ranges(const TensorRanges& ranges, const RangesOrigin& origin);

/// Strict: throws InputError with file:line:column for what is unknown, missing, double, not finite
/// or the wrong way round; EnvironmentError when the file cannot be read.
TensorRanges read_ranges(const std::filesystem::path& file);

}  // namespace results
