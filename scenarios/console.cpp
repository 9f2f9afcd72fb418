#include "scenarios/console.h"

#include <unistd.h>

#include <cerrno>

namespace scenarios {

void Console::say(std::string_view line) const {
  err << line << '\n' << std::flush;
}

void Console::complain(std::string_view line) const {
  err << (colours ? "\x1b[1;31mpartwise:\x1b[0m " : "partwise: ") << line << '\n' << std::flush;
}

Output::int_type Output::overflow(int_type letter) {
  sync();
  if (!traits_type::eq_int_type(letter, traits_type::eof())) {
    *pptr() = traits_type::to_char_type(letter);
    pbump(1);
  }
  return traits_type::not_eof(letter);
}

int Output::sync() {
  const char* next = pbase();
  while (error_ == 0 && next < pptr()) {
    const auto count = ::write(descriptor_, next, static_cast<std::size_t>(pptr() - next));
    if (count >= 0)
      next += count;
    else if (errno != EINTR)
      error_ = errno;
  }
  setp(buffer_, buffer_ + size);
  return 0;
}

}  // namespace scenarios
