#include <algorithm>
#include <stdexcept>

#include "models/error.h"
#include "results/hdf5_file.h"
#include "results/output.h"
#include "results/run_file.h"
#include "results/run_rows.h"
#include "results/timeline_rows.h"

namespace results {
namespace {

using models::Plan;
using models::Resource;

/// Builds a run from its tables. Throws std::out_of_range in words when they do not fit together.
class Reader {
 public:
  explicit Reader(const std::vector<Table>& tables) : tables_(tables) {}

  RunFile read(Depth depth) {
    auto scalars = rows<RunRow>("run");
    require(scalars.size() == 1, "table 'run' must have one row");
    run_ = std::move(scalars.front().run);
    read_values();
    read_goal();
    run_.bounds = rows<LowerBound>("bounds");
    require(run_.bounds.empty() || run_.bounds.size() == run_.goal.objectives.size(),
            "every objective must have a bound, or none");
    read_names();
    TracePoint sample;
    sample.objectives.resize(run_.goal.objectives.size());
    run_.trace = from_table(table("trace"), sample);
    run_.fronts = rows<FrontPoint>("fronts");
    if (has("curve")) run_.curve = rows<CurvePoint>("curve");
    read_plans();
    read_platforms();
    read_assignments();
    read_uses();
    require(run_.best >= -1 && run_.best < std::ssize(run_.plans), "the best plan is not there");
    if (depth == Depth::whole) read_details();
    return std::move(run_);
  }

 private:
  static void require(bool holds, const std::string& what) {
    if (!holds) throw std::out_of_range(what);
  }
  static std::size_t index(std::int64_t number, std::size_t size, const char* what) {
    require(number >= 0 && number < static_cast<std::int64_t>(size),
            std::string(what) + " is not there");
    return static_cast<std::size_t>(number);
  }

  /// Files of older versions lack some tables.
  bool has(const std::string& name) const {
    return std::any_of(tables_.begin(), tables_.end(),
                       [&](const Table& table) { return table.name == name; });
  }
  const Table& table(const std::string& name) const {
    for (const auto& table : tables_) {
      if (table.name == name) return table;
    }
    throw std::out_of_range("table '" + name + "' is missing");
  }
  template <class Row>
  std::vector<Row> rows(const std::string& name) const {
    return from_table<Row>(table(name));
  }

  void read_values() {
    for (auto& row : rows<ValueRow>("values")) {
      auto& list = row.kind == "input"   ? run_.inputs
                   : row.kind == "swept" ? run_.swept
                                         : run_.settings;
      list.push_back(std::move(row.value));
    }
  }

  void read_goal() {
    for (const auto& row : rows<GoalRow>("goal")) {
      const auto metric = models::find_metric(row.metric);
      require(metric.has_value(), "metric '" + row.metric + "' is not known");
      if (row.kind == "limit") {
        run_.goal.limits.push_back({*metric, row.bound});
      } else if (row.kind == "penalty") {
        run_.goal.penalties.push_back({*metric, row.bound, row.weight});
      } else {
        run_.goal.objectives.push_back(
            {*metric, row.weight, row.scale, row.epsilon, row.reference});
      }
    }
  }

  void read_names() {
    const auto read = [&](const char* name, std::vector<std::string>& names) {
      for (auto& row : rows<NameRow>(name)) names.push_back(std::move(row.name));
    };
    read("operators", run_.names.operators);
    read("tensors", run_.names.tensors);
    read("devices", run_.names.devices);
    read("links", run_.names.links);
    read("channels", run_.names.channels);
    read("formats", run_.names.formats);
    for (auto& row : rows<NameRow>("operators")) {
      run_.names.operator_types.push_back(std::move(row.type));
    }
  }

  static Resource::Kind resource_kind(const std::string& word) {
    return word == "device"    ? Resource::Kind::device
           : word == "channel" ? Resource::Kind::channel
                               : Resource::Kind::none;
  }

  void read_plans() {
    PlanRow sample;
    sample.stored.objectives.resize(run_.goal.objectives.size());
    for (auto& row : from_table(table("plans"), sample)) {
      row.stored.score.bottleneck.kind = resource_kind(row.bottleneck_kind);
      row.stored.outcome.score.bottleneck.kind = resource_kind(row.simulated_bottleneck_kind);
      row.stored.plan.discipline =
          row.discipline == "strict" ? Plan::Discipline::strict : Plan::Discipline::ready;
      run_.plans.push_back(std::move(row.stored));
    }
  }

