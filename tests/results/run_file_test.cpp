#include "results/run_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "models/error.h"
#include "models/random.h"
#include "results/hash.h"
#include "results/hdf5_file.h"
#include "results/outcome_json.h"
#include "results/output.h"
#include "results/plan_json.h"
#include "results/timeline_json.h"
#include "tests/results/own_folder.h"
#include "tests/results/small_case.h"

namespace {

namespace fs = std::filesystem;

class RunFileTest : public OwnFolder {
 protected:
  std::string complaint(const std::string& bytes) const {
    const auto file = folder_ / "x.h5";
    std::ofstream(file, std::ios::binary) << bytes;
    try {
      results::read_run(file);
    } catch (const models::InputError& error) {
      std::string what = error.what();
      if (const auto at = what.find(file.string()); at == 0)
        what = what.substr(file.string().size());
      return what;
    }
    return "fine";
  }
};

results::StoredPlan stored(const std::string& label) {
  results::StoredPlan it;
  it.label = label;
  it.origin = "greedy";
  it.plan = small_case::plan();
  it.json = results::write_plan(*small_case::problem(), it.plan);
  it.score.latency_mean = models::Time(123);
  it.score.energy_joules = 0.1;
  it.score.bottleneck = {models::Resource::Kind::channel, 1};
  it.objectives = {1.5, 0.1};
  it.cost = 0.75;
  it.pareto = true;
  return it;
}

results::RunFile full_run() {
  results::RunFile run;
  run.id = "r1";
  run.label = "lanes=4, \"quoted\" äöü";
  run.scenario_name = "quick";
  run.scenario_text = "name: quick\nnetwork: three\n";
  run.version = "0.1.0";
  run.seed = 7;
  run.workload_seed = 8;
  run.inputs = {{"net.onnx", "53de-64a7-0b1c-9f02"}};
  run.swept = {{"links.d2d.lanes", "4"}, {"seed", "7"}};
  run.optimizer = "annealing";
  run.settings = {{"reheats", "3"}};
  run.evaluations = 1000;
  run.seconds = 0.25;
  run.interrupted = true;
  run.goal.objectives = {{models::Metric::latency_mean, 1, 2e-3},
                         {models::Metric::throughput, 0.5, 10}};
  run.goal.limits = {{models::Metric::memory, 1e6}};
  run.goal.pareto = true;
  run.names = results::names_of(*small_case::problem());
  run.trace = {{1, 2.0, 1.0, {2.0, 3.0}}, {500, 1.0, 0.0, {1.0, 3.0}}};
  run.curve = {{120, 0.01, 2.0, 1.0}, {500, 0.25, 1.0, 0.0}};
  run.curve = {{120, 0.01, 2.0, 1.0}, {500, 0.25, 1.0, 0.0}};
  run.plans = {stored("all on npu"), stored("best")};
  run.best = 1;
  auto& best = run.plans[1];
  best.simulated = true;
  best.outcome.score = best.score;
  best.outcome.latencies = {23, 33};
  best.outcome.latency.compute = 40;
  best.outcome.latency.wait_batch = 3;
  best.outcome.latency.lost = 2;
  best.outcome.energy.transfer = 1e-9;
  best.outcome.energy.width_changes = 2e-9;
  best.outcome.energy.lost = 3e-9;
  best.outcome.stall = "1 requests cannot complete";
  best.outcome.networks = {{"see", 5, 1, 2, 10, 9, 12, 13}};
  best.outcome.devices = {{"npu", {20, 0, 0, 0, 0, 0, 13, 4}, 100, 10, 20, 50, 0.5, 10}};
  best.outcome.channels = {{"d2d:npu->server", 8, 8, 0.24}};
  best.outcome.critical_path = {{0, 0, 0, 10}, {1, 0, 10, 16}};
  best.outcome.events = 12;
  best.outcome.fingerprint = "cbf2-9ce4-8422-2325";
  best.outcome.timeline = small_case::timeline();
  return run;
}

TEST_F(RunFileTest, ReadsBackWhatItWrote) {
  const auto run = full_run();
  const auto file = results::run_file(folder_, run.id);
  results::write_run(run, file);
  const auto back = results::read_run(file);
  EXPECT_EQ(results::run_json(back), results::run_json(run));
  EXPECT_EQ(back.scenario_text, run.scenario_text);
  EXPECT_EQ(back.names, run.names);
  EXPECT_EQ(back.goal.pareto, run.goal.pareto);
  EXPECT_EQ(back.inputs, run.inputs);
  ASSERT_EQ(back.plans.size(), 2u);
  EXPECT_EQ(back.plans[0].plan, run.plans[0].plan);
  EXPECT_EQ(back.plans[1].plan, run.plans[1].plan);
  EXPECT_EQ(back.plans[1].json, run.plans[1].json);
  EXPECT_EQ(back.plans[1].outcome.devices[0].time.idle, 13);
  EXPECT_EQ(back.plans[1].outcome.devices[0].time.lost, 4);
  EXPECT_EQ(back.plans[1].outcome.stall, run.plans[1].outcome.stall);
  EXPECT_EQ(results::write_timeline(back.plans[1].outcome.timeline),
            results::write_timeline(run.plans[1].outcome.timeline));
  EXPECT_EQ(results::run_files(folder_), std::vector{file});
}

TEST_F(RunFileTest, ReadsBackARunThatFoundNothing) {
  results::RunFile run;
  run.id = "none";
  run.complaint = "no plan holds memory";
  results::write_run(run, folder_ / "none.h5");
  const auto back = results::read_run(folder_ / "none.h5");
  EXPECT_EQ(back.complaint, run.complaint);
  EXPECT_EQ(back.best_plan(), nullptr);
}

TEST_F(RunFileTest, SummariesLeaveOutTheTimeline) {
  results::write_run(full_run(), folder_ / "r1.h5");
  const auto back = results::read_run(folder_ / "r1.h5", results::Depth::summary);
  EXPECT_EQ(back.plans[1].label, "best");
  EXPECT_TRUE(back.plans[1].outcome.timeline.records.empty());
  EXPECT_TRUE(back.plans[1].outcome.latencies.empty());
}

TEST_F(RunFileTest, SameRunSameBytes) {
  results::write_run(full_run(), folder_ / "a.h5");
  results::write_run(full_run(), folder_ / "b.h5");
  EXPECT_EQ(results::read_file(folder_ / "a.h5"), results::read_file(folder_ / "b.h5"));
}

TEST_F(RunFileTest, EveryColumnSaysItsUnitRoleAndMeaning) {
  results::write_run(full_run(), folder_ / "r1.h5");
  for (const auto& table : results::hdf5_tables(results::read_file(folder_ / "r1.h5"), "r1.h5")) {
    for (const auto& column : table.columns) {
      EXPECT_FALSE(column.meaning.empty()) << table.name << "/" << column.name;
      const bool text = std::holds_alternative<results::Column::Texts>(column.values);
      const bool has_own_unit =
          table.name == "goal" || table.name == "bounds" || column.name.starts_with("objective_");
      if (!has_own_unit) {
        EXPECT_EQ(column.unit.empty(), text) << table.name << "/" << column.name;
      }
    }
  }
}

TEST_F(RunFileTest, RefusesForeignAndDamagedFiles) {
  results::write_run(full_run(), folder_ / "r1.h5");
  const auto bytes = results::read_file(folder_ / "r1.h5");
  EXPECT_EQ(complaint(bytes), "fine");
  EXPECT_EQ(complaint(""), ": this is no result file of Partwise");
  EXPECT_EQ(complaint("name: quick\n"), ": this is no result file of Partwise");
  EXPECT_EQ(complaint(bytes.substr(512)), ": this is no result file of Partwise");
  EXPECT_EQ(complaint(bytes.substr(0, 100)),
            ": the file is truncated; make it again with `partwise run`");
  EXPECT_EQ(complaint(bytes.substr(0, 1000)),
            ": the file is truncated: 488 of " + std::to_string(bytes.size() - 512) +
                " bytes are there; make it again with `partwise run`");
  auto damaged = bytes;
  damaged[bytes.size() / 2] ^= 1;
  EXPECT_EQ(complaint(damaged),
            ": the file was damaged or changed (its hash differs); make it "
            "again with `partwise run`");
  auto newer = bytes;
  newer.replace(newer.find("version 1"), 9, "version 2");
  EXPECT_EQ(complaint(newer),
            ": this result file was written by another version of Partwise, whose format this one "
            "does not know; make it again with `partwise run`");
}

TEST_F(RunFileTest, RefusesTablesThatDoNotHoldTogether) {
  results::write_run(full_run(), folder_ / "r1.h5");
  const auto tables = results::hdf5_tables(results::read_file(folder_ / "r1.h5"), "r1.h5");
  const std::string start = ": this result file does not hold together: ";
  const std::string remedy = "; make it again with `partwise run`";
  for (std::size_t t = 0; t < tables.size(); ++t) {
    auto fewer = tables;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(t));
    // Files of older versions lack these.
    const bool later = tables[t].name == "curve" || tables[t].name == "platforms";
    EXPECT_EQ(complaint(results::hdf5_bytes(fewer)),
              later ? "fine" : start + "table '" + tables[t].name + "' is missing" + remedy);
    // Numbers that point nowhere: refused, or harmless; never a crash.
    for (std::size_t c = 0; c < tables[t].columns.size(); ++c) {
      auto wild = tables;
      auto* numbers = std::get_if<results::Column::Integers>(&wild[t].columns[c].values);
      if (!numbers || wild[t].columns[c].role != results::Role::reference) continue;
      for (auto& number : *numbers) number = c % 2 == 0 ? 1'000'000'007 : -5;
      complaint(results::hdf5_bytes(wild));
    }
  }
}

