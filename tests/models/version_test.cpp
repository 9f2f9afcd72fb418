#include "models/version.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>

namespace models {
namespace {

TEST(Version, IsTheOneOfTheBuildFile) {
  std::stringstream text;
  text << std::ifstream("CMakeLists.txt").rdbuf();
  EXPECT_NE(text.str().find("project(partwise VERSION " + std::string(version()) + " "),
            std::string::npos);
}

TEST(Version, CommitIsAHashOrUnknown) {
  const std::regex hash("[0-9a-f]{12,40}\\+?|unknown");
  EXPECT_TRUE(std::regex_match(std::string(commit()), hash)) << commit();
}

}  // namespace
}  // namespace models
