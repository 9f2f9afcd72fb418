// Searches that are killed, interrupted or cut short, and go on.
#include "scenarios/checkpoint.h"

#include <sys/wait.h>

#include <cstdlib>

#include "models/random.h"
#include "results/run_file.h"
#include "scenarios/study.h"
#include "workspace.h"

namespace scenarios {
namespace {

class Checkpoints : public Workspace {
 protected:
  static std::string binary() {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "partwise").string();
  }
  Spoken shell(const std::string& script) const {
    write("script", script);
    const auto line =
        "bash " + path("script") + " >" + path("stdout") + " 2>" + path("stderr") + " </dev/null";
    const int status = std::system(line.c_str());
    return {WEXITSTATUS(status), content(path("stdout")), content(path("stderr"))};
  }
  std::string command(const std::string& file, const std::string& more = "") const {
    return binary() + " run " + file + " --out " + path("out") + " --checkpoint 0.02 " + more;
  }
  /// Waits until there is such a file, but not for ever.
  std::string until(const std::string& file) const {
    return "for i in $(seq 2000); do ls " + path(file) + " >" + path("ls") +
           " 2>&1 && break; sleep 0.005; done; ";
  }
  /// A command in the background, and a wait until it has left a checkpoint of its own or a result.
  std::string in_background(const std::string& command) const {
    const auto list = "stat -c %n:%i:%z " + path("out/runs") + "/*.* 2>" + path("ls");
    return "before=$(" + list + "); " + command + " & for i in $(seq 2000); do now=$(" + list +
           "); [[ -n $now && $now != \"$before\" ]] && break; sleep 0.005; done; ";
  }
  /// The only file with that ending that a run has left; empty if there is none.
  std::filesystem::path left(const std::string& ending, const std::string& out = "out") const {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / out / "runs", error))
      if (entry.path().extension() == ending && entry.path().filename().string().front() != '.')
        return entry.path();
    return {};
  }
  /// The run file as bytes, without what a rerun changes.
  std::string lasting(const std::filesystem::path& file) const {
    auto run = results::read_run(file);
    run.seconds = 0;
    run.curve.clear();
    results::write_run(run, path("lasting.h5"));
    return content(path("lasting.h5"));
  }
  std::string uninterrupted(const std::string& file) const {
    EXPECT_EQ(partwise({"run", file, "--out", path("whole")}).code, 0);
    return lasting(left(".h5", "whole"));
  }
  /// Kills a run of the scenario some times, and lets it end then. Budgets are raised until the
  /// machine takes long enough to be killed.
  void expect_the_same_when_killed(const std::string& algorithm, const std::string& more) {
    constexpr double long_enough = 0.4;  // seconds
    std::string file, expected;
    double seconds = 0;
    for (std::int64_t budget = 15000; seconds < long_enough; budget *= 2) {
      std::filesystem::remove_all(folder_ / "whole");
      file = scenario("optimizer: {name: " + algorithm + ", budget: " + std::to_string(budget) +
                      "}\n" + more);
      expected = uninterrupted(file);
      seconds = results::read_run(left(".h5", "whole")).seconds;
    }
    int taken_up = 0;
    for (int k = 0; k < 6 && left(".h5").empty(); ++k) {
      const auto wait = "0.00" + std::to_string(random_.below(10));
      const auto killed = shell(in_background(command(file)) + "sleep " + wait +
                                "; kill -9 $!; wait $!; sleep 0.02");
      taken_up += killed.err.find("goes on from its checkpoint") != std::string::npos;
    }
    const auto end = shell(command(file));
    EXPECT_EQ(end.code, 0) << end.err;
    taken_up += end.err.find("goes on from its checkpoint") != std::string::npos;
    EXPECT_GT(taken_up, 0) << content(file);
    EXPECT_EQ(lasting(left(".h5")), expected) << content(file);
    EXPECT_EQ(left(".checkpoint"), "");
    std::filesystem::remove_all(folder_ / "out");
    std::filesystem::remove_all(folder_ / "whole");
  }

  models::Random random_{11};
};

