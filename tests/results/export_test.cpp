#include <gtest/gtest.h>

#include <map>
#include <set>

#include "results/csv.h"
#include "results/json_document.h"
#include "results/perfetto.h"
#include "tests/results/small_case.h"

namespace {

using results::JsonDocument;
using results::JsonValue;

const JsonValue* member(const JsonValue& value, const std::string& key) {
  for (const auto& one : *value.object()) {
    if (one.key == key) return &one.value;
  }
  return nullptr;
}

/// "12.345" as 12345, read from the text itself.
std::int64_t nanoseconds(const std::string& text, const JsonValue& value) {
  std::size_t end = value.at;
  std::string digits;
  while (text[end] != ',' && text[end] != '}') digits += text[end++];
  const auto point = digits.find('.');
  EXPECT_EQ(digits.size() - point, 4u) << digits;
  return std::stoll(digits.erase(point, 1));
}

TEST(Perfetto, NothingOverlapsOnATrack) {
  auto stretched = small_case::fair_timeline();
  for (auto& record : stretched.records) {
    record.start = record.start * 1234 + 567;
    record.released = record.released * 1234 + 567;
  }
  for (const auto& timeline : {small_case::timeline(), stretched}) {
    const auto text = results::perfetto_json(timeline);
    const JsonDocument document(text, "trace.json");
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> free_from;
    int spans = 0;
    for (const auto& event : *member(document.root(), "traceEvents")->list()) {
      if (*member(event, "ph")->text() != "X") continue;
      const auto process = document.whole(*member(event, "pid"), "pid");
      const std::pair track(process, document.whole(*member(event, "tid"), "tid"));
      const auto start = nanoseconds(text, *member(event, "ts"));
      EXPECT_GE(start, free_from[track]);
      free_from[track] = start + nanoseconds(text, *member(event, "dur"));
      ++spans;
    }
    EXPECT_EQ(spans, static_cast<int>(timeline.records.size() + timeline.requests.size()));
  }
}

TEST(Perfetto, FlowsOverlapOnRowsOfTheirOwn) {
  auto timeline = small_case::fair_timeline();
  for (auto& record : timeline.records) {
    record.start *= 1000;
    record.released *= 1000;
  }
  const auto text = results::perfetto_json(timeline);
  EXPECT_NE(text.find("\"args\":{\"name\":\"bus (2)\"}"), std::string::npos) << text;
}

TEST(Perfetto, EveryFlowThatStartsEnds) {
  const auto text = results::perfetto_json(small_case::timeline());
  const JsonDocument document(text, "trace.json");
  std::map<std::int64_t, std::set<std::string>> phases;
  for (const auto& event : *member(document.root(), "traceEvents")->list()) {
    const auto* id = member(event, "id");
    if (id) phases[document.whole(*id, "id")].insert(*member(event, "ph")->text());
  }
  EXPECT_EQ(phases.size(), 4u);  // into and out of each of the two transfers
  for (const auto& [id, both] : phases) EXPECT_EQ(both, (std::set<std::string>{"f", "s"}));
}

TEST(Perfetto, TimesAreMicrosecondsWithThreeDecimals) {
  models::Timeline timeline;
  timeline.streams.resize(1);
  timeline.devices = {{"npu"}};
  timeline.tasks.resize(2);
  timeline.tasks[0].name = "a";
  timeline.tasks[1].name = "say \"b\"\n";
  timeline.records = {{0, 0, 0, 0, 0, 0, 1'999, 1'999}, {0, 1, 0, 0, 1'999, 1'999, 12'345'678, 0}};
  timeline.requests.resize(1);
  const auto text = results::perfetto_json(timeline);
  EXPECT_NE(text.find(R"("name":"a","ts":0.000,"dur":0.001,"args":{"start_ps":0,"end_ps":1999)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("name":"say \"b\"\n","ts":0.001,"dur":12.344,)"), std::string::npos)
      << text;
}

TEST(Csv, QuotesWhatNeedsIt) {
  const results::Table table{
      "t",
      {{"name", "", results::Role::key, "", results::Column::Texts{"a,b", "say \"x\"", "plain"}},
       {"time", "ps", results::Role::measure, "", results::Column::Integers{1, -2, 3}},
       {"share", "1", results::Role::measure, "", results::Column::Reals{0.1, 1e-12, 3}}}};
  EXPECT_EQ(results::csv(table),
            "name,time [ps],share\r\n"
            "\"a,b\",1,0.1\r\n"
            "\"say \"\"x\"\"\",-2,1e-12\r\n"
            "plain,3,3\r\n");
}

TEST(Csv, TimelinesHaveNames) {
  const auto text = results::csv(results::timeline_table(small_case::timeline()));
  EXPECT_TRUE(text.starts_with("kind,name,format,device,target,bytes [B],request,")) << text;
  EXPECT_NE(text.find("\r\ntransfer,ya,fp32,npu,server,4,0,1,0,10,10,10,14,16,0\r\n"),
            std::string::npos)
      << text;
}

TEST(Perfetto, ShowsOutagesSpeedsAndLostWork) {
  using What = models::Timeline::Change::What;
  auto timeline = small_case::timeline();
  timeline.records[0].lost = true;
  timeline.changes = {{What::speed, 1, 5'000, 0.5},
                      {What::device_down, 0, 6'000, 0},
                      {What::device_up, 0, 9'000, 0},
                      {What::link_down, 0, 20'000, 0}};
  timeline.requests[1].completed = -1;
  const auto text = results::perfetto_json(timeline);
  for (const std::string part :
       {R"x("name":"a (lost)")x", R"("name":"npu out of order","ts":0.006,"dur":0.003)",
        R"("name":"d2d out of order","ts":0.020)", R"("name":"speed of server","ts":0.005)",
        R"x("name":"request 1 (unfinished)")x"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

}  // namespace
