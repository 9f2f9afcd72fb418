#include "results/ranges_json.h"

#include <limits>

#include "results/json_document.h"
#include "results/json_writer.h"
#include "results/output.h"

namespace results {

std::string write_ranges(const TensorRanges& ranges, const RangesOrigin& origin) {
  JsonWriter json;
  json.begin_object()
      .member("format", "partwise-ranges")
      .member("version", 1)
      .member("network", origin.network)
      .member("method", origin.method)
      .member("data", origin.data)
      .member("samples", origin.samples);
  json.key("ranges").begin_object();
  for (const auto& [name, range] : ranges)
    json.key(name)
        .begin_list(JsonWriter::Layout::line)
        .value(range.first)
        .value(range.second)
        .end_list();
  return json.end_object().end_object().text();
}

TensorRanges read_ranges(const std::filesystem::path& file) {
  const auto text = read_file(file);
  const JsonDocument document(text, file.string());
  JsonKeys keys(document, document.root(), "the file of ranges");
  const auto& format = keys.need("format");
  if (document.text(format, "format") != "partwise-ranges")
    document.refuse(format.at, "format must be 'partwise-ranges'; 'partwise calibrate' makes such");
  const auto& version = keys.need("version");
  if (document.whole(version, "version") != 1)
    document.refuse(version.at, "only version 1 is known to this version of Partwise");
  for (const char* about : {"network", "method", "data", "samples"}) keys.find(about);
  TensorRanges ranges;
  for (const auto& member : document.object(keys.need("ranges"), "ranges")) {
    const auto& pair = document.list(member.value, "a range");
    if (pair.size() != 2) document.refuse(member.value.at, "a range is [low, high]");
    const double low = document.number(pair[0], "low"), high = document.number(pair[1], "high");
    constexpr double most = std::numeric_limits<float>::max();
    if (!(low >= -most) || !(high <= most) || low > high)
      document.refuse(member.value.at,
                      "a range must be of finite float32 numbers, and low not above high");
    if (!ranges.try_emplace(member.key, low, high).second)
      document.refuse(member.at, "the range of '" + member.key + "' is given twice");
  }
  keys.finish();
  return ranges;
}

}  // namespace results