constexpr const char* long_search = "optimizer: {name: annealing, budget: 40000}\n";
const std::string endless = "optimizer: {name: annealing, budget: 1000000000}\n";

TEST_F(Checkpoints, OfSearchesKilledAgainAndAgainLeadToTheSameResult) {
  for (const std::string name : {"annealing", "genetic", "random"})
    expect_the_same_when_killed(name, "pareto: true\n");
}

TEST_F(Checkpoints, OfCodesignsKilledAgainAndAgainLeadToTheSameResult) {
  const std::string variables =
      "variables: [{path: platform.devices.npu.memory, values: [64 MiB, 2 MiB, 1 MiB]}, "
      "{path: platform.links.d2d.lanes, values: [1, 4, 8]}]";
  for (const std::string search :
       {"search: nested, outer: exhaustive", "search: nested, outer: halving",
        "search: nested, outer: evolution", "search: joint"})
    for (const std::string pareto : {"false", "true"})
      expect_the_same_when_killed(
          "annealing", "pareto: " + pareto + "\ncodesign: {" + search + ", " + variables + "}\n");
}

TEST_F(Checkpoints, AndResultsAreTheSameForAnyNumberOfThreads) {
  for (const std::string name : {"annealing", "genetic", "tempering", "local", "portfolio"}) {
    const auto file =
        scenario("optimizer: {name: " + name + ", budget: 4000}\npareto: true\n", name);
    const auto expected = uninterrupted(file);
    for (const std::string threads : {"1", "3"}) {
      EXPECT_EQ(partwise({"run", file, "--out", path("out"), "--threads", threads}).code, 0);
      EXPECT_EQ(lasting(left(".h5")), expected) << name << ", threads " << threads;
      std::filesystem::remove_all(folder_ / "out");
    }
    std::filesystem::remove_all(folder_ / "whole");
  }
}

TEST_F(Checkpoints, OfInterruptedSearchesAreTakenUp) {
  const auto file = scenario(long_search);
  const auto expected = uninterrupted(file);
  const auto interrupted = shell(in_background(command(file)) + "kill -INT $!; wait $!");
  ASSERT_EQ(interrupted.code, 130) << interrupted.err;
  EXPECT_TRUE(results::read_run(left(".h5")).interrupted);
  EXPECT_NE(left(".checkpoint"), "");
  const auto rest = partwise({"run", file, "--out", path("out")});
  EXPECT_EQ(rest.code, 0);
  EXPECT_NE(rest.err.find("small: goes on from its checkpoint: "), std::string::npos) << rest.err;
  EXPECT_EQ(lasting(left(".h5")), expected);
  EXPECT_EQ(left(".checkpoint"), "");
}

TEST_F(Checkpoints, ThatAreDamagedOrOfAnotherBuildAreNamedAndLeftAside) {
  const auto file = scenario(long_search);
  const auto expected = uninterrupted(file);
  const auto name = left(".h5", "whole").stem().string() + ".checkpoint";
  shell(in_background(command(file)) + "kill -9 $!; wait $!");
  const auto whole = content(left(".checkpoint"));
  ASSERT_GT(whole.size(), 1000U);
  auto other_build = whole, flipped = whole;
  other_build.replace(other_build.find("commit ") + 7, 3, "zzz");
  flipped[flipped.size() / 2] ^= 4;
  const std::string another = "it was written by another build of Partwise or for another run";
  const std::string damaged = "the state of the search is cut off or damaged";
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {other_build, another},
           {flipped, damaged},
           {whole.substr(0, whole.size() / 2), damaged},
           {whole + "x", damaged},
           {"", "it is damaged or no checkpoint"},
           {"something else", "it is damaged or no checkpoint"}}) {
    std::filesystem::remove(left(".h5"));
    write("out/runs/" + name, text);
    const auto answer = partwise({"run", file, "--out", path("out")});
    EXPECT_EQ(answer.code, 0);
    EXPECT_NE(answer.err.find("small: the checkpoint '" + path("out/runs/" + name) +
                              "' cannot be used: " + why + "; the search begins again\n"),
              std::string::npos)
        << answer.err;
    EXPECT_EQ(lasting(left(".h5")), expected);
    EXPECT_EQ(left(".checkpoint"), "");
  }
}

