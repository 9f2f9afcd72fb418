#include "sim/simgrid_process.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "models/error.h"

namespace {

using sim::SimgridProcess;

/// Puts a shell script in the place of partwise-simgrid.
class Stand {
 public:
  explicit Stand(const std::string& script) {
    std::ofstream(file_) << "#!/bin/sh\n" << script << '\n';
    ::chmod(file_.c_str(), 0755);
    ::setenv("PARTWISE_SIMGRID", file_.c_str(), 1);
  }
  ~Stand() {
    ::unsetenv("PARTWISE_SIMGRID");
    std::filesystem::remove(file_);
  }

 private:
  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("partwise-simgrid-" + std::to_string(::getpid()));
};

std::string answer(SimgridProcess& process, std::string_view job = "job") {
  std::string parts;
  process.ask(sim::SimgridFrame::Kind::job, job,
              [&](std::string_view part, bool) { parts += part; });
  return parts;
}

std::string complaint(SimgridProcess& process) {
  try {
    answer(process);
  } catch (const models::EnvironmentError& error) {
    return error.what();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "";
}

/// A frame as printf writes it.
std::string frame(int kind, const std::string& content) {
  return "printf '\\00" + std::to_string(content.size()) +
         "\\000\\000\\000\\000\\000\\000\\000\\00" + std::to_string(kind) + content + "'\n";
}

bool no_child_is_left() {
  return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

TEST(SimgridProcess, HandsOverAllPartsInOrder) {
  const Stand stand(frame(3, "one ") + frame(3, "two ") + frame(4, "end") + "sleep 60");
  {
    SimgridProcess process;
    EXPECT_EQ(answer(process), "one two end");
  }
  EXPECT_TRUE(no_child_is_left());
}

TEST(SimgridProcess, AnAbortIsAnErrorWithWhatWasSaid) {
  const Stand stand("echo 'no route to host' >&2; kill -ABRT $$");
  SimgridProcess process;
  EXPECT_EQ(complaint(process),
            "partwise-simgrid was ended by signal Aborted; it said:\nno route to host");
  EXPECT_EQ(complaint(process),  // it is started again, and ends alike
            "partwise-simgrid was ended by signal Aborted; it said:\nno route to host");
  EXPECT_TRUE(no_child_is_left());
}

TEST(SimgridProcess, AClosedPipeIsNoSignal) {
  const Stand stand("exec <&- ; exit 7");
  SimgridProcess process;
  std::string message;
  try {
    answer(process, std::string(10'000'000, 'x'));
  } catch (const models::EnvironmentError& error) {
    message = error.what();
  }
  EXPECT_EQ(message, "partwise-simgrid ended with exit code 7");
}

TEST(SimgridProcess, AskedToRenewItAsksANewProcessOnce) {
  const Stand stand(frame(5, "") + "sleep 60");
  SimgridProcess process;
  EXPECT_EQ(complaint(process), "partwise-simgrid has no room for this job");
  EXPECT_TRUE(no_child_is_left());
}

TEST(SimgridProcess, AnotherVersionIsTold) {
  const Stand stand(frame(7, "") + "sleep 60");
  SimgridProcess process;
  EXPECT_EQ(complaint(process), "partwise-simgrid is of another version than partwise");
}

TEST(SimgridProcess, ARefusedJobIsOurMistake) {
  const Stand stand(frame(6, "bad") + "sleep 60");
  SimgridProcess process;
  EXPECT_EQ(complaint(process), "partwise-simgrid refused a job: bad");
}

TEST(SimgridProcess, WithoutTheProgramItSaysWhatToDo) {
  ::setenv("PARTWISE_SIMGRID", "/nowhere/partwise-simgrid", 1);
  SimgridProcess process;
  EXPECT_EQ(complaint(process),
            "SimGrid is not there: no 'partwise-simgrid' beside partwise or in PATH; install "
            "libsimgrid-dev and build again, or use the fast engine");
  EXPECT_FALSE(SimgridProcess::program());
  ::unsetenv("PARTWISE_SIMGRID");
}

}  // namespace
