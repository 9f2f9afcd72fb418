#include <set>

#include "results/json_document.h"
#include "scenarios/speed/speed.h"
#include "workspace.h"

namespace scenarios {
namespace {

TEST(Bench, TellsEveryRowAsOneJsonObject) {
  const auto answer = partwise({"bench", "--json", "--seconds", "0.01", "--only", "one pass",
                                "--only", "floor, placement", "--only", "period"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  const results::JsonDocument json(answer.out, "output");
  std::multiset<std::string> names;
  for (const auto& row : json.list(json.root(), "rows")) {
    results::JsonKeys keys(json, row, "row");
    const auto& what = json.text(keys.need("what"), "what");
    names.insert(what);
    EXPECT_EQ(json.whole(keys.need("operators"), "operators"), 150);
    EXPECT_EQ(json.whole(keys.need("devices"), "devices"), 4);
    const auto requests = json.whole(keys.need("requests"), "requests");
    EXPECT_GE(requests, 1);
    EXPECT_GT(json.number(keys.need("plans_per_second"), "plans_per_second"), 0);
    keys.need("ratio_to_simgrid");
    const auto& to_floor = keys.need("ratio_to_floor");
    if (what.starts_with("floor")) {
      EXPECT_EQ(json.number(to_floor, "ratio_to_floor"), 1);
    }
    if (what.starts_with("one pass") && requests == 1) {
      EXPECT_GT(json.number(to_floor, "ratio_to_floor"), 0);
    }
    EXPECT_NO_THROW(keys.finish());
  }
  EXPECT_EQ(names,
            (std::multiset<std::string>{"floor, placement only", "one pass, everything",
                                        "one pass, everything", "one pass, placement only",
                                        "one pass, placement only", "period bound, per move"}));
}

TEST(Bench, ShowsATableOfWhatIsAskedFor) {
  const auto answer = partwise({"bench", "--seconds=0.01", "--only", "events, fifo"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  std::istringstream lines(answer.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line.substr(0, 46), "what                         operators devices");
  int rows = 0;
  for (; std::getline(lines, line); ++rows) EXPECT_EQ(line.rfind("events, fifo ", 0), 0u) << line;
  EXPECT_EQ(rows, 3);
}

TEST(Bench, RefusesWhatItCannotMeasure) {
  for (const std::string text : {"0", "0.001", "1e9", "nan", "fast", "1s", ""}) {
    const auto answer = partwise({"bench", "--seconds=" + text});
    EXPECT_EQ(answer.code, 2) << text;
    EXPECT_EQ(answer.out, "");
    if (!text.empty()) {
      EXPECT_EQ(answer.err, "partwise: bench: --seconds: '" + text +
                                "' is not a number of seconds from 0.01 to 1000\n");
    }
  }
  const auto answer = partwise({"bench", "--only", "events, fito"});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.out, "");
  EXPECT_EQ(
      answer.err.substr(0, 86),
      "partwise: bench: --only: no row holds 'events, fito'; did you mean 'events, fifo'? (th")
      << answer.err;
}

}  // namespace
}  // namespace scenarios
