#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/plan.h"
#include "models/random.h"

namespace optimizers {

/// What a search knows, on its way to a checkpoint or back: the same call does both, so that what
/// is written is what is read.
///
///   void Annealing::keep(State& state) { state(random_, used_, current_); }
///
/// A type of one's own has a member `void keep(State&)`. Numbers keep their bits, so a search that
/// is read back goes on as if it had never stopped. Files are for the same build on the same kind
/// of machine; what surrounds them checks that. What is read has passed a checksum, so it needs no
/// second look.
class State {
 public:
  State() = default;  ///< writes
  /// Reads what was written, which must outlive it. Throws InputError when it is damaged.
  explicit State(std::string_view bytes);

  bool reading() const { return reading_; }
  /// What was written, with a checksum behind it.
  std::string bytes() const;
  bool at_end() const { return from_.empty(); }

  template <class... Things>
  void operator()(Things&... things) {
    (keep(things), ...);
  }

 private:
  template <class T>
  void keep(T& thing) {
    if constexpr (requires { thing.keep(*this); })
      thing.keep(*this);
    else
      raw(&thing, plain_size<T>());
  }
  template <class T>
  static constexpr std::size_t plain_size() {
    static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>,
                  "give the type a member keep(State&)");
    return sizeof(T);
  }
  template <class T>
  void keep(std::vector<T>& list) {
    const auto count = counted(list.size());
    if (reading_) list.resize(count);
    if constexpr (std::is_trivially_copyable_v<T> && !std::is_same_v<T, bool>)
      raw(list.data(), count * sizeof(T));
    else
      for (auto& one : list) keep(one);
  }
  template <class T, std::size_t n>
  void keep(std::array<T, n>& list) {
    for (auto& one : list) keep(one);
  }
  template <class T>
  void keep(std::optional<T>& maybe) {
    bool there = maybe.has_value();
    keep(there);
    if (reading_) maybe = there ? std::optional<T>(std::in_place) : std::nullopt;
    if (there) keep(*maybe);
  }
  template <class A, class B>
  void keep(std::pair<A, B>& two) {
    (*this)(two.first, two.second);
  }
  void keep(std::string& text);
  void keep(models::Plan& plan);
  void keep(models::Random& random);

  /// The number of things that follow. Throws InputError when it cannot be.
  std::size_t counted(std::size_t count);
  /// Copies bytes out or in. Throws InputError where they are missing.
  void raw(void* data, std::size_t size);

  bool reading_ = false;
  std::string bytes_;
  std::string_view from_;
};

}  // namespace optimizers
