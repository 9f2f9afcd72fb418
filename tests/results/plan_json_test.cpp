#include "results/plan_json.h"

#include <gtest/gtest.h>

#include "models/error.h"
#include "tests/results/small_case.h"

namespace {

using models::Plan;

/// What reading the text says.
std::string complaint(const std::string& text) {
  try {
    results::read_plan(text, "p.json", *small_case::problem());
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "fine";
}

/// A plan by hand, with more lines for what is tested.
std::string by_hand(const std::string& more) {
  return "{\"format\": \"partwise-plan\", \"version\": 1,\n" + more + "}";
}

const std::string all_on_npu =
    "\"operators\": {\"*\": {\"device\": \"npu\", \"precision\": \"fp32\"}}";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(PlanJson, ReadsBackWhatItWrote) {
  const auto problem = small_case::problem();
  const auto plan = small_case::plan();
  const auto text = results::write_plan(*problem, plan);
  EXPECT_EQ(results::read_plan(text, "p.json", *problem), plan);
  EXPECT_EQ(results::write_plan(*problem, results::read_plan(text, "p.json", *problem)), text);
}

TEST(PlanJson, SaysNamesOneOperatorPerLine) {
  const auto text = results::write_plan(*small_case::problem(), small_case::plan());
  EXPECT_NE(text.find("\n    \"b\": {\"device\": \"server\", \"precision\": \"fp32\"},\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\n    {\"tensor\": \"ya\", \"to\": \"server\", \"format\": \"fp32\"}\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\"lanes\": {\"d2d\": 2}"), std::string::npos) << text;
}

TEST(PlanJson, ShortPlansByHandTakeStandards) {
  const auto plan = results::read_plan(
      by_hand("\"operators\": {\"*\": {\"device\": \"npu\", \"precision\": \"fp32\"},\n"
              "\"c\": {\"precision\": \"int8\"}}"),
      "p.json", *small_case::problem());
  Plan expected;
  expected.device = {0, 0, 0};
  expected.precision = {0, 0, 1};
  expected.order = {0, 1, 2};
  expected.wire.assign(8, Plan::as_produced);
  expected.lanes = {4};
  EXPECT_EQ(plan, expected);
}

TEST(PlanJson, TidyForgetsWiresThatNothingAsksFor) {
  auto plan = small_case::plan();
  const auto tidy = results::tidy(*small_case::problem(), plan);
  EXPECT_EQ(tidy, plan);
  plan.wire[2 * 2 + 1] = 1;  // "yb" is made on the server and read by the other device only
  EXPECT_EQ(results::tidy(*small_case::problem(), plan), tidy);
}

TEST(PlanJson, NetworksOfOtherStructureHaveAnotherHash) {
  auto other = *small_case::network();
  const auto hash = results::network_hash(other);
  EXPECT_EQ(results::network_hash(*small_case::network()), hash);
  other.tensors[1].shape = {10, 100};
  EXPECT_NE(results::network_hash(other), hash);
}

TEST(PlanJson, RefusesWhatIsNoPlan) {
  EXPECT_EQ(complaint(""), "p.json:1:1: the file is empty");
  EXPECT_EQ(complaint("{\"format\": \"partwise-plan\","),
            "p.json:1:28: the text ends too early; is the file truncated?");
  EXPECT_EQ(complaint("[]"), "p.json:1:1: the plan must be an object {...}");
  EXPECT_EQ(complaint("{\"format\": 3}"), "p.json:1:12: format must be a text in quotes");
  EXPECT_EQ(complaint("{\"format\": \"partwise-timeline\"}"),
            "p.json:1:12: this is no plan: format must be 'partwise-plan', not "
            "'partwise-timeline'");
  EXPECT_EQ(complaint("{\"format\": \"partwise-plan\", \"version\": 2}"),
            "p.json:1:40: plan version 2 is not known to this version of Partwise, which reads 1");
  EXPECT_EQ(complaint(by_hand("\"order\": []")), "p.json:1:1: the plan lacks the key 'operators'");
}

TEST(PlanJson, RefusesUnknownAndDoubleKeys) {
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n \"lane\": {}")),
            "p.json:3:2: unknown key 'lane'; did you mean 'lanes'?");
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n" + all_on_npu)),
            "p.json:3:1: key 'operators' is given twice");
}

