#include "scenarios/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <exception>
#include <filesystem>
#include <new>
#include <type_traits>

#include "models/error.h"
#include "models/network/shape.h"
#include "models/version.h"
#include "scenarios/value.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {

using models::InputError;

namespace {

using Words = std::vector<std::string>;

std::string padded(std::string_view text, std::size_t width) {
  std::string line = "  " + std::string(text);
  line.resize(std::max(line.size(), width), ' ');
  return line + "  ";
}

/// Example lines, each after the program's name.
std::string examples(const VerbEntry& entry) {
  std::string text;
  for (const auto& line : CLI::detail::split(std::string(entry.example), '\n'))
    text += "  partwise " + line + "\n";
  return text;
}

void show_help(std::ostream& out) {
  out << "Example:\n  partwise run scenarios/examples/quickstart.yaml\n\n"
         "Partitions a neural network over accelerators: optimises, simulates, explains.\n\n"
         "Verbs (partwise VERB --help tells more):\n";
  for (const auto& entry : verbs()) out << padded(entry.name, 10) << entry.summary << '\n';
  out << "\nExit codes: 0 done, 1 some runs failed, 2 usage or invalid input, 3 environment,\n"
         "4 not what was expected, 70 a bug in partwise, 130 interrupted.\n";
}

void show_help(const VerbEntry& entry, std::ostream& out) {
  const auto verb = entry.make();
  const auto options = verb->options();
  out << "Example:\n" << examples(entry) << '\n' << entry.name << ": " << entry.summary << "\n\n";
  out << "Usage: partwise " << entry.name;
  for (const auto& option : options)
    if (option.is_positional())
      out << ' ' << option.name;
    else if (option.required)
      out << ' ' << option.name << ' ' << option.value;
  out << " [options]\n\n";
  for (const auto& option : options) {
    const auto space = option.value.empty() ? "" : " ";
    const auto name = option.is_positional() ? option.name : option.name + space + option.value;
    out << padded(name, 22) << option.meaning << '\n';
  }
  out << padded("-h,--help", 22) << "this text\n";
  if (!entry.notes.empty()) out << '\n' << entry.notes << '\n';
}

Words names_of(const std::vector<Option>& options) {
  Words names = {"--help"};
  for (const auto& option : options)
    for (const auto& name : CLI::detail::split(option.name, ',')) names.push_back(name);
  return names;
}

/// The parser's own conversion takes what is too large for the largest number, and -1 for it.
template <class Number>
Number whole_number(const std::string& name, const std::string& text) {
  Number number = 0;
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range)
    throw InputError(name + ": '" + text + "' is too large");
  if (error != std::errc{} || rest != end)
    throw InputError(name + ": '" + text + "' is not a whole number" +
                     (std::is_unsigned_v<Number> ? " of 0 or more" : ""));
  return number;
}

CLI::Option* add(CLI::App& app, const Option& option, const std::string& verb) {
  const auto name = option.is_positional() ? CLI::detail::to_lower(option.name) : option.name;
  const auto called = verb + ": " + option.name;
  return std::visit(
      [&](auto* target) -> CLI::Option* {
        using Target = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<Target, bool>)
          return app.add_flag(name, *target);
        else if constexpr (std::is_same_v<Target, std::int64_t>)
          return app.add_option_function<std::string>(name, [=](const std::string& text) {
            *target = whole_number<std::int64_t>(called, text);
          });
        else if constexpr (std::is_same_v<Target, std::optional<std::uint64_t>>)
          return app.add_option_function<std::string>(name, [=](const std::string& text) {
            *target = whole_number<std::uint64_t>(called, text);
          });
        else if constexpr (std::is_same_v<Target, std::vector<std::string>>)
          // Of an option one word only: what follows '--set a=1' is something else.
          return app.add_option(name, *target)
              ->expected(1, option.is_positional() ? 1 << 20 : 1)
              ->take_all()
              ->allow_extra_args(option.is_positional());
        else
          return app.add_option(name, *target);
      },
      option.target);
}

/// Complains about the first word that looks like an option and is none.
void refuse_unknown(const Words& words, const VerbEntry& entry,
                    const std::vector<Option>& options) {
  const auto known = names_of(options);
  const std::string verb(entry.name);
  for (const auto& word : words) {
    if (word == "--") return;
    if (word.size() < 2 || word[0] != '-') continue;
    if (std::isdigit(static_cast<unsigned char>(word[1])))
      throw InputError(verb + ": '" + word + "' is negative, which no option takes");
    const auto name = word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
    if (std::ranges::find(known, name) == known.end())
      throw InputError(verb + ": unknown option '" + name + "'" + suggestion(name, known) +
                       " ('partwise " + verb + " --help' shows them all)");
  }
}

