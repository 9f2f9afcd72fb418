#include <sys/wait.h>

#include <cstdlib>

#include "scenarios/verbs/verb.h"
#include "workspace.h"

namespace scenarios {
namespace {

TEST(Help, OfEveryVerbStartsWithAnExample) {
  for (const auto& entry : verbs()) {
    const auto help = partwise({std::string(entry.name), "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.out.rfind("Example:\n  partwise " + std::string(entry.name) + " ", 0), 0u)
        << help.out;
    EXPECT_EQ(help.err, "");
  }
  EXPECT_EQ(partwise({"--help"}).out.rfind("Example:\n  partwise run ", 0), 0u);
}

TEST(Help, NamesEveryOptionOfTheVerb) {
  for (const auto& entry : verbs()) {
    const auto help = partwise({std::string(entry.name), "-h"}).out;
    for (const auto& option : entry.make()->options())
      EXPECT_NE(help.find("  " + option.name), std::string::npos) << option.name;
  }
}

TEST(CommandLine, TellsTheVersion) {
  const auto answer = partwise({"--version"});
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.out.rfind("partwise ", 0), 0u);
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  const std::string there_are =
      " (there are run, show, simulate, explain, export, verify, check, inspect, infer, calibrate, "
      "place, list, bench)";
  const std::vector<Case> cases = {
      {{"shwo"}, "partwise: unknown verb 'shwo'; did you mean 'show'?" + there_are},
      {{"run", "x.yaml", "--outt", "y"},
       "partwise: run: unknown option '--outt'; did you mean '--out'? ('partwise run --help' shows "
       "them all)\n"},
      {{"run", "x.yaml", "--seed", "-1"},
       "partwise: run: '-1' is negative, which no option takes\n"},
      {{"run", "-x"}, "partwise: run: unknown option '-x'"},
      {{"verify"},
       "partwise: verify: TIMELINE is missing: a timeline as JSON (example: partwise verify "
       "timeline.json)\n"},
      {{"export", "out/x"},
       "partwise: export: --to is missing: json, csv or perfetto (example: partwise export "
       "out/quickstart --to json --output plan.json)\n"},
      {{"list", "metrics", "links"}, "partwise: list: 'links' is one argument too many"},
      {{"run", "x.yaml", "-j", "many"}, "partwise: run: "},
      {{"run", "x.yaml", "--seed=-1"},
       "partwise: run: --seed: '-1' is not a whole number of 0 or more\n"},
      {{"run", "x.yaml", "--seed", "18446744073709551616"},
       "partwise: run: --seed: '18446744073709551616' is too large\n"},
      {{"run", "x.yaml", "-j", "18446744073709551616"},
       "partwise: run: -j,--jobs: '18446744073709551616' is too large\n"},
      {{"run", "x.yaml", "--out", "a", "--seed", "1", "--out", "b"},
       "partwise: run: --out is given more than once\n"},
      {{"run", "x.yaml", "--threads", "1", "--threads", "2"},
       "partwise: run: --threads is given more than once\n"},
      {{"run", "x.yaml", "--threads=-1"},
       "partwise: run: --threads: '-1' is not a whole number of 0 or more\n"},
      {{"run", "x.yaml", "--out", "--dry-run"}, "partwise: run: --out needs a value: --out DIR\n"},
      {{"run", "x.yaml", "--set"}, "partwise: run: --set needs a value: --set KEY=VALUE\n"},
      {{"list", "device"},
       "partwise: list: there is no list of 'device'; did you mean 'devices'? (there are "
       "optimizers, placements, devices, links, metrics, precisions, operators, kernels, "
       "networks, platforms)\n"},
  };
  for (const auto& one : cases) {
    const auto answer = partwise(one.arguments);
    EXPECT_EQ(answer.code, 2) << one.message;
    EXPECT_EQ(answer.err.substr(0, one.message.size()), one.message);
    EXPECT_EQ(answer.out, "");
  }
}

TEST(CommandLine, OptionsMayComeBeforeTheFile) {
  const auto answer = partwise({"run", "--set", "optimizer.budget=500", "no.yaml"});
  EXPECT_EQ(answer.err.rfind("partwise: there is no file 'no.yaml'", 0), 0u) << answer.err;
}

TEST(CommandLine, WithoutAVerbShowsHelpAndFails) {
  const auto answer = partwise({});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.out, "");
  EXPECT_EQ(answer.err, partwise({"--help"}).out);
}

TEST(CommandLine, NamesAMissingFileAndWhatToGive) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"run", "no.yaml"},
       "there is no file 'no.yaml'; give a scenario, such as scenarios/examples/quickstart.yaml"},
      {{"simulate", "no.yaml", "--plan", "p.json"},
       "there is no file 'no.yaml'; give a scenario, such as scenarios/examples/quickstart.yaml"},
      {{"check", "no.yaml"},
       "there is no file 'no.yaml'; give a scenario, a platform file or an ONNX file"},
      {{"verify", "no.json"},
       "there is no file 'no.json'; give a timeline of 'partwise export DIR --to json --what "
       "timeline'"},
      {{"inspect", "no.onnx"},
       "there is no file 'no.onnx'; give an ONNX file or a name of 'partwise list networks'"},
      {{"show", "no"},
       "there is no folder 'no'; give one that 'partwise run' wrote, such as out/quickstart"},
      {{"export", "no", "--to", "csv"},
       "there is no folder 'no'; give one that 'partwise run' wrote, such as out/quickstart"},
      {{"run", "scenarios"},
       "'scenarios' is a folder; give a scenario, such as scenarios/examples/quickstart.yaml"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto answer = partwise(arguments);
    EXPECT_EQ(answer.code, 2);
    EXPECT_EQ(answer.err, "partwise: " + message + "\n");
  }
}

