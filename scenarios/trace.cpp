#include "scenarios/trace.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <system_error>

namespace scenarios {

namespace fs = std::filesystem;
using models::InputError;
using models::Time;

namespace {

constexpr std::size_t largest = 8 * 1024 * 1024;
constexpr std::size_t most_instants = 100'000;
constexpr std::string_view units[] = {"s", "ms", "us", "ns", "ps"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

bool is_letter(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
}

/// "ms" of "arrival [ms]", "arrival (ms)" or "ms".
std::optional<std::string_view> unit_of(std::string_view heading) {
  if (!heading.empty() && (heading.back() == ']' || heading.back() == ')')) {
    const auto open = heading.find_last_of("[(");
    if (open == std::string_view::npos) return std::nullopt;
    heading = trimmed(heading.substr(open + 1, heading.size() - open - 2));
  }
  const auto found = std::ranges::find(units, heading);
  return found == std::end(units) ? std::nullopt : std::optional(*found);
}

/// The lines of a trace, one after the other.
class TraceReader {
 public:
  explicit TraceReader(const std::string& file) : file_(file) {}

  void take(std::string_view line) {
    ++line_;
    const auto text = trimmed(line);
    if (text.empty()) {
      empty_ = empty_ == 0 ? line_ : empty_;
      return;
    }
    column_ = static_cast<int>(text.data() - line.data()) + 1;
    if (empty_ != 0) throw InputError({file_, empty_, 1}, "an empty line among the instants");
    if (const auto mark = text.find_first_of(",;\t\""); mark != std::string_view::npos) {
      column_ += static_cast<int>(mark);
      refuse("expected one instant per line, without separators or quotes");
    }
    if (line_ == 1 && (is_letter(text.front()) || text.front() == '[' || text.front() == '('))
      take_heading(text);
    else
      take_instant(text);
  }

  std::vector<Time> instants() {
    if (instants_.empty()) throw InputError({file_, 1, 1}, "there are no instants");
    return std::move(instants_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw InputError({file_, line_, column_}, why);
  }

  void take_heading(std::string_view text) {
    const auto unit = unit_of(text);
    if (!unit)
      refuse("'" + std::string(text) +
             "' names no unit; write it like 'arrival [ms]' (s, ms, us, "
             "ns or ps)");
    unit_ = *unit;
  }

  void take_instant(std::string_view text) {
    std::string whole(text);
    if (!is_letter(text.back())) {
      if (unit_.empty())
        refuse("'" + whole + "' has no unit; write it like '" + whole +
               " ms', or begin the file with a line 'arrival [ms]'");
      whole += " " + unit_;
    }
    Time instant{};
    try {
      instant = models::parse_time(whole);
    } catch (const InputError& error) {
      refuse(error.what());
    }
    if (instant < Time{}) refuse("'" + std::string(text) + "' is before 0");
    if (!instants_.empty() && instant < instants_.back())
      refuse("'" + std::string(text) + "' is before the line above, " +
             models::to_text(instants_.back()) + "; instants must ascend");
    if (instants_.size() == most_instants)
      refuse("more than " + std::to_string(most_instants) +
             " instants; take a part of them, or 'arrivals: poisson'");
    instants_.push_back(instant);
  }

  const std::string& file_;
  int line_ = 0;
  int column_ = 1;
  int empty_ = 0;  ///< the first of the empty lines before this one
  std::string unit_;
  std::vector<Time> instants_;
};

std::string content(const fs::path& file) {
  if (std::error_code error; !fs::is_regular_file(file, error))
    throw InputError("there is no file '" + file.string() + "'");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError("'" + file.string() + "' cannot be opened; check its permissions");
  std::string text;
  for (char block[65536]; stream.read(block, sizeof block), stream.gcount() > 0;) {
    text.append(block, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest) throw InputError("'" + file.string() + "' is larger than 8 MiB");
  }
  return text;
}

Value scalar(std::string text, const models::Place& place, bool quoted) {
  Value value;
  value.kind = Value::Kind::scalar;
  value.text = std::move(text);
  value.place = place;
  value.quoted = quoted;
  return value;
}

/// The file that the path means.
fs::path file_of(const Value& path, const fs::path& folder) {
  if (!path.text.ends_with(".csv"))
    throw InputError("'" + path.text + "' is neither a list of instants nor a file *.csv");
  const bool in_a_file = !path.place.file.empty() && !path.place.file.starts_with("--");
  const auto beside = in_a_file ? fs::path(path.place.file).parent_path() : folder;
  return (beside / path.text).lexically_normal();
}

/// The instants that stand in the file; without a value when there is a fault.
std::vector<Time> instants_of(const Value& path, const fs::path& folder, Faults& faults) {
  fs::path file;
  std::string text;
  try {
    file = file_of(path, folder);
    text = content(file);
  } catch (const InputError& error) {
    faults.push_back({path.place, std::string("trace: ") + error.what()});
    return {};
  }
  try {
    return parse_trace(text, file.string());
  } catch (const InputError& error) {
    faults.push_back({{}, error.what()});  // it has a place of its own
    return {};
  }
}

void read_trace(Value& workload, const fs::path& folder, Faults& faults) {
  auto* trace = workload.find("trace");
  if (!trace || trace->kind != Value::Kind::scalar) return;
  const auto place = trace->place;
  const auto instants = instants_of(*trace, folder, faults);
  if (instants.empty()) return workload.entries.clear();  // one fault is enough
  trace->kind = Value::Kind::list;
  for (const auto instant : instants)
    trace->items.push_back(scalar(models::to_text(instant), place, true));
  if (workload.find("requests")) return;
  workload.entries.push_back(
      {"requests", place, scalar(std::to_string(instants.size()), place, false)});
}

}  // namespace

std::vector<Time> parse_trace(std::string_view text, const std::string& file) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  TraceReader reader(file);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    reader.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.instants();
}

void read_traces(Value& scenario, const fs::path& folder, Faults& faults) {
  if (auto* workload = scenario.find("workload")) read_trace(*workload, folder, faults);
  if (auto* networks = scenario.find("networks"))
    for (auto& network : networks->items)
      if (auto* workload = network.find("workload")) read_trace(*workload, folder, faults);
}

}  // namespace scenarios
