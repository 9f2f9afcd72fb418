#include "scenarios/checkpoint.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "models/error.h"
#include "models/version.h"
#include "results/output.h"

namespace scenarios {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view format = "partwise-checkpoint 1\n";

}  // namespace

Checkpoint::Checkpoint(fs::path file, std::string run, double seconds, Complain complain)
    : file_(std::move(file)), run_(std::move(run)), seconds_(seconds), complain_(complain) {
  wait(Clock::now());
}

std::string Checkpoint::heading() const {
  return std::string(format) + "version " + std::string(models::version()) + "\ncommit " +
         std::string(models::commit()) + "\nrun " + run_ + "\n\n";
}

/// Writing takes a tenth of the time at most, however large the state.
void Checkpoint::wait(Clock::time_point begun) {
  const auto wanted = std::chrono::duration<double>(std::min(seconds_, 1e9));
  const auto now = Clock::now();
  next_ = now + std::max<Clock::duration>(std::chrono::duration_cast<Clock::duration>(wanted),
                                          9 * (now - begun));
}

std::optional<std::string> Checkpoint::read() const {
  std::error_code error;
  if (!is_on() || !fs::exists(file_, error)) return std::nullopt;
  std::string text;
  try {
    text = results::read_file(file_);
  } catch (const std::runtime_error& fault) {
    refuse(fault.what());
    return std::nullopt;
  }
  const auto wanted = heading();
  if (text.starts_with(wanted)) return text.substr(wanted.size());
  refuse(text.starts_with(format) ? "it was written by another build of Partwise or for another run"
                                  : "it is damaged or no checkpoint");
  return std::nullopt;
}

void Checkpoint::refuse(const std::string& why) const {
  complain_("the checkpoint '" + file_.string() + "' cannot be used: " + why +
            "; the search begins again");
}

void Checkpoint::write(std::string_view state) {
  if (!is_on()) return;
  const auto begun = Clock::now();
  try {
    results::write_file(file_, heading() + std::string(state));
  } catch (const models::EnvironmentError& fault) {
    if (!complained_) complain_(std::string(fault.what()) + "; the search goes on without it");
    complained_ = true;
  }
  wait(begun);
}

void Checkpoint::remove() const {
  if (file_.empty()) return;
  std::error_code error;
  fs::remove(file_, error);
  // Processes that were killed while they wrote have left parts.
  const auto part = "." + file_.filename().string() + ".";
  for (const auto& entry : fs::directory_iterator(file_.parent_path(), error))
    if (entry.path().filename().string().starts_with(part)) fs::remove(entry.path(), error);
}

}  // namespace scenarios
