#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "scenarios/command_line.h"
#include "scenarios/console.h"

int main(int count, char** arguments) {
  // Results are stored even when nobody reads the table any more; a file too large is an error like
  // a full disk.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  scenarios::Output results(STDOUT_FILENO), narration(STDERR_FILENO);
  std::ostream out(&results), err(&narration);
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const char* no_color = std::getenv("NO_COLOR");
  const bool colours = terminal && (no_color == nullptr || *no_color == '\0');
  const scenarios::Console console{out, err, terminal, colours};

  const int code =
      scenarios::do_command(std::vector<std::string>(arguments + 1, arguments + count), console);

  out.flush();
  if (results.error() == 0 || results.error() == EPIPE) return code;
  console.complain(std::string("cannot write the results: ") + std::strerror(results.error()));
  return scenarios::exit_code::environment;
}
