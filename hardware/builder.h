#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "hardware/buffers.h"
#include "hardware/kernel.h"
#include "hardware/parts.h"
#include "hardware/recipe.h"

namespace hardware {

/// Makes a program: chooses kernels in the order of the recipe, and puts conversions between them
/// where what one makes is not as the next one wants it.
class Builder {
 public:
  Builder(models::ValuedNetwork network, Recipe recipe, const ProgramOptions& options);

  std::unique_ptr<ProgramParts> build();

 private:
  /// A tensor as it lies in memory, once.
  struct Value {
    Layout layout;
    int tensor = -1;                 ///< of the network; -1: inside a step
    int buffer = -1;                 ///< shared with what it is another name of; -1: constant
    models::TensorValue constant{};  ///< where it never changes
    bool used = false;               ///< read by some action
  };
  struct Action {
    Prepared prepared;
    std::vector<int> inputs;  ///< values; -1: absent or packed
    std::vector<int> outputs;
    int step = 0;
  };
  /// An operator's request, and the values that go with it.
  struct Call {
    Request request;
    std::vector<int> inputs;
  };
  /// Operators done in one step: a first one, and others that only its kernel may do.
  struct Chain {
    std::vector<int> tasks;
    bool folds_normalization = false;
  };

  // builder.cpp: values
  int add_value(Layout layout, int tensor);
  int add_constant(models::TensorValue value, int tensor);
  int renamed(int value, Layout layout, int tensor);
  int constant_of(int tensor);
  int laid_out(int value, const Layout& wanted, int step);
  int rounded_constant(int value, models::Precision precision);
  models::TensorValue computed_constant(int op, int tensor);
  Layout plain_layout(int tensor) const;
  Layout storage(int tensor, models::Precision format) const;
  int coded_as(int tensor) const;
  void find_joined();
  int add_step(Step step);
  void add_action(Prepared prepared, std::vector<int> inputs, std::vector<int> outputs, int step);
  void add_inputs();
  void add_outputs();
  void find_readers();
  void forget_constants(std::size_t first_value);

  // builder_nodes.cpp: tasks
  void add_task(int task);
  void add_operator(int task);
  void add_conversion(const Recipe::Task& task);
  void add_renaming(const Recipe::Task& task);
  bool add_native(const Recipe::Task& first, const Chain& chain, models::Precision precision);
  void add_plain(const Recipe::Task& task);
  bool add_moving(const Recipe::Task& task);
  Call call(const Recipe::Task& task, models::Precision precision);
  void carry_out(Prepared prepared, Call call, const std::vector<int>& instances, int step);
  bool all_float32(const models::Operator& op) const;
  std::string tensor_name(int tensor) const;
  int rounded(int value, models::Precision format, int tensor, int step);

  // fusing.cpp
  Chain chain_from(int task);
  std::optional<Fused> fused(const models::Operator& op, int before);
  bool is_constant(int tensor) const;
  bool folds(const models::Operator& conv, const models::Operator& op) const;
  std::vector<models::TensorValue> normalized_weights(const models::Operator& conv,
                                                      const models::Operator& normalization);

  // finishing.cpp
  void join_in_place();
  std::vector<std::pair<int, int>> observable() const;
  std::unique_ptr<ProgramParts> finish();

  models::ValuedNetwork network_;
  Recipe recipe_;
  const ProgramOptions& options_;
  std::vector<bool> constant_operator_;
  std::vector<Value> values_;
  std::vector<Buffer> buffers_;
  std::vector<Action> actions_;
  std::vector<Step> steps_;
  std::vector<int> value_of_;   ///< [instance]
  std::vector<int> readers_;    ///< [instance] tasks that read it; outputs count as well
  std::vector<int> reader_;     ///< [instance] the last of them
  std::vector<int> maker_;      ///< [instance] task, -1 of inputs
  std::vector<int> joined_by_;  ///< [tensor] what a Concat in int8, its only reader, makes; -1
  std::vector<bool> done_;      ///< [task]
  std::map<int, std::vector<int>> weight_readers_;  ///< [weight] tasks; of those needed on, none
  std::map<int, int> constants_;                    ///< [tensor] value
  std::map<std::pair<int, models::Precision>, int> rounded_constants_;  ///< [value, precision]
  std::map<int, std::vector<int>> laid_out_;  ///< [value] the same in other layouts
  std::vector<int> inputs_, outputs_;         ///< values
};

}  // namespace hardware
