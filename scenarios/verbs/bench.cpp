#include <algorithm>
#include <charconv>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "models/error.h"
#include "results/json_writer.h"
#include "scenarios/speed/speed.h"
#include "scenarios/value.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

double seconds_of(const std::string& text) {
  double seconds = 0;
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc{} || rest != end || !(seconds >= 0.01 && seconds <= 1000))
    throw models::InputError("bench: --seconds: '" + text +
                             "' is not a number of seconds from 0.01 to 1000");
  return seconds;
}

void check_patterns(const std::vector<std::string>& only) {
  const auto rows = speed_rows();
  for (const auto& pattern : only) {
    if (std::ranges::any_of(rows, [&](const auto& row) { return row.find(pattern) != row.npos; }))
      continue;
    std::string all;
    for (const auto& row : rows) all += (all.empty() ? "'" : ", '") + row + "'";
    throw models::InputError("bench: --only: no row holds '" + pattern + "'" +
                             suggestion(pattern, rows) + " (there are " + all + ")");
  }
}

/// 1,234,567; below a thousand with three digits that count.
std::string grouped(double number) {
  std::ostringstream text;
  if (number < 1000) {
    text << std::setprecision(3) << number;
    return text.str();
  }
  text << std::fixed << std::setprecision(0) << number;
  auto digits = text.str();
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string times(const std::optional<double>& ratio) {
  return ratio ? grouped(*ratio) + "x" : "-";
}

void heading(std::ostream& out) {
  out << std::left << std::setw(28) << "what" << std::right << std::setw(10) << "operators"
      << std::setw(8) << "devices" << std::setw(9) << "requests" << std::setw(14) << "per second"
      << std::setw(12) << "of SimGrid" << std::setw(12) << "of floor" << '\n';
}

void show(const Speed& speed, std::ostream& out) {
  out << std::left << std::setw(28) << speed.what << std::right << std::setw(10)
      << speed.of.operators << std::setw(8) << speed.of.devices << std::setw(9)
      << speed.of.requests;
  if (!speed.per_second)
    out << "  not measured: " << speed.why_not;
  else
    out << std::setw(14) << grouped(*speed.per_second) << std::setw(12) << times(speed.to_simgrid)
        << std::setw(12) << times(speed.to_floor);
  out << std::endl;  // a row takes a while: seen at once
}

void add(results::JsonWriter& json, const Speed& speed) {
  const auto number = [&](const char* key, const std::optional<double>& value) {
    json.key(key);
    if (value)
      json.value(*value);
    else
      json.null();
  };
  json.begin_object(results::JsonWriter::Layout::line)
      .member("what", speed.what)
      .member("operators", speed.of.operators)
      .member("devices", speed.of.devices)
      .member("requests", speed.of.requests);
  number("plans_per_second", speed.per_second);
  number("ratio_to_simgrid", speed.to_simgrid);
  number("ratio_to_floor", speed.to_floor);
  if (!speed.per_second) json.member("not_measured", speed.why_not);
  json.end_object();
}

class Bench final : public Verb {
 public:
  std::vector<Option> options() override {
    return {{"--seconds", "S", "CPU time per row; standard: 1", &seconds_},
            {"--only", "PATTERN", "rows whose name holds this; may be repeated", &only_},
            {"--json", "", "a list of objects", &json_}};
  }

  int act(const Console& console) override {
    const SpeedOptions options{.seconds = seconds_of(seconds_), .only = only_};
    check_patterns(only_);
#ifndef NDEBUG
    console.say("built for finding faults: these speeds say little");
#endif
    results::JsonWriter json;
    json.begin_list();
    if (!json_) heading(console.out);
    measure_speeds(options, [&](const Speed& speed) {
      if (json_)
        add(json, speed);
      else
        show(speed, console.out);
    });
    if (json_) console.out << json.end_list().text();
    return exit_code::done;
  }

 private:
  std::string seconds_ = "1";
  std::vector<std::string> only_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_bench() {
  return std::make_unique<Bench>();
}

}  // namespace scenarios