TEST(PlanJson, RefusesPlansForOthers) {
  EXPECT_EQ(complaint(by_hand("\"network\": {\"name\": \"four\"}," + all_on_npu)),
            "p.json:2:21: this plan is for network 'four', the scenario has 'three'");
  EXPECT_EQ(
      complaint(by_hand("\"network\": {\"name\": \"three\", \"hash\": \"0\"}," + all_on_npu)),
      "p.json:2:38: network 'three' is not the one that this plan was made for (its structure "
      "has another hash); make the plan again, or remove 'hash' if the names still fit");
  EXPECT_EQ(complaint(by_hand("\"platform\": \"trio\"," + all_on_npu)),
            "p.json:2:13: this plan is for platform 'trio', the scenario has 'pair'; remove "
            "'platform' if the names of devices and links fit");
}

TEST(PlanJson, RefusesUnknownNames) {
  const auto text = results::write_plan(*small_case::problem(), small_case::plan());
  EXPECT_EQ(complaint(replaced(text, "\"device\": \"server\"", "\"device\": \"servre\"")),
            "p.json:10:21: unknown device 'servre'; did you mean 'server'?");
  EXPECT_EQ(complaint(replaced(text, "\"precision\": \"fp32\"", "\"precision\": \"fp3\"")),
            "p.json:10:44: unknown precision 'fp3'; did you mean 'fp32'?; it offers fp32, int8");
  EXPECT_EQ(complaint(replaced(text, "\"precision\": \"fp32\"", "\"precision\": \"fp16\"")),
            "p.json:10:44: the scenario does not offer precision 'fp16'; it offers fp32, int8");
  EXPECT_EQ(complaint(replaced(text, "\"tensor\": \"ya\"", "\"tensor\": \"weight_of_a\"")),
            "p.json:19:16: unknown tensor 'weight_of_a': network 'three' has none of that name");
  EXPECT_EQ(complaint(replaced(text, "    \"b\": {", "    \"bee\": {")),
            "p.json:10:5: unknown operator 'bee': network 'three' has none of that name");
}

TEST(PlanJson, RefusesMissingAndDoubleOperators) {
  EXPECT_EQ(complaint(by_hand("\"operators\": {\n"
                              " \"a\": {\"device\": \"npu\", \"precision\": \"fp32\"},\n"
                              " \"a\": {\"device\": \"npu\", \"precision\": \"fp32\"}}")),
            "p.json:4:2: operator 'a' is given twice");
  EXPECT_EQ(complaint(by_hand("\"operators\": {\n"
                              " \"a\": {\"device\": \"npu\", \"precision\": \"fp32\"}}")),
            "p.json:2:14: operator 'b' has no device; name it, or give '*' for all that are not "
            "named");
}

TEST(PlanJson, RefusesOrdersThatCannotBe) {
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n\"order\": [\"b\", \"a\", \"c\"]")),
            "p.json:3:11: operator 'b' comes before 'a', whose result 'ya' it reads");
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n\"order\": [\"a\", \"a\", \"c\"]")),
            "p.json:3:16: operator 'a' is in the order twice");
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n\"order\": [\"a\", \"b\"]")),
            "p.json:3:10: operator 'c' is missing in the order; name all, or leave 'order' out");
}

TEST(PlanJson, RefusesLanesThatALinkDoesNotHave) {
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n\"lanes\": {\"d2d\": 3}")),
            "p.json:3:18: link 'd2d' cannot power 3 lanes; it allows 1, 2, 4");
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n\"lanes\": {\"d2d\": 2.5}")),
            "p.json:3:18: a number of lanes must be a whole number");
}

TEST(PlanJson, RefusesWhatIsNotBuiltYet) {
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n\"splits\": [{\"operator\": \"a\"}]")),
            "p.json:3:11: splits are not supported by this version; leave 'splits' empty or out");
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\n\"fusions\": [1]")),
            "p.json:3:12: fusions are not supported by this version; leave 'fusions' empty or out");
  EXPECT_EQ(complaint(by_hand(all_on_npu + ",\"splits\": [], \"events\": []")), "fine");
}

TEST(PlanJson, EveryTruncationIsRefused) {
  const auto text = results::write_plan(*small_case::problem(), small_case::plan());
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_NE(complaint(text.substr(0, size)), "fine") << size;
  }
}

TEST(PlanJson, NoDamageCrashes) {
  const auto text = results::write_plan(*small_case::problem(), small_case::plan());
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char byte : {'\0', '"', '\\', '{', ']', '9', '\xff'}) {
      auto damaged = text;
      damaged[at] = byte;
      complaint(damaged);
    }
  }
}

}  // namespace
