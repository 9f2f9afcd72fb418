// The loops of elementwise_arithmetic.cpp and its kin, which include this once each, inside of
// namespace { } and compiled for their instruction set. Includes nothing, so that nothing else is.

template <auto function, class T>
void loop(const void* const* operands, void* result, std::int64_t count, const Reals&) {
  const auto* a = static_cast<const T*>(operands[0]);
  const auto* b = static_cast<const T*>(operands[1]);
  using Result = decltype(function(T{}, T{}));
  auto* c = static_cast<Result*>(result);
  for (std::int64_t i = 0; i < count; ++i) c[i] = function(a[i], b[i]);
}

template <auto function, class... Types>
constexpr Loops loops() {
  Loops result{};
  ((result[index_of(type_of<Types>())] = loop<function, Types>), ...);
  return result;
}

template <auto function>
constexpr Loops integer_loops() {
  return loops<function, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
               std::uint16_t, std::uint32_t, std::uint64_t>();
}

template <auto function>
constexpr Loops number_loops() {
  auto result = integer_loops<function>();
  result[index_of(type_of<float>())] = loop<function, float>;
  result[index_of(type_of<double>())] = loop<function, double>;
  return result;
}

/// The type in which T wraps without overflow: unsigned, and too wide to be promoted.
template <class T>
auto wrapping(T value) {
  if constexpr (std::is_floating_point_v<T>)
    return value;
  else if constexpr (sizeof(T) == 8)
    return static_cast<std::uint64_t>(value);
  else
    return static_cast<std::uint32_t>(value);
}

using Byte = std::uint8_t;

constexpr auto add = []<class T>(T a, T b) { return static_cast<T>(wrapping(a) + wrapping(b)); };
constexpr auto subtract = []<class T>(T a, T b) {
  return static_cast<T>(wrapping(a) - wrapping(b));
};
constexpr auto multiply = []<class T>(T a, T b) {
  return static_cast<T>(wrapping(a) * wrapping(b));
};
constexpr auto divide = []<class T>(T a, T b) -> T {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) throw DivisionByZero();
    // The one quotient that has no place wraps.
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return static_cast<T>(0 - wrapping(a));
  }
  return static_cast<T>(a / b);
};

/// Comparisons that are false let the second pass: either is NaN where one of them is.
constexpr auto least = []<class T>(T a, T b) { return a < b || a != a ? a : b; };
constexpr auto greatest = []<class T>(T a, T b) { return a > b || a != a ? a : b; };

constexpr auto sloped = []<class T>(T a, T b) {
  return a < 0 ? static_cast<T>(wrapping(a) * wrapping(b)) : a;
};

constexpr auto equal = []<class T>(T a, T b) { return static_cast<Byte>(a == b); };
constexpr auto greater = []<class T>(T a, T b) { return static_cast<Byte>(a > b); };
constexpr auto greater_or_equal = []<class T>(T a, T b) { return static_cast<Byte>(a >= b); };
constexpr auto less = []<class T>(T a, T b) { return static_cast<Byte>(a < b); };
constexpr auto less_or_equal = []<class T>(T a, T b) { return static_cast<Byte>(a <= b); };

constexpr auto both = [](Byte a, Byte b) { return static_cast<Byte>((a != 0) & (b != 0)); };
constexpr auto either = [](Byte a, Byte b) { return static_cast<Byte>((a != 0) | (b != 0)); };
constexpr auto one = [](Byte a, Byte b) { return static_cast<Byte>((a != 0) != (b != 0)); };
constexpr auto same = [](Byte a, Byte b) { return static_cast<Byte>((a != 0) == (b != 0)); };

constexpr auto bits_and = []<class T>(T a, T b) { return static_cast<T>(a & b); };
constexpr auto bits_or = []<class T>(T a, T b) { return static_cast<T>(a | b); };
constexpr auto bits_xor = []<class T>(T a, T b) { return static_cast<T>(a ^ b); };
constexpr auto shift_left = []<class T>(T a, T b) {
  return b < sizeof(T) * 8 ? static_cast<T>(std::uint64_t{a} << b) : T{0};
};
constexpr auto shift_right = []<class T>(T a, T b) {
  return b < sizeof(T) * 8 ? static_cast<T>(a >> b) : T{0};
};

