#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "scenarios/console.h"

namespace scenarios {

/// Something a verb can be given on the command line, and where it goes.
struct Option {
  using Target = std::variant<bool*, std::string*, std::vector<std::string>*, std::int64_t*,
                              std::optional<std::uint64_t>*>;

  std::string name;   ///< "--out" or "-j,--jobs"; of what is given without a name "FILE"
  std::string value;  ///< what stands for its value in the help: "DIR"; empty for a switch
  std::string meaning;
  Target target;
  bool required = false;

  bool is_positional() const { return !name.starts_with('-'); }
};

/// One thing the program can be asked to do.
class Verb {
 public:
  virtual ~Verb() = default;
  /// Targets lie in the verb.
  virtual std::vector<Option> options() = 0;
  /// Answers an exit code; what goes wrong it throws.
  virtual int act(const Console& console) = 0;
};

/// One row per verb. To add yours: one file with make_yours(), one row in verbs.cpp.
struct VerbEntry {
  std::string_view name;
  std::string_view summary;
  std::string_view example;  ///< command lines without the program's name, one per line
  std::string_view notes;    ///< what else is worth knowing, at the end of its help
  std::unique_ptr<Verb> (*make)();
};

std::span<const VerbEntry> verbs();

std::unique_ptr<Verb> make_check();
std::unique_ptr<Verb> make_inspect();
std::unique_ptr<Verb> make_run();
std::unique_ptr<Verb> make_simulate();
std::unique_ptr<Verb> make_show();
std::unique_ptr<Verb> make_explain();
std::unique_ptr<Verb> make_export();
std::unique_ptr<Verb> make_verify();
std::unique_ptr<Verb> make_infer();
std::unique_ptr<Verb> make_calibrate();
std::unique_ptr<Verb> make_place();
std::unique_ptr<Verb> make_list();
std::unique_ptr<Verb> make_bench();

}  // namespace scenarios
