#include <charconv>
#include <limits>
#include <map>
#include <type_traits>

#include "models/error.h"
#include "models/placement/generate.h"

namespace models {
namespace {

using Shape = PlacementRecipe::Shape;

[[noreturn]] void refuse(std::string_view part, const std::string& what) {
  throw InputError("recipe: '" + std::string(part) + "': " + what);
}

template <class Number>
Number number(std::string_view part, std::string_view text, Number low, Number high) {
  Number value{};
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size() || !(value >= low && value <= high))
    refuse(part, (std::is_integral_v<Number> ? "not a whole number from " : "not a number from ") +
                     shortest(static_cast<double>(low)) + " to " +
                     shortest(static_cast<double>(high)));
  return value;
}

Shape shape(std::string_view part, std::string_view text) {
  if (text == "chain") return Shape::chain;
  if (text == "layered") return Shape::layered;
  if (text == "branches") return Shape::branches;
  if (text == "training") return Shape::training;
  refuse(part, "there are the shapes chain, layered, branches, training");
}

void read_ratio(PlacementRecipe& recipe, std::string_view part, std::string_view text) {
  const auto dots = text.find("..");
  recipe.slowest = number(part, text.substr(0, dots), 0.001, 1e6);
  recipe.fastest = dots == std::string_view::npos
                       ? recipe.slowest
                       : number(part, text.substr(dots + 2), recipe.slowest, 1e6);
}

void read_part(PlacementRecipe& recipe, std::string_view part) {
  const auto equals = part.find('=');
  const auto key = part.substr(0, equals);
  const auto text = equals == std::string_view::npos ? "" : part.substr(equals + 1);
  if (key == "shape")
    recipe.shape = shape(part, text);
  else if (key == "nodes")
    recipe.nodes = number(part, text, 1, 1'000'000);
  else if (key == "devices")
    recipe.devices = number(part, text, 0, 10'000);
  else if (key == "cpus")
    recipe.cpus = number(part, text, 0, 10'000);
  else if (key == "ratio")
    read_ratio(recipe, part, text);
  else if (key == "unsupported")
    recipe.unsupported = number(part, text, 0.0, 1.0);
  else if (key == "colours")
    recipe.colours = number(part, text, 0.0, 1.0);
  else if (key == "memory")
    recipe.memory = number(part, text, 0.0, 1e6);
  else if (key == "communication")
    recipe.communication = number(part, text, 0.0, 1e6);
  else if (key == "seed")
    recipe.seed = number(part, text, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max());
  else
    refuse(part,
           "there are shape, nodes, devices, cpus, ratio, unsupported, colours, memory, "
           "communication, seed");
}

}  // namespace

PlacementRecipe parse_placement_recipe(std::string_view text) {
  PlacementRecipe recipe;
  std::map<std::string_view, std::string_view> given;  // key -> its part
  const auto* const begin = text.data();
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    const auto place = std::to_string(part.data() - begin + 1);
    if (part.empty() || comma + 1 == text.size())
      throw InputError("recipe: a comma too many at character " +
                       std::to_string(part.data() + part.size() - begin + 1) +
                       "; write parts as key=value, with one comma between two");
    read_part(recipe, part);
    const auto key = part.substr(0, part.find('='));
    if (const auto [before, fresh] = given.emplace(key, part); !fresh)
      refuse(part, "'" + std::string(key) + "' is given twice, here at character " + place +
                       " and as '" + std::string(before->second) + "' before; keep one of them");
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
  }
  if (recipe.cpus == 0 && recipe.unsupported > 0)
    throw InputError("recipe: without CPUs no node may be unsupported");
  return recipe;
}

}  // namespace models
