// The loops of reducing_loops.cpp and its kin, which include this once each, inside of namespace {
// } and compiled for their instruction set. Includes nothing, so that nothing else is.

template <class T>
constexpr bool real = std::is_floating_point_v<T>;

/// In what sums are kept: double, or integers that wrap.
template <class T>
using Wide = std::conditional_t<real<T>, double, std::uint64_t>;

/// What all reductions of the sort "add something up, then make something of it" have in common.
template <class T>
struct Adding {
  using Part = Wide<T>;
  static Part start() { return {}; }
  static Part join(Part a, Part b) { return a + b; }
};

template <class T>
struct Sum : Adding<T> {
  static Wide<T> add(Wide<T> part, T x) { return part + static_cast<Wide<T>>(x); }
  static T end(Wide<T> part, std::int64_t) { return static_cast<T>(part); }
};

template <class T>
struct Mean : Sum<T> {
  static T end(Wide<T> part, std::int64_t count) {
    if constexpr (real<T>) {
      return static_cast<T>(part / static_cast<double>(count));
    } else {
      if (count == 0) throw DivisionByZero();
      return static_cast<T>(static_cast<T>(part) / static_cast<T>(count));
    }
  }
};

template <class T>
struct L1 : Sum<T> {
  static Wide<T> add(Wide<T> part, T x) {
    if constexpr (real<T>)
      return part + std::abs(static_cast<double>(x));
    else
      return x < 0 ? part - static_cast<Wide<T>>(x) : part + static_cast<Wide<T>>(x);
  }
};

template <class T>
struct SumSquare : Sum<T> {
  static Wide<T> add(Wide<T> part, T x) {
    const auto wide = static_cast<Wide<T>>(x);
    return part + wide * wide;
  }
};

/// Squares of integers may be many more than integers can count.
template <class T>
struct L2 {
  using Part = double;
  static Part start() { return 0; }
  static Part join(Part a, Part b) { return a + b; }
  static Part add(Part part, T x) {
    const auto wide = static_cast<double>(x);
    return part + wide * wide;
  }
  static T end(Part part, std::int64_t) { return static_cast<T>(std::sqrt(part)); }
};

template <class T>
struct LogSum : Sum<T> {
  static T end(Wide<T> part, std::int64_t) {
    return static_cast<T>(std::log(static_cast<double>(static_cast<T>(part))));
  }
};
template <>
struct LogSum<float> : Sum<float> {
  static float end(double part, std::int64_t) { return static_cast<float>(std::log(part)); }
};

template <class T>
struct Prod {
  using Part = Wide<T>;
  static Part start() { return 1; }
  static Part join(Part a, Part b) { return a * b; }
  static Part add(Part part, T x) { return part * static_cast<Part>(x); }
  static T end(Part part, std::int64_t) { return static_cast<T>(part); }
};

/// NaN once is NaN for ever, as numpy has it.
template <class T>
struct Max {
  using Part = T;
  static Part start() {
    return real<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  }
  static Part add(Part part, T x) { return x > part || x != x ? x : part; }
  static Part join(Part a, Part b) { return add(a, b); }
  static T end(Part part, std::int64_t) { return part; }
};
template <class T>
struct Min {
  using Part = T;
  static Part start() {
    return real<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  }
  static Part add(Part part, T x) { return x < part || x != x ? x : part; }
  static Part join(Part a, Part b) { return add(a, b); }
  static T end(Part part, std::int64_t) { return part; }
};

/// Keeps the largest so far apart, so that no exponential overflows.
template <class T>
struct LogSumExp {
  struct Part {
    double largest = -std::numeric_limits<double>::infinity();
    double sum = 0;  ///< of exp(x - largest)
  };
  static Part start() { return {}; }
  static Part join(Part a, Part b) {
    if (b.sum == 0) return a;
    if (a.sum == 0) return b;
    if (a.largest < b.largest) std::swap(a, b);
    // Equal infinities have no difference.
    if (a.largest != b.largest) b.sum *= std::exp(b.largest - a.largest);
    return {a.largest, a.sum + b.sum};
  }
  static Part add(Part part, T x) {
    const auto wide = static_cast<double>(x);
    if (wide == -std::numeric_limits<double>::infinity()) return part;
    return join(part, {wide, 1});
  }
  static T end(Part part, std::int64_t) {
    return static_cast<T>(part.sum == 0 ? -std::numeric_limits<double>::infinity()
                                        : part.largest + std::log(part.sum));
  }
};

/// Goes through all places of the axes; false when it is back at the first.
bool advance(const std::vector<ReductionPlan::Axis>& axes, std::vector<std::int64_t>& index,
             std::int64_t& offset) {
  for (auto axis = axes.size(); axis-- > 0;) {
    offset += axes[axis].stride;
    if (++index[axis] < axes[axis].size) return true;
    offset -= axes[axis].size * axes[axis].stride;
    index[axis] = 0;
  }
  return false;
}

