#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/goal.h"
#include "models/plan.h"
#include "models/problem.h"
#include "models/random.h"

namespace optimizers {

/// The platforms of a co-design: the cross product of the values that a few variables may take, as
/// numbers 0 to count() - 1, the last variable fastest. Plans say with Plan::platform which of them
/// they are for. Number 0 has the first value of every variable.
class Designs {
 public:
  /// [variable] how many values it takes, at least one each. Throws InputError for more than
  /// most_designs of them in all.
  explicit Designs(std::vector<std::int64_t> sizes);
  virtual ~Designs() = default;

  std::int64_t count() const { return count_; }
  std::size_t variables() const { return sizes_.size(); }
  std::int64_t size(std::size_t variable) const { return sizes_[variable]; }
  /// Which of its values the variable has there.
  std::int64_t value(std::uint32_t design, std::size_t variable) const;
  /// The same with another value of one variable.
  std::uint32_t with(std::uint32_t design, std::size_t variable, std::int64_t value) const;
  /// Another design that differs in one variable: two times in three by one step.
  std::uint32_t neighbour(std::uint32_t design, models::Random& random) const;
  std::uint32_t drawn(models::Random& random) const;

  /// Compiled; nullptr where the platform does not hold together. Safe to call from any thread.
  virtual std::shared_ptr<const models::Problem> problem(std::uint32_t design) = 0;
  /// How far the platform alone, by its area and price, is from the goal's limits: a part of the
  /// violation of every plan there. 0 where it does not hold together.
  virtual double excess(std::uint32_t design, const models::Goal& goal) = 0;

  static constexpr std::int64_t most_designs = 1'000'000'000;

 private:
  std::vector<std::int64_t> sizes_;
  std::int64_t count_ = 1;
};

/// The plan for another platform: operators stay on devices of the same name in the same precision
/// where they may, else they go where they are fastest, if possible on a device that the plan uses;
/// formats to devices of the same name stay, and links power the nearest width, or all of their
/// lanes where they did. The order stays. Both problems are of the same network and choices.
models::Plan carried_over(const models::Problem& from, const models::Plan& plan,
                          const models::Problem& to);

}  // namespace optimizers
