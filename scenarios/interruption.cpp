#include "scenarios/interruption.h"

namespace scenarios {
namespace {

volatile std::sig_atomic_t asked = 0;

void ask(int) {
  asked = asked + 1;
}

}  // namespace

Interruption::Interruption() {
  asked = 0;
  struct sigaction action {};
  action.sa_handler = ask;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

int Interruption::count() {
  return asked;
}

}  // namespace scenarios