TEST_F(Checkpoints, AreNotWrittenWhereNotWanted) {
  const auto file = scenario(endless);
  const auto answer =
      shell(binary() + " run " + file + " --checkpoint 0 --out " + path("out") + " & " +
            until("out/experiment.json") + "sleep 0.2; kill -INT $!; wait $!");
  EXPECT_EQ(answer.code, 130);
  EXPECT_EQ(left(".checkpoint"), "");
}

TEST_F(Checkpoints, OfRunsThatHaveAResultAreRemoved) {
  const auto file = scenario();
  EXPECT_EQ(partwise({"run", file, "--out", path("out")}).code, 0);
  const auto stored = left(".h5");
  write("out/runs/" + stored.stem().string() + ".checkpoint", "of a process that was killed");
  const auto again = partwise({"run", file, "--out", path("out")});
  EXPECT_NE(again.err.find("1 run stored there already, not run again"), std::string::npos);
  EXPECT_EQ(left(".checkpoint"), "");
}

TEST_F(Checkpoints, KeepTheTimeThatIsUsedUp) {
  const auto file = scenario("optimizer: {name: annealing, budget: 1000000000, time_limit: 2 s}\n");
  shell(in_background(command(file)) + "sleep 1; kill -9 $!; wait $!");
  ASSERT_NE(left(".checkpoint"), "");
  EXPECT_EQ(partwise({"run", file, "--out", path("out")}).code, 0);
  const auto run = results::read_run(left(".h5"));
  EXPECT_GE(run.seconds, 2);
  EXPECT_LT(run.seconds, 2.9);  // 3 and more if the second sitting had two seconds of its own
  EXPECT_TRUE(run.interrupted);
  EXPECT_EQ(left(".checkpoint"), "");
}

TEST_F(Checkpoints, ThatCannotBeWrittenStopNoSearch) {
  std::vector<std::string> complaints;
  write("file", "");
  Checkpoint checkpoint(folder_ / "file" / "x.checkpoint", "x", 1e-9,
                        [&](const std::string& one) { complaints.push_back(one); });
  checkpoint.write("state");
  checkpoint.write("state");
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_NE(complaints[0].find("the search goes on without it"), std::string::npos);
}

TEST_F(Checkpoints, RefuseAnIntervalThatIsNone) {
  for (const std::string text : {"-1", "often", "1e9", "nan", "30s"})
    EXPECT_NE(partwise({"run", scenario(), "--checkpoint=" + text})
                  .err.find("--checkpoint: '" + text +
                            "' is not a number of seconds from 0 (no checkpoints) to 1000000"),
              std::string::npos)
        << text;
}

TEST_F(Checkpoints, CurvesRiseByTheSecondUpToTheLastPlan) {
  const auto file =
      scenario("optimizer: {name: random, budget: 1000000000, time_limit: 2200 ms}\n");
  EXPECT_EQ(partwise({"run", file, "--out", path("out")}).code, 0);
  const auto run = results::read_run(left(".h5"));
  ASSERT_GE(run.curve.size(), 3U);
  ASSERT_LE(run.curve.size(), 5U);
  for (std::size_t k = 1; k < run.curve.size(); ++k) {
    EXPECT_GT(run.curve[k].evaluations, run.curve[k - 1].evaluations);
    EXPECT_GT(run.curve[k].seconds, run.curve[k - 1].seconds);
    EXPECT_LE(run.curve[k].cost, run.curve[k - 1].cost);
  }
  EXPECT_EQ(run.curve.back().evaluations, run.evaluations);
  EXPECT_EQ(run.curve.back().cost, run.best_plan()->cost);
}

}  // namespace
}  // namespace scenarios
