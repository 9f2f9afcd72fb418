#include "results/timeline_json.h"

#include <gtest/gtest.h>

#include "models/error.h"
#include "tests/results/small_case.h"

namespace {

std::string complaint(const std::string& text) {
  try {
    results::read_timeline(text, "t.json");
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "fine";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return text.replace(at, from.size(), to);
}

TEST(TimelineJson, ReadsBackWhatItWrote) {
  for (const auto& timeline : {small_case::timeline(), small_case::fair_timeline()}) {
    const auto text = results::write_timeline(timeline);
    const auto back = results::read_timeline(text, "t.json");
    EXPECT_EQ(results::write_timeline(back), text);
    ASSERT_EQ(back.records.size(), timeline.records.size());
    EXPECT_EQ(back.records.back().end, timeline.records.back().end);
    EXPECT_EQ(back.tasks.front().name, timeline.tasks.front().name);
    EXPECT_EQ(back.tasks.back().kind, timeline.tasks.back().kind);
    EXPECT_EQ(back.tasks.back().reads, timeline.tasks.back().reads);
    EXPECT_EQ(back.channels.front().bandwidth, timeline.channels.front().bandwidth);
    EXPECT_EQ(back.rates.size(), timeline.rates.size());
  }
}

TEST(TimelineJson, RefusesWhatDoesNotHoldTogether) {
  const auto text = results::write_timeline(small_case::timeline());
  EXPECT_EQ(complaint(replaced(text, "\"request\": [0, 0, 1,", "\"request\": [0, 0, 9,")),
            "t.json:1:1: a record is of a request that is not there");
  EXPECT_EQ(complaint(replaced(text, "\"request\": [0, 0, 1,", "\"request\": [0, 0, 0.5,")),
            "t.json:66:23: a value of 'request' must be a whole number");
  EXPECT_EQ(complaint(replaced(text, "\"request\": [0, 0, 1,", "\"request\": [0, 99999999999, 1,")),
            "t.json:65:14: column 'records/request' holds a number that is out of range");
  EXPECT_EQ(complaint(replaced(text, "\"request\": [0, 0, 1,", "\"request\": [0, 1,")),
            "t.json:67:13: 'task' has 6 values, 'request' has 5");
  EXPECT_EQ(complaint(replaced(text, "\"request\": [0, 0, 1,", "\"requests\": [0, 0, 1,")),
            "t.json:65:14: 'records' lacks the key 'request'");
  EXPECT_EQ(complaint("{}"), "t.json:1:1: the timeline lacks the key 'format'");
  EXPECT_EQ(complaint("{\"format\": \"partwise-plan\"}"),
            "t.json:1:12: this is no timeline: format must be 'partwise-timeline', not "
            "'partwise-plan'");
}

TEST(TimelineJson, NoDamageCrashes) {
  const auto text = results::write_timeline(small_case::timeline());
  for (std::size_t at = 0; at + 1 < text.size(); at += 5) {
    EXPECT_NE(complaint(text.substr(0, at)), "fine");
    auto damaged = text;
    damaged[at] = '7';
    complaint(damaged);
  }
}

}  // namespace