TEST_F(RunFileTest, NoDamageCrashes) {
  results::write_run(full_run(), folder_ / "r1.h5");
  const auto bytes = results::read_file(folder_ / "r1.h5");
  models::Random random(1);
  for (int round = 0; round < 100; ++round) {
    const auto at = static_cast<std::size_t>(random.below(std::ssize(bytes)));
    EXPECT_NE(complaint(bytes.substr(0, at)), "fine");
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 + random.below(255)));
    EXPECT_NE(complaint(damaged), "fine") << at;
  }
}

TEST_F(RunFileTest, AFullDiskLeavesTheOldFileAndNothingElse) {
  const auto file = folder_ / "r1.h5";
  results::write_file(file, "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(results::write_run(full_run(), file), models::EnvironmentError);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(results::read_file(file), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(RunFileTest, SaysWhatItCannotReadOrWrite) {
  try {
    results::read_run(folder_ / "missing.h5");
    FAIL();
  } catch (const models::EnvironmentError& error) {
    EXPECT_EQ(error.what(),
              "cannot read '" + (folder_ / "missing.h5").string() + "': No such file or directory");
  }
  results::write_file(folder_ / "file", "");
  EXPECT_THROW(results::write_file(folder_ / "file" / "x", ""), models::EnvironmentError);
  EXPECT_THROW(results::write_file(folder_, ""), models::EnvironmentError);
}

TEST(Hash, IsTheKnownOneAndSensesEveryByte) {
  EXPECT_EQ(results::hash_of(""), "cbf2-9ce4-8422-2325");
  EXPECT_EQ(results::hash_of("a"), "af63-dc4c-8601-ec8c");
  results::Hash one, other;
  one.add_text("ab"), one.add_text("c");
  other.add_text("a"), other.add_text("bc");
  EXPECT_NE(one.text(), other.text());
}

}  // namespace
