#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/command_line.h"

namespace scenarios {

/// What a command came to.
struct Spoken {
  int code = 0;
  std::string out;
  std::string err;
};

/// A command, done in this process.
inline Spoken partwise(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  const int code = do_command(arguments, {out, err});
  return {code, out.str(), err.str()};
}

inline std::string content(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// A folder of its own for each test, gone when it ends.
class Workspace : public testing::Test {
 protected:
  Workspace() {
    auto name = (std::filesystem::temp_directory_path() / "partwise-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Workspace() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return path(name);
  }

  /// A small question: MobileNet v2 over two devices, and whatever `more` says.
  std::string scenario(const std::string& more = "", const std::string& name = "small") const {
    return write(name + ".yaml",
                 std::string("question: what runs where?\n"
                             "network: {builtin: mobilenet_v2}\n"
                             "platform:\n"
                             "  devices:\n"
                             "    - name: npu\n"
                             "      memory: 64 MiB\n"
                             "      memory_bandwidth: 20 GB/s\n"
                             "      formats:\n"
                             "        fp32: {matrix_rate: 100 GFLOP/s, operation_energy: 2 pJ/op}\n"
                             "        int8: {matrix_rate: 1 TOP/s, operation_energy: 0.2 pJ/op}\n"
                             "    - name: server\n"
                             "      memory: 8 GiB\n"
                             "      memory_bandwidth: 200 GB/s\n"
                             "      formats:\n"
                             "        fp32: {matrix_rate: 4 TFLOP/s, operation_energy: 4 pJ/op}\n"
                             "      static_power: 5 W\n"
                             "      gated: true\n"
                             "  links:\n"
                             "    - name: d2d\n"
                             "      ends: [npu, server]\n"
                             "      lanes: 8\n"
                             "      lane_rate: 2 GB/s\n"
                             "      latency: 1 us\n"
                             "      energy: 1 pJ/b\n"
                             "precisions: [fp32, int8]\n") +
                     (more.find("objectives") == std::string::npos
                          ? "objectives: {latency_mean: 1, energy: 1}\n"
                          : "") +
                     (more.find("optimizer:") == std::string::npos
                          ? "optimizer: {name: annealing, budget: 300}\n"
                          : "") +
                     more);
  }

  std::filesystem::path folder_;
};

}  // namespace scenarios