  StoredPlan& plan(std::int64_t number) {
    return run_.plans[index(number, run_.plans.size(), "a plan")];
  }

  void read_platforms() {
    if (!has("platforms")) return;
    for (auto& row : rows<PlatformRow>("platforms"))
      plan(row.plan).platform.push_back(std::move(row.value));
  }

  void read_assignments() {
    const auto& names = run_.names;
    for (const auto& row : rows<AssignmentRow>("assignments")) {
      auto& plan = this->plan(row.plan).plan;
      plan.device.resize(names.operators.size());
      plan.precision.resize(names.operators.size());
      plan.order.resize(names.operators.size());
      const auto op = index(row.op, names.operators.size(), "an operator");
      const auto rank = index(row.rank, names.operators.size(), "a rank");
      plan.device[op] =
          static_cast<std::uint16_t>(index(row.device, names.devices.size(), "a device"));
      plan.precision[op] =
          static_cast<std::uint8_t>(index(row.precision, names.formats.size(), "a format"));
      plan.order[rank] = static_cast<std::int32_t>(op);
    }
    for (auto& stored : run_.plans) {
      stored.plan.wire.assign(names.tensors.size() * names.devices.size(), Plan::as_produced);
      stored.plan.lanes.assign(names.links.size(), 0);
    }
    for (const auto& row : rows<WireRow>("wires")) {
      const auto tensor = index(row.tensor, names.tensors.size(), "a tensor");
      const auto device = index(row.device, names.devices.size(), "a device");
      plan(row.plan).plan.wire[tensor * names.devices.size() + device] =
          static_cast<std::uint8_t>(index(row.format, names.formats.size(), "a format"));
    }
    for (const auto& row : rows<LaneRow>("lanes")) {
      plan(row.plan).plan.lanes[index(row.link, names.links.size(), "a link")] =
          static_cast<std::uint16_t>(index(row.lanes, 65536, "a number of lanes"));
    }
  }

  void read_uses() {
    for (auto& row : rows<OfPlan<models::DeviceUse>>("device_uses")) {
      plan(row.plan).outcome.devices.push_back(std::move(row.thing));
    }
    for (auto& row : rows<OfPlan<models::NetworkResult>>("network_results")) {
      plan(row.plan).outcome.networks.push_back(std::move(row.thing));
    }
    for (auto& row : rows<OfPlan<models::ChannelUse>>("channel_uses")) {
      plan(row.plan).outcome.channels.push_back(std::move(row.thing));
    }
  }

  void read_details() {
    for (const auto& row : rows<OfPlan<LatencyRow>>("latencies")) {
      plan(row.plan).outcome.latencies.push_back(row.thing.latency);
    }
    for (const auto& row : rows<OfPlan<models::CriticalStep>>("critical_paths")) {
      plan(row.plan).outcome.critical_path.push_back(row.thing);
    }
    if (run_.best < 0) return;
    const auto whole = rows<TimelineRow>("timeline");
    require(whole.size() == 1, "table 'timeline' must have one row");
    auto& timeline = plan(run_.best).outcome.timeline;
    timeline = timeline_of(TimelineRows{*this});
    timeline.strict = whole.front().strict;
  }

  /// The tables of the file, for timeline_of.
  struct TimelineRows {
    const Reader& reader;
    template <class Row>
    std::vector<Row> of(const std::string& name) const {
      return reader.rows<Row>("timeline_" + name);
    }
  };

  const std::vector<Table>& tables_;
  RunFile run_;
};

std::vector<std::string> detail_tables() {
  std::vector<std::string> names = {"latencies", "critical_paths"};
  for (const auto& table : timeline_tables({}, "timeline", "timeline_"))
    names.push_back(table.name);
  return names;
}

}  // namespace

RunFile read_run(const std::filesystem::path& file, Depth depth) {
  const auto tables =
      hdf5_tables(read_file(file), file.string(),
                  depth == Depth::whole ? std::vector<std::string>{} : detail_tables());
  try {
    return Reader(tables).read(depth);
  } catch (const std::out_of_range& error) {
    throw models::InputError(file.string() + ": this result file does not hold together: " +
                             error.what() + "; make it again with `partwise run`");
  }
}

std::filesystem::path run_file(const std::filesystem::path& out, const std::string& id) {
  return out / "runs" / (id + ".h5");
}

std::vector<std::filesystem::path> run_files(const std::filesystem::path& out) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(out / "runs", error)) {
    const auto name = entry.path().filename().string();
    // What starts with a dot is still being written.
    if (entry.path().extension() == ".h5" && name.front() != '.') files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace results