/// The program itself, through a shell: `line` follows its name.
class Program : public Workspace {
 protected:
  static std::string binary() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "partwise";
  }

  Spoken shell(const std::string& line) const {
    const auto command = "{ " + line + "; } >" + path("stdout") + " 2>" + path("stderr");
    const int status = std::system(("bash -c '" + command + "'").c_str());
    return {WEXITSTATUS(status), content(path("stdout")), content(path("stderr"))};
  }
};

TEST_F(Program, SaysThatTheDiskIsFull) {
  const auto answer = shell(binary() + " list metrics >/dev/full");
  EXPECT_EQ(answer.code, 3);
  EXPECT_EQ(answer.err, "partwise: cannot write the results: No space left on device\n");
}

TEST_F(Program, WritesToADeviceInsteadOfReplacingIt) {
  const auto answer =
      shell("mkfifo " + path("pipe") + "; cat " + path("pipe") + " >" + path("read") +
            " & sleep 0.2; timeout 20 " + binary() + " inspect resnet50 --save " + path("pipe") +
            "; code=$?; wait; test -p " + path("pipe") + " || code=99; exit $code");
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_GT(content(path("read")).size(), 10'000u);
}

TEST_F(Program, TakesAReaderThatGoesAwayLightly) {
  const auto answer = shell(binary() + " list precisions | true; exit ${PIPESTATUS[0]}");
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.err, "");
}

TEST_F(Program, LeavesNothingHalfWrittenWhenTheDiskIsFull) {
  const auto file = scenario();
  const auto answer = shell("ulimit -f 8; " + binary() + " run " + file + " --out " + path("out"));
  EXPECT_EQ(answer.code, 3);
  EXPECT_NE(answer.err.find("cannot write '" + path("out")), std::string::npos) << answer.err;
  if (std::filesystem::exists(path("out/runs"))) {
    EXPECT_TRUE(std::filesystem::is_empty(path("out/runs")));
  }
}

TEST_F(Program, StoresWhatIsFoundWhenInterruptedAndRunsItAgain) {
  const auto file = scenario("optimizer: {name: annealing, budget: 1000000000}\n");
  const auto line = binary() + " run " + file + " --out " + path("out") + " & until [ -e " +
                    path("out/experiment.json") + " ]; do sleep 0.05; done; sleep 1.5; " +
                    "kill -INT $!; wait $!";
  const auto answer = shell(line);
  EXPECT_EQ(answer.code, 130) << answer.err;
  EXPECT_NE(answer.err.find("cut short\ninterrupted; what is found is stored"), std::string::npos)
      << answer.err;
  EXPECT_EQ(partwise({"show", path("out")}).code, 0);
  const auto again = shell(line);
  EXPECT_EQ(again.code, 130);
  EXPECT_EQ(again.err.find("not run again"), std::string::npos) << again.err;
}

TEST_F(Program, ErrorsHaveNoColoursOutsideATerminal) {
  const auto answer = shell(binary() + " nothing");
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.err.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace scenarios