/// Asks for what will be read soon: without, one core reads at half the speed at which it copies.
template <class T>
void ask_for(const T* first, std::int64_t count) {
  constexpr auto line = static_cast<std::int64_t>(64 / sizeof(T));
  for (std::int64_t i = 0; i < count; i += line) __builtin_prefetch(first + i);
}

/// Elements side by side, in lanes that do not wait for each other: enough of them for a loop over
/// lanes to become vector code.
template <class Operation, class T>
typename Operation::Part reduce_run(typename Operation::Part part, const T* x, std::int64_t count) {
  constexpr std::int64_t width = 64;
  std::int64_t i = 0;
  if (count >= 2 * width) {
    std::array<typename Operation::Part, width> lanes;
    lanes.fill(Operation::start());
    for (; i + width <= count; i += width) {
      ask_for(x + i + 8192 / sizeof(T), width);
      for (std::size_t lane = 0; lane < width; ++lane)
        lanes[lane] = Operation::add(lanes[lane], x[i + static_cast<std::int64_t>(lane)]);
    }
    for (const auto& lane : lanes) part = Operation::join(part, lane);
  }
  for (; i < count; ++i) part = Operation::add(part, x[i]);
  return part;
}

/// The innermost axis is reduced.
template <class Operation, class T>
void reduce_rows(const ReductionPlan& plan, const T* input, T* output) {
  std::int64_t start = 0;
  do {
    auto part = Operation::start();
    std::int64_t offset = start;
    do {
      part = reduce_run<Operation>(part, input + offset, plan.inner);
    } while (advance(plan.reduced, plan.reduced_index, offset));
    *output++ = Operation::end(part, plan.count);
  } while (advance(plan.kept, plan.kept_index, start));
}

/// The innermost axis stays: as many columns at once as fit in the cache.
template <class Operation, class T>
void reduce_columns(const ReductionPlan& plan, const T* input, T* output) {
  constexpr std::int64_t most = 1024;
  std::array<typename Operation::Part, most> parts;
  const auto ahead = plan.reduced.empty() ? 0 : plan.reduced.back().stride * 2;
  std::int64_t start = 0;
  do {
    for (std::int64_t done = 0; done < plan.inner; done += most) {
      const auto columns = std::min(most, plan.inner - done);
      std::fill_n(parts.begin(), columns, Operation::start());
      std::int64_t offset = start + done;
      do {
        const auto* row = input + offset;
        ask_for(row + ahead, columns);
        for (std::int64_t i = 0; i < columns; ++i)
          parts[static_cast<std::size_t>(i)] =
              Operation::add(parts[static_cast<std::size_t>(i)], row[i]);
      } while (advance(plan.reduced, plan.reduced_index, offset));
      for (std::int64_t i = 0; i < columns; ++i)
        *output++ = Operation::end(parts[static_cast<std::size_t>(i)], plan.count);
    }
  } while (advance(plan.kept, plan.kept_index, start));
}

template <template <class> class Operation, class T>
void reduce(const ReductionPlan& plan, const void* input, void* output) {
  if (plan.results == 0) return;
  const auto* x = static_cast<const T*>(input);
  auto* y = static_cast<T*>(output);
  if (plan.count == 0)
    std::fill_n(y, plan.results, Operation<T>::end(Operation<T>::start(), 0));
  else if (plan.inner_reduced)
    reduce_rows<Operation<T>>(plan, x, y);
  else
    reduce_columns<Operation<T>>(plan, x, y);
}

struct Entry {
  std::string_view type;
  Reducer of_float, of_double, of_signed, of_unsigned;
};

template <template <class> class Operation>
constexpr Entry entry(std::string_view type) {
  return {type, reduce<Operation, float>, reduce<Operation, double>,
          reduce<Operation, std::int64_t>, reduce<Operation, std::uint64_t>};
}

constexpr Entry table[] = {
    entry<Sum>("ReduceSum"),
    entry<Mean>("ReduceMean"),
    entry<Max>("ReduceMax"),
    entry<Min>("ReduceMin"),
    entry<Prod>("ReduceProd"),
    entry<L1>("ReduceL1"),
    entry<L2>("ReduceL2"),
    entry<LogSum>("ReduceLogSum"),
    entry<LogSumExp>("ReduceLogSumExp"),
    entry<SumSquare>("ReduceSumSquare"),
};

Reducer found(std::string_view type, models::ElementType type_of_elements) {
  using E = models::ElementType;
  for (const auto& entry : table) {
    if (entry.type != type) continue;
    if (type_of_elements == E::float32) return entry.of_float;
    if (type_of_elements == E::float64) return entry.of_double;
    if (type_of_elements == E::int64) return entry.of_signed;
    if (type_of_elements == E::uint64) return entry.of_unsigned;
  }
  return nullptr;
}
