#include "sim/agreement.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace sim {
namespace {

/// Walks through two sorted lists whose entries differ in nothing but the instant.
template <class Mark, class Key, class When, class Words>
Agreement compare(const std::vector<Mark>& ours, const std::vector<Mark>& theirs, Key key,
                  When when, Words words) {
  Agreement found;
  std::size_t a = 0, b = 0;
  while (a < ours.size() || b < theirs.size()) {
    const bool only_ours = b == theirs.size() || (a < ours.size() && key(ours[a]) < key(theirs[b]));
    const bool only_theirs = !only_ours && (a == ours.size() || key(theirs[b]) < key(ours[a]));
    if (only_ours) {
      const auto& mark = ours[a++];
      found.add_missing(when(mark), [&] { return words(mark) + " happens on the first only"; });
    } else if (only_theirs) {
      const auto& mark = theirs[b++];
      found.add_missing(when(mark), [&] { return words(mark) + " happens on the second only"; });
    } else {
      const auto& mark = ours[a++];
      found.add(when(mark), when(theirs[b++]), [&] { return words(mark); });
    }
  }
  return found;
}

}  // namespace

bool Agreement::note(std::int64_t a, std::int64_t b) {
  const auto difference = std::abs(a - b);
  const auto size = static_cast<double>(std::max({a, b, std::int64_t{1}}));
  worst = std::max(worst, difference);
  worst_relative = std::max(worst_relative, static_cast<double>(difference) / size);
  return static_cast<double>(difference) <= static_cast<double>(absolute) + relative * size;
}

void Agreement::describe(const std::string& what, std::int64_t a, std::int64_t b) {
  first_beyond = what + " at " + std::to_string(a) + " ps on the first, at " + std::to_string(b) +
                 " ps on the second";
}

bool Agreement::is_first(std::int64_t when) {
  if (when >= first_at_) return false;
  first_at_ = when;
  return true;
}

std::int64_t Course::losses() const {
  return std::ranges::count(marks_, What::lost, &Mark::what);
}

void Course::arrived(std::int64_t now, int stream, std::int64_t number) {
  marks_.push_back({number, stream, What::arrived, now});
}

void Course::admitted(std::int64_t now, std::int64_t serial) {
  marks_.push_back({serial, -1, What::admitted, now});
}

void Course::started(std::int64_t now, std::int64_t serial, std::int32_t task, int, std::int64_t) {
  marks_.push_back({serial, task, What::started, now});
}

void Course::released(std::int64_t now, std::int64_t serial, std::int32_t task) {
  marks_.push_back({serial, task, What::released, now});
}

void Course::ended(std::int64_t now, std::int64_t serial, std::int32_t task) {
  marks_.push_back({serial, task, What::ended, now});
}

void Course::lost(std::int64_t now, std::int64_t serial, std::int32_t task) {
  marks_.push_back({serial, task, What::lost, now});
}

void Course::completed(std::int64_t now, std::int64_t serial) {
  marks_.push_back({serial, -1, What::completed, now});
}

std::string Course::words(const Mark& mark) {
  const auto request = "request " + std::to_string(mark.serial);
  const auto task = "task " + std::to_string(mark.task) + " of " + request;
  switch (mark.what) {
    case What::arrived:
      return "arrival of " + request + " of network " + std::to_string(mark.task);
    case What::admitted:
      return "admission of " + request;
    case What::started:
      return "start of " + task;
    case What::released:
      return "release by " + task;
    case What::ended:
      return "end of " + task;
    case What::lost:
      return "loss of " + task;
    case What::completed:
      break;
  }
  return "completion of " + request;
}

Agreement agreement(Course& ours, Course& theirs) {
  std::ranges::sort(ours.marks_);
  std::ranges::sort(theirs.marks_);
  return compare(
      ours.marks_, theirs.marks_,
      [](const Course::Mark& mark) { return std::tuple(mark.serial, mark.task, mark.what); },
      [](const Course::Mark& mark) { return mark.when; }, Course::words);
}

Agreement agreement(const std::vector<KernelLog::End>& ours,
                    const std::vector<KernelLog::End>& theirs) {
  const auto sorted = [](auto ends) {
    std::ranges::sort(ends);
    return ends;
  };
  return compare(
      sorted(ours), sorted(theirs), [](const KernelLog::End& end) { return end.activity.code; },
      [](const KernelLog::End& end) { return end.at; },
      [](const KernelLog::End& end) {
        return "task " + std::to_string(end.activity.task()) + " of request " +
               std::to_string(end.activity.serial());
      });
}

}  // namespace sim
