#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "models/executor.h"
#include "optimizers/bounds/bounds.h"
#include "optimizers/designs.h"
#include "results/run_file.h"
#include "scenarios/scenario.h"

namespace scenarios {

/// The platforms that a scenario's co-design chooses among.
class Platforms final : public optimizers::Designs {
 public:
  /// The scenario has a co-design; `first` is what its own platform was compiled to.
  Platforms(const Scenario& scenario, std::shared_ptr<const models::Problem> first);

  std::shared_ptr<const models::Problem> problem(std::uint32_t design) override;
  double excess(std::uint32_t design, const models::Goal& goal) override;

  /// nullopt where it does not hold together.
  std::optional<models::Platform> platform(std::uint32_t design) const;
  /// What every path has there, for people: "platform.links.d2d.lanes" and "8".
  std::vector<results::NamedValue> values(std::uint32_t design) const;
  /// The platform where they are so; nullopt where there is none.
  std::optional<std::uint32_t> with_values(const std::vector<results::NamedValue>& values) const;

 private:
  std::shared_ptr<const models::Problem> compiled(std::uint32_t design) const;

  Codesign codesign_;
  std::vector<models::NetworkUse> uses_;
  models::Choices choices_;
  std::vector<models::Event> events_;
  Value tree_;  ///< the first platform, below "platform"

  std::mutex mutex_;
  /// The ones used last, and the first.
  std::list<std::pair<std::uint32_t, std::shared_ptr<const models::Problem>>> recent_;
  std::shared_ptr<const models::Problem> first_;
  std::size_t most_ = 4;
  std::map<std::uint32_t, double> excess_;  ///< of one goal: there is one per run
};

/// The parts as if the platform of that number were the only one.
Parts parts_at(const Parts& parts, std::uint32_t design);

/// The same, of the platform that a plan was made for. Throws InputError where the scenario has no
/// such platform.
Parts parts_with(const Parts& parts, const std::vector<results::NamedValue>& values);

/// Renumbers the stored plans of a co-design, whose platforms may have different devices and links:
/// names are those of the best plan's platform, then what others have beside them. After it the
/// plans mean something in the record alone; their JSON is for their own platforms.
void use_common_names(results::RunFile& record, const Parts& parts);

/// What no plan can beat, on any platform of a co-design; nullopt where there are too many to look
/// at each.
std::optional<optimizers::Bounds> bounds_of(const Parts& parts);
std::optional<optimizers::MetricBound> bound_of(const Parts& parts, models::Metric metric);

/// What scores plans of the parts' problem, or of all platforms of a co-design.
std::unique_ptr<models::Evaluator> make_evaluator(const Parts& parts);

}  // namespace scenarios