/// Complains about the first option that is given no value, but followed by another option.
void refuse_missing_values(const Words& words, const std::string& verb,
                           const std::vector<Option>& options) {
  for (const auto& option : options) {
    if (option.is_positional() || option.value.empty()) continue;
    for (const auto& name : CLI::detail::split(option.name, ','))
      for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
        const bool last = i + 1 == words.size();
        if (words[i] != name + "=" &&
            (words[i] != name || (!last && !words[i + 1].starts_with("-"))))
          continue;
        throw InputError(verb + ": " + name + " needs a value: " + name + " " + option.value);
      }
  }
}

void parse(const Words& words, const VerbEntry& entry, const std::vector<Option>& options) {
  refuse_unknown(words, entry, options);
  refuse_missing_values(words, std::string(entry.name), options);
  CLI::App app;
  app.set_help_flag();
  const std::string verb(entry.name);
  std::vector<std::pair<CLI::Option*, const Option*>> added;
  for (const auto& option : options) added.emplace_back(add(app, option, verb), &option);
  const auto hint =
      " (example: partwise " + std::string(entry.example.substr(0, entry.example.find('\n'))) + ")";
  try {
    app.parse(Words(words.rbegin(), words.rend()));
  } catch (const CLI::ExtrasError&) {
    throw InputError(verb + ": '" + app.remaining().front() + "' is one argument too many" + hint);
  } catch (const CLI::ParseError& error) {
    for (const auto& [given, option] : added)
      if (given->count() > 1 && !option->is_positional() && given->get_expected_max() == 1)
        throw InputError(verb + ": " + option->name + " is given more than once");
    throw InputError(verb + ": " + error.what() + hint);
  }
  for (const auto& [given, option] : added)
    if (option->required && given->count() == 0)
      throw InputError(verb + ": " + option->name + " is missing: " + option->meaning + hint);
}

const VerbEntry& find_verb(const std::string& name) {
  Words names;
  std::string all;
  for (const auto& entry : verbs()) {
    if (entry.name == name) return entry;
    names.emplace_back(entry.name);
    all += (all.empty() ? "" : ", ") + names.back();
  }
  throw InputError("unknown verb '" + name + "'" + suggestion(name, names) + " (there are " + all +
                   ")");
}

bool asks_for_help(const Words& words) {
  for (const auto& word : words) {
    if (word == "--") return false;
    if (word == "-h" || word == "--help") return true;
  }
  return false;
}

int act(const Words& arguments, const Console& console) {
  if (arguments.empty()) {
    show_help(console.err);
    return exit_code::invalid;
  }
  const auto& first = arguments.front();
  if (first == "--version") {
    console.out << "partwise " << models::version() << " (" << models::commit() << ")\n";
    return exit_code::done;
  }
  if (first == "-h" || first == "--help" || first == "help") {
    show_help(console.out);
    return exit_code::done;
  }
  const auto& entry = find_verb(first);
  const Words words(arguments.begin() + 1, arguments.end());
  if (asks_for_help(words)) {
    show_help(entry, console.out);
    return exit_code::done;
  }
  const auto verb = entry.make();
  parse(words, entry, verb->options());
  return verb->act(console);
}

}  // namespace

int do_command(const std::vector<std::string>& arguments, const Console& console) {
  try {
    return act(arguments, console);
  } catch (const InputError& error) {
    console.complain(error.what());
    return exit_code::invalid;
  } catch (const models::EnvironmentError& error) {
    console.complain(error.what());
    return exit_code::environment;
  } catch (const models::TooLarge& error) {
    console.complain(std::string("a size in the input cannot be meant: ") + error.what());
    return exit_code::invalid;
  } catch (const std::filesystem::filesystem_error& error) {
    console.complain(error.what());
    return exit_code::environment;
  } catch (const std::bad_alloc&) {
    console.complain("there is not enough memory");
    return exit_code::environment;
  } catch (const std::exception& error) {
    console.complain(std::string("this is a bug, please report it with the command line and the "
                                 "version (partwise --version): ") +
                     error.what());
    return exit_code::bug;
  }
}

}  // namespace scenarios