/// With the sign of the divisor, as Python's %.
constexpr auto modulo = []<class T>(T a, T b) -> T {
  if constexpr (std::is_floating_point_v<T>) {
    const auto rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  } else {
    if (b == 0) throw DivisionByZero();
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return 0;
    const auto rest = static_cast<T>(a % b);
    return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
  }
};
/// With the sign of the dividend, as C's fmod.
constexpr auto remainder = []<class T>(T a, T b) -> T {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    if (b == 0) throw DivisionByZero();
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return 0;
    return static_cast<T>(a % b);
  }
};

/// Negative exponents leave nothing of an integer but of 1 and -1.
constexpr auto whole_power = []<class T>(T base, T exponent) -> T {
  if (exponent < 0) {
    if (base == 1) return 1;
    if (base == static_cast<T>(-1)) return exponent % 2 == 0 ? T{1} : static_cast<T>(-1);
    if (base == 0) throw DivisionByZero();
    return 0;
  }
  auto factor = static_cast<std::uint64_t>(base);
  std::uint64_t result = 1;
  for (auto rest = static_cast<std::uint64_t>(exponent); rest > 0; rest >>= 1) {
    if (rest & 1u) result *= factor;
    factor *= factor;
  }
  return static_cast<T>(result);
};

template <class T>
bool all_are(const T* values, std::int64_t count, T value) {
  std::int64_t others = 0;
  for (std::int64_t i = 0; i < count; ++i) others += values[i] != value;
  return others == 0;
}

/// The exponents of normalisations and of GELU written out are worth a loop of their own.
template <class T>
void power(const void* const* operands, void* result, std::int64_t count, const Reals&) {
  const auto* a = static_cast<const T*>(operands[0]);
  const auto* b = static_cast<const T*>(operands[1]);
  auto* c = static_cast<T*>(result);
  if (all_are(b, count, T{2})) {
    for (std::int64_t i = 0; i < count; ++i) c[i] = a[i] * a[i];
  } else if (all_are(b, count, T{3})) {
    for (std::int64_t i = 0; i < count; ++i) c[i] = a[i] * a[i] * a[i];
  } else if (all_are(b, count, T{0.5})) {
    // The root of -0 is -0 and that of minus infinity none; powers are 0 and infinity.
    constexpr T infinity = std::numeric_limits<T>::infinity();
    for (std::int64_t i = 0; i < count; ++i)
      c[i] = a[i] == -infinity ? infinity : std::sqrt(a[i] + T{0});
  } else {
    for (std::int64_t i = 0; i < count; ++i) c[i] = std::pow(a[i], b[i]);
  }
}

constexpr Loops of_booleans(Loop made) {
  Loops result{};
  result[index_of(models::ElementType::boolean)] = made;
  return result;
}

constexpr Loops powers() {
  auto result = loops<whole_power, std::int64_t>();
  result[index_of(type_of<float>())] = power<float>;
  result[index_of(type_of<double>())] = power<double>;
  return result;
}

constexpr Loops with_booleans(Loops numbers, Loop booleans) {
  numbers[index_of(models::ElementType::boolean)] = booleans;
  return numbers;
}

template <auto function>
constexpr Loops shifts() {
  return loops<function, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>();
}

struct Entry {
  std::string_view type;
  Loops loops;
};
constexpr Entry table[] = {
    {"Add", number_loops<add>()},
    {"Sub", number_loops<subtract>()},
    {"Mul", number_loops<multiply>()},
    {"Div", number_loops<divide>()},
    {"Min", number_loops<least>()},
    {"Max", number_loops<greatest>()},
    {"PRelu", number_loops<sloped>()},
    {"Pow", powers()},
    {"Mod", number_loops<modulo>()},
    {"fmod", number_loops<remainder>()},
    {"Equal", with_booleans(number_loops<equal>(), loop<same, Byte>)},
    {"Greater", number_loops<greater>()},
    {"GreaterOrEqual", number_loops<greater_or_equal>()},
    {"Less", number_loops<less>()},
    {"LessOrEqual", number_loops<less_or_equal>()},
    {"And", of_booleans(loop<both, Byte>)},
    {"Or", of_booleans(loop<either, Byte>)},
    {"Xor", of_booleans(loop<one, Byte>)},
    {"BitwiseAnd", integer_loops<bits_and>()},
    {"BitwiseOr", integer_loops<bits_or>()},
    {"BitwiseXor", integer_loops<bits_xor>()},
    {"LEFT", shifts<shift_left>()},
    {"RIGHT", shifts<shift_right>()},
};

Loops found(std::string_view type) {
  for (const auto& entry : table)
    if (entry.type == type) return entry.loops;
  return {};
}
