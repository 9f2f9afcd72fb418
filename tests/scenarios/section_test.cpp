#include "scenarios/section.h"

#include <gtest/gtest.h>

#include <array>

#include "scenarios/schema.h"
#include "scenarios/writer.h"
#include "scenarios/yaml.h"

namespace scenarios {

using models::Visitor;

/// One of every kind of value.
struct Part {
  std::string of;
  double share = 1;
};
struct Sample {
  std::string name;
  bool on = false;
  std::int64_t lanes = 1;
  double part = 1;
  models::Time latency{};
  models::Bytes memory;
  models::Bandwidth rate;
  std::vector<std::string> ends;
  std::vector<std::int64_t> widths;
  enum class Mode : std::uint8_t { strict, ready } mode = Mode::strict;
  std::vector<Part> parts;
  std::vector<Part> shares;  ///< as a table
  Part inner;
};

void describe(Part& part, Visitor& v) {
  v.visit("of", part.of, {.meaning = "of what"});
  v.visit("share", part.share, {.meaning = "how much", .low = 0, .high = 1, .optional = true});
}

void describe(Sample& sample, Visitor& v) {
  constexpr std::array<std::string_view, 2> modes = {"strict", "ready"};
  v.visit("name", sample.name, {.meaning = "what it is called"});
  v.visit("on", sample.on, {.meaning = "a switch", .optional = true});
  v.visit("lanes", sample.lanes, {.meaning = "how many", .low = 1, .high = 256, .optional = true});
  v.visit("part", sample.part,
          {.meaning = "of a whole", .low = 0, .high = 1, .optional = true, .above_low = true});
  v.visit("latency", sample.latency, {.meaning = "how late", .low = 0, .optional = true});
  v.visit("memory", sample.memory, {.meaning = "how much", .optional = true});
  v.visit("rate", sample.rate,
          {.meaning = "how fast", .low = 0, .optional = true, .above_low = true});
  v.visit("ends", sample.ends, {.meaning = "what it joins", .optional = true});
  v.visit("widths", sample.widths, {.meaning = "choices", .low = 1, .high = 256, .optional = true});
  v.pick("mode", sample.mode, modes, {.meaning = "how", .optional = true});
  v.list(
      "parts", sample.parts.size(), {.meaning = "some", .optional = true},
      [&](std::size_t count) { sample.parts.resize(count); },
      [&](Visitor& inner, std::size_t i) { describe(sample.parts[i], inner); });
  std::vector<std::string> keys;
  for (const auto& one : sample.shares) keys.push_back(one.of);
  v.table(
      "shares", keys, {.meaning = "some", .optional = true},
      [&](std::size_t count) { sample.shares.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        sample.shares[i].of = keys[i];
        inner.visit(keys[i], sample.shares[i].share, {.meaning = "how much", .low = 0, .high = 1});
      });
  v.group("inner", true, {.meaning = "a nested one", .optional = true},
          [&](Visitor& inner, std::size_t) { describe(sample.inner, inner); });
  for (std::size_t i = 0; i < sample.ends.size(); ++i)
    if (sample.ends[i] == "nowhere")
      v.refuse("ends[" + std::to_string(i) + "]", "there is no 'nowhere'");
}

namespace {

std::string complaints(std::string_view yaml) {
  std::string all;
  try {
    Faults faults;
    Sample sample;
    read(parse_yaml(yaml, "s.yaml"), sample, faults);
    for (const auto& error : sorted(faults))
      all += (all.empty() ? "" : "\n") + std::string(error.what());
  } catch (const models::InputError& error) {
    return error.what();
  }
  return all;
}

Sample sample_of(std::string_view yaml) {
  Faults faults;
  Sample sample;
  read(parse_yaml(yaml, "s.yaml"), sample, faults);
  throw_first(faults);
  return sample;
}

constexpr std::string_view whole =
    "name: a\non: true\nlanes: 4\npart: 0.5\nlatency: 1.5 us\nmemory: 2 KiB\nrate: 8 Gb/s\n"
    "ends: [x, y]\nwidths: [1, 4]\nmode: ready\nparts:\n  - of: p\n  - {of: q, share: 0.25}\n"
    "shares: {u: 0.5, v: 1}\ninner: {of: z}\n";

TEST(Section, ReadsEveryKindOfValue) {
  const auto sample = sample_of(whole);
  EXPECT_EQ(sample.name, "a");
  EXPECT_TRUE(sample.on);
  EXPECT_EQ(sample.lanes, 4);
  EXPECT_EQ(sample.part, 0.5);
  EXPECT_EQ(sample.latency.count(), 1'500'000);
  EXPECT_EQ(sample.memory.count, 2048);
  EXPECT_EQ(sample.rate.value, 1e9);
  EXPECT_EQ(sample.ends, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(sample.widths, (std::vector<std::int64_t>{1, 4}));
  EXPECT_EQ(sample.mode, Sample::Mode::ready);
  ASSERT_EQ(sample.parts.size(), 2u);
  EXPECT_EQ(sample.parts[1].share, 0.25);
  ASSERT_EQ(sample.shares.size(), 2u);
  EXPECT_EQ(sample.shares[0].of, "u");
  EXPECT_EQ(sample.inner.of, "z");
}

TEST(Section, WhatIsNotGivenKeepsItsStandard) {
  const auto sample = sample_of("name: a\n");
  EXPECT_EQ(sample.lanes, 1);
  EXPECT_TRUE(sample.parts.empty());
}

TEST(Writer, WritesWhatTheReaderReadsBack) {
  auto sample = sample_of(whole);
  Value once;
  Writer first(once);
  describe(sample, first);
  auto again = sample_of(to_json(once));
  Value twice;
  Writer second(twice);
  describe(again, second);
  EXPECT_EQ(to_json(once), to_json(twice));
  EXPECT_EQ(again.rate.value, sample.rate.value);
  EXPECT_NE(to_json(once).find(R"("lanes": 4)"), std::string::npos) << to_json(once);
}

TEST(Section, PointsAtAMisspeltKey) {
  EXPECT_EQ(complaints("name: a\nlatecny: 1 us\n"),
            "s.yaml:2:1: unknown key 'latecny'; did you mean 'latency'?");
  EXPECT_EQ(complaints("name: a\ncolour: red\n"), "s.yaml:2:1: unknown key 'colour'");
  EXPECT_EQ(complaints("name: a\ninner:\n  of: z\n  shar: 1\n"),
            "s.yaml:4:3: unknown key 'shar'; did you mean 'share'?");
  EXPECT_EQ(complaints("name: a\nparts:\n  - of: z\n  - of: y\n    shar: 1\n"),
            "s.yaml:5:5: unknown key 'shar'; did you mean 'share'?");
}

TEST(Section, AMisspeltKeyIsNotAlsoMissing) {
  EXPECT_EQ(complaints("nam: a\n"), "s.yaml:1:1: unknown key 'nam'; did you mean 'name'?");
}

TEST(Section, NamesAMissingKey) {
  EXPECT_EQ(complaints("lanes: 2\n"), "s.yaml:1:1: 'name' is missing (what it is called)");
  EXPECT_EQ(complaints("name: a\nparts:\n  - share: 1\n"), "s.yaml:3:5: 'of' is missing (of what)");
}

TEST(Section, PointsAtAMissingUnit) {
  EXPECT_EQ(complaints("name: a\nlatency: 5\n").find("s.yaml:2:10: latency: '5' has no unit"), 0u);
  EXPECT_EQ(complaints("name: a\nrate: 25\n").find("s.yaml:2:7: rate: '25' has no unit"), 0u);
  EXPECT_EQ(complaints("name: a\nmemory: 5\n").find("s.yaml:2:9: memory: '5' has no unit"), 0u);
}

TEST(Section, PointsAtAUnitThatIsNotWanted) {
  EXPECT_EQ(complaints("name: a\nlanes: 4 GB\n"),
            "s.yaml:2:8: lanes: '4 GB' is not a whole number without a unit");
  EXPECT_EQ(complaints("name: a\nlanes: 4.5\n"),
            "s.yaml:2:8: lanes: '4.5' is not a whole number without a unit");
  EXPECT_EQ(complaints("name: a\npart: 50 %\n"),
            "s.yaml:2:7: part: '50 %' is not a number without a unit");
}

TEST(Section, PointsAtAValueOutsideItsRange) {
  EXPECT_EQ(complaints("name: a\nlanes: 300\n"), "s.yaml:2:8: lanes: 300 is outside 1 to 256");
  EXPECT_EQ(complaints("name: a\npart: 0\n"), "s.yaml:2:7: part: 0 must be greater than 0");
  EXPECT_EQ(complaints("name: a\npart: 1.5\n"), "s.yaml:2:7: part: 1.5 must be at most 1");
  EXPECT_EQ(complaints("name: a\npart: nan\n"), "s.yaml:2:7: part: 'nan' is not a number");
  EXPECT_EQ(complaints("name: a\nrate: 0 B/s\n"),
            "s.yaml:2:7: rate: 0 B/s must be greater than 0 B/s");
  EXPECT_EQ(complaints("name: a\nlatency: -1 us\n"),
            "s.yaml:2:10: latency: -1 us must be at least 0 s");
  EXPECT_EQ(complaints("name: a\nwidths: [1, 999]\n"),
            "s.yaml:2:9: widths: 999 is outside 1 to 256");
  EXPECT_EQ(complaints("name: a\nlanes: 99999999999999999999\n"),
            "s.yaml:2:8: lanes: '99999999999999999999' is too large");
}

TEST(Section, PointsAtTheWrongKindOfValue) {
  EXPECT_EQ(complaints("name: [a]\n"), "s.yaml:1:7: name: expected a single value, found a list");
  EXPECT_EQ(complaints("name:\n"), "s.yaml:1:1: name: has no value");
  EXPECT_EQ(complaints("name: a\nends: x\n"),
            "s.yaml:2:7: ends: expected a list, found a single value; write it like [a, b]");
  EXPECT_EQ(complaints("name: a\nparts: {of: x}\n"),
            "s.yaml:2:8: parts: expected a list, found a mapping; write it like '- name: a' lines");
  EXPECT_EQ(complaints("name: a\nparts: [x]\n"),
            "s.yaml:2:9: expected 'key: value' lines, found a single value");
  EXPECT_EQ(complaints("name: a\nshares: [x]\n"),
            "s.yaml:2:9: shares: expected a mapping, found a list; write it like {key: value}");
  EXPECT_EQ(complaints("name: a\ninner: 5\n"),
            "s.yaml:2:8: expected 'key: value' lines, found a single value");
  EXPECT_EQ(complaints("name: a\non: yes\n"), "s.yaml:2:5: on: 'yes' is neither true nor false");
  EXPECT_EQ(complaints("- a\n"), "s.yaml:1:1: expected 'key: value' lines, found a list");
}

TEST(Section, NamesTheWordsOfAChoice) {
  EXPECT_EQ(complaints("name: a\nmode: strickt\n"),
            "s.yaml:2:7: mode: 'strickt' is none of strict, ready; did you mean 'strict'?");
}

TEST(Section, RefusesAtTheElement) {
  EXPECT_EQ(complaints("name: a\nends: [x,\n  nowhere]\n"),
            "s.yaml:3:3: ends: there is no 'nowhere'");
}

TEST(Section, ReportsAllFaultsOfOnePassInOrder) {
  const auto all = complaints(
      "lanes: 0\nname: a\nparts:\n  - of: x\n    share: 2\n  - share: 1\nlatency: 5 m\nbogus: 1\n");
  EXPECT_EQ(all.find("s.yaml:1:8: lanes: 0 is outside 1 to 256\n"
                     "s.yaml:5:12: share: 2 is outside 0 to 1\n"
                     "s.yaml:6:5: 'of' is missing (of what)\n"
                     "s.yaml:7:10: latency: '5 m'"),
            0u)
      << all;
  EXPECT_NE(all.find("\ns.yaml:8:1: unknown key 'bogus'"), std::string::npos) << all;
}

TEST(Yaml, PointsAtAKeyGivenTwice) {
  EXPECT_EQ(complaints("name: a\nlanes: 1\nlanes: 2\n"), "s.yaml:3:1: 'lanes' is given twice");
  EXPECT_EQ(complaints("name: a\ninner: {of: x, of: y}\n"), "s.yaml:2:16: 'of' is given twice");
}

TEST(Yaml, PointsAtBrokenText) {
  EXPECT_EQ(complaints("name: [a\nlanes: 1\n").find("s.yaml:"), 0u);
  EXPECT_EQ(complaints("name: a\n\tlanes: 1\n"),
            "s.yaml:2:1: a tab in the indentation; use spaces");
  EXPECT_EQ(complaints("name: \xff\xfe\n"), "s.yaml:1:7: not UTF-8 text");
  EXPECT_EQ(complaints(std::string_view("name: a\0b\n", 10)),
            "s.yaml:1:8: a control character; is this a text file?");
  EXPECT_EQ(complaints("name: a\n---\nname: b\n"),
            "s.yaml:3:1: a second document; keep one per file");
  EXPECT_EQ(complaints("name: !!int 5\n"),
            "s.yaml:1:7: the tag 'tag:yaml.org,2002:int' means nothing here; leave it out");
  EXPECT_EQ(complaints("? [a, b]\n: c\n"), "s.yaml:1:3: a key must be a word");
}

TEST(Yaml, SaysThatNothingIsThere) {
  EXPECT_EQ(complaints(""), "s.yaml:1:1: expected 'key: value' lines, found nothing");
  EXPECT_EQ(complaints("# only words\n"), "s.yaml:1:1: expected 'key: value' lines, found nothing");
}

TEST(Yaml, RefusesWhatIsTooDeepOrTooLarge) {
  EXPECT_EQ(complaints("name: " + std::string(300, '[') + std::string(300, ']')),
            "s.yaml:1:46: nested more than 40 levels deep");
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_NE(complaints(bomb).find("more than 250000 values"), std::string::npos);
  EXPECT_EQ(complaints("a: &a [*a]\n"), "s.yaml:1:8: an alias cannot stand inside what it names");
}

TEST(Yaml, AliasesStandForWhatTheyName) {
  EXPECT_EQ(sample_of("name: &n a\ninner: {of: *n}\n").inner.of, "a");
}

TEST(Suggestion, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(suggestion("latency", {"energy", "period"}), "");
  EXPECT_EQ(suggestion("enregy", {"energy", "period"}), "; did you mean 'energy'?");
  EXPECT_EQ(suggestion("ab", {"xy"}), "");
}

TEST(Schema, DescribesEveryKindOfValue) {
  SchemaWriter writer;
  Sample sample;
  describe(sample, writer);
  const auto text = writer.body();
  const auto has = [&](std::string_view part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in " << text;
  };
  has(R"("lanes":{"description":"how many","type":"integer","minimum":1,"maximum":256})");
  has(R"("part":{"description":"of a whole","type":"number","exclusiveMinimum":0,"maximum":1})");
  has(R"("mode":{"description":"how","enum":["strict","ready"]})");
  has(R"("shares":{"description":"some","type":"object","additionalProperties":{"type":"number")");
  has(R"("anyOf":[{"required":["name"]},{"required":["include"]}])");
}

}  // namespace
}  // namespace scenarios
