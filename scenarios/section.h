#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/error.h"
#include "models/visitor.h"
#include "scenarios/value.h"

namespace scenarios {

/// One thing that is wrong with a file. Without a file in its place, `what` already tells it.
struct Fault {
  models::Place place;
  std::string what;
  models::InputError error() const {
    return place.file.empty() ? models::InputError(what) : models::InputError(place, what);
  }
};
using Faults = std::vector<Fault>;

/// Reads one mapping strictly: a missing key, a key nobody asked for, a value of the wrong kind or
/// outside its range are faults that point at the line. Reading goes on after a fault, with the
/// value left as it was, so that one pass finds them all.
class Section final : public models::Visitor {
 public:
  /// Both must outlive the section.
  Section(const Value& mapping, Faults& faults);

  using models::Visitor::visit;
  void visit(std::string_view name, std::string& value, const models::About&) override;
  void visit(std::string_view name, bool& value, const models::About&) override;
  void visit(std::string_view name, std::int64_t& value, const models::About&) override;
  void visit(std::string_view name, double& value, const models::About&) override;
  void visit(std::string_view name, models::Time& value, const models::About&) override;
  void visit(std::string_view name, models::Bytes& value, const models::About&) override;
  void visit(std::string_view name, std::vector<std::string>& value, const models::About&) override;
  void visit(std::string_view name, std::vector<std::int64_t>& value,
             const models::About&) override;
  void quantity(std::string_view name, double& value, models::Dimension,
                const models::About&) override;
  void choice(std::string_view name, int& index, std::span<const std::string_view> words,
              const models::About&) override;
  bool group(std::string_view name, bool present, const models::About&, const Item& item) override;
  void list(std::string_view name, std::size_t count, const models::About&,
            const std::function<void(std::size_t)>& resize, const Item& item) override;
  void table(std::string_view name, std::vector<std::string>& keys, const models::About&,
             const std::function<void(std::size_t)>& resize, const Item& item) override;
  /// `name` may be an element of a list of words: "wires[2]". Says nothing where the section
  /// already has faults or lacks a key: the value in question may never have been read.
  void refuse(std::string_view name, const std::string& why) override;

  /// Complains about what is missing and what nobody asked for. To be called once, at the end.
  void finish();

 private:
  const Value* value_of(std::string_view name, const models::About& about);
  template <class Parse>
  void read(std::string_view name, const models::About& about, Parse parse);
  void fault(const models::Place& place, std::string what);
  void read_items(const Value& value, const Item& item, std::size_t index);

  struct Missing {
    std::string name;
    std::string meaning;
  };
  const Value& mapping_;
  Faults& faults_;
  std::size_t faults_before_;
  std::vector<std::string> known_;
  std::vector<Missing> missing_;
};

/// Fills a thing from a mapping; adds what is wrong to `faults`. What describe() itself throws is a
/// fault of the whole mapping.
template <class Thing>
void read(const Value& mapping, Thing& thing, Faults& faults) {
  Section section(mapping, faults);
  try {
    describe(thing, section);
  } catch (const models::InputError& error) {
    section.refuse("", error.what());
  }
  section.finish();
}

/// Throws the first of the faults, if there is one, in the order of the file.
void throw_first(Faults faults);

/// In the order of lines within each file (files in order of first fault), each once.
std::vector<models::InputError> sorted(Faults faults);

}  // namespace scenarios
