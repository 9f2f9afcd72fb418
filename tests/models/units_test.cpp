#include "models/units.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "models/error.h"
#include "models/random.h"

namespace models {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

std::string message_of(auto&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string bandwidth_message(std::string_view text) {
  return message_of([&] { parse_quantity(text, Dimension::bandwidth); });
}

TEST(Units, TellBitsFromBytes) {
  EXPECT_EQ(parse_quantity("200 Gb/s", Dimension::bandwidth), 25e9);
  EXPECT_EQ(parse_quantity("25 GB/s", Dimension::bandwidth), 25e9);
  EXPECT_EQ(parse_bytes("8 kb").count, 1000);
  EXPECT_EQ(parse_quantity("0.5 pJ/b", Dimension::energy_per_byte), 4e-12);
  EXPECT_EQ(parse_quantity("4 pJ/B", Dimension::energy_per_bit), 0.5e-12);
}

TEST(Units, TellDecimalFromBinaryPrefixes) {
  EXPECT_EQ(parse_bytes("1 GB").count, 1'000'000'000);
  EXPECT_EQ(parse_bytes("1 GiB").count, 1'073'741'824);
  EXPECT_EQ(parse_bytes("1.5KiB").count, 1536);
}

TEST(Units, CountAMultiplyAccumulateAsTwoOperations) {
  EXPECT_EQ(parse_quantity("4 TMAC/s", Dimension::operation_rate), 8e12);
  for (const auto text : {"8 TFLOP/s", "8 TFLOPS", "8 TOP/s", "8 TOPS", "8 Top/s"})
    EXPECT_EQ(parse_quantity(text, Dimension::operation_rate), 8e12) << text;
  EXPECT_EQ(parse_quantity("1 pJ/MAC", Dimension::energy_per_operation), 0.5e-12);
  EXPECT_EQ(parse_quantity("0.2 pJ/op", Dimension::energy_per_operation), 0.2e-12);
}

TEST(Units, ReadEveryOtherDimension) {
  EXPECT_EQ(parse_quantity("30 /s", Dimension::frequency), 30);
  EXPECT_EQ(parse_quantity("1.5 kHz", Dimension::frequency), 1500);
  EXPECT_EQ(parse_quantity("2 mJ", Dimension::energy), 2e-3);
  EXPECT_EQ(parse_quantity("15 W", Dimension::power), 15);
  EXPECT_EQ(parse_quantity("-3 mW", Dimension::power), -3e-3);
}

TEST(Units, KeepTimeExact) {
  EXPECT_EQ(parse_time("1.2 ms"), 1'200us);
  EXPECT_EQ(parse_time("0.3 ns"), Time(300));
  EXPECT_EQ(parse_time("-2 us"), -2us);
  EXPECT_EQ(parse_time("9223372036854775807 ps"), Time(int64_max));
  EXPECT_EQ(parse_time("1e-3 s"), 1ms);
}

TEST(Units, RefuseANumberWithoutAUnit) {
  EXPECT_EQ(bandwidth_message("25"), "'25' has no unit; write it like '25 GB/s'");
  EXPECT_EQ(message_of([] { parse_time("0"); }), "'0' has no unit; write it like '1.2 ms'");
}

TEST(Units, RefuseAnUnknownUnit) {
  EXPECT_EQ(bandwidth_message("25 gb/s"), "'25 gb/s' has an unknown unit; write it like '25 GB/s'");
  EXPECT_EQ(message_of([] { parse_time("3 kB"); }),
            "'3 kB' has an unknown unit; write it like '1.2 ms'");
  EXPECT_EQ(message_of([] { parse_time("3 s "); }),
            "'3 s ' has an unknown unit; write it like '1.2 ms'");
}

TEST(Units, RefuseWhatIsNoNumber) {
  for (const auto text : {"nan s", "inf s", "s", "", " 1 s", "+1 s", "one s"})
    EXPECT_EQ(message_of([&] { parse_time(text); }),
              "'" + std::string(text) + "' does not start with a number; write it like '1.2 ms'");
}

TEST(Units, RefuseWhatTheyCannotHold) {
  EXPECT_EQ(message_of([] { parse_time("1e9 s"); }),
            "'1e9 s' is beyond 106 days; write it like '1.2 ms'");
  EXPECT_EQ(message_of([] { parse_time("9223372036854775808 ps"); }),
            "'9223372036854775808 ps' is beyond 106 days; write it like '1.2 ms'");
  EXPECT_EQ(message_of([] { parse_bytes("9000000 TiB"); }),
            "'9000000 TiB' is too large; write it like '40 GiB'");
  EXPECT_EQ(message_of([] { parse_bytes("1e400 B"); }),
            "'1e400 B' is too large; write it like '40 GiB'");
  EXPECT_EQ(message_of([] { parse_bytes("1e99999999999 B"); }),
            "'1e99999999999 B' is too large; write it like '40 GiB'");
  EXPECT_EQ(bandwidth_message("1e308 GB/s"),
            "'1e308 GB/s' is out of range; write it like '25 GB/s'");
}

TEST(Units, WriteWhatTheyReadBackForAnyTimeAndAmount) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto count = static_cast<std::int64_t>(random.next()) >> random.below(64);
    EXPECT_EQ(parse_time(to_text(Time(count))), Time(count)) << count;
    EXPECT_EQ(parse_bytes(to_text(Bytes{count})), Bytes{count}) << count;
  }
  for (const std::int64_t count : {std::int64_t{0}, int64_max, -int64_max - 1}) {
    EXPECT_EQ(parse_time(to_text(Time(count))), Time(count));
    EXPECT_EQ(parse_bytes(to_text(Bytes{count})), Bytes{count});
  }
}

TEST(Units, WriteWhatTheyReadBackForAnyQuantity) {
  Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    const auto any = std::bit_cast<double>(random.next());
    const double usual = static_cast<double>(random.below(10'000)) * 1e6 / 7;
    for (int d = 0; d <= static_cast<int>(Dimension::energy_per_bit); ++d) {
      const auto dimension = static_cast<Dimension>(d);
      EXPECT_EQ(parse_quantity(to_text(usual, dimension), dimension), usual);
      if (std::isnormal(any)) {
        EXPECT_EQ(parse_quantity(to_text(any, dimension), dimension), any) << any;
      }
    }
  }
}

TEST(Units, WriteWhatPeopleWrite) {
  EXPECT_EQ(to_text(Time(1'200us)), "1.2 ms");
  EXPECT_EQ(to_text(Time(500us)), "500 us");
  EXPECT_EQ(to_text(Time(7200s)), "7200 s");
  EXPECT_EQ(to_text(Time(0)), "0 s");
  EXPECT_EQ(to_text(Time(-5)), "-5 ps");
  EXPECT_EQ(to_text(Bytes{8 << 20}), "8 MiB");
  EXPECT_EQ(to_text(Bytes{1'500'000'000}), "1.5 GB");
  EXPECT_EQ(to_text(Bytes{1537}), "1537 B");
  EXPECT_EQ(to_text(Bandwidth{25e9}), "25 GB/s");
  EXPECT_EQ(to_text(OperationRate{26e12}), "26 TOP/s");
  EXPECT_EQ(to_text(EnergyPerOperation{0.2e-12}), "200 fJ/op");
  EXPECT_EQ(to_text(Power{0}), "0 W");
  EXPECT_EQ(to_text(Frequency{30}), "30 /s");
}

TEST(Units, ShowFourDigits) {
  EXPECT_EQ(pretty(Time(12'345'678'901)), "12.35 ms");
  EXPECT_EQ(pretty(Time(999'990)), "1 us");
  EXPECT_EQ(pretty(Time(0)), "0 s");
  EXPECT_EQ(pretty(Bytes{1'300'000'000}), "1.211 GiB");
  EXPECT_EQ(pretty(Bytes{1'048'575}), "1 MiB");
  EXPECT_EQ(pretty(Bytes{12}), "12 B");
  EXPECT_EQ(pretty(0.0034, Dimension::energy), "3.4 mJ");
  EXPECT_EQ(pretty(0.03399), "0.03399");
}

TEST(Shortest, ReadsBackAsTheSameNumber) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(1e7), "10000000");
  EXPECT_EQ(shortest(-3), "-3");
  EXPECT_EQ(shortest(1e22), "1e+22");
  EXPECT_EQ(shortest(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Units, NameAnExampleThatTheyRead) {
  for (int d = 0; d <= static_cast<int>(Dimension::energy_per_bit); ++d) {
    const auto dimension = static_cast<Dimension>(d);
    EXPECT_EQ(message_of([&] { parse_quantity(example_of(dimension), dimension); }), "no error");
    EXPECT_EQ(parse_quantity("7 " + std::string(base_unit(dimension)), dimension), 7);
  }
}

TEST(RoundedUp, IsTheNextWholePicosecond) {
  EXPECT_EQ(rounded_up(0), Time(0));
  EXPECT_EQ(rounded_up(1e-12), Time(1));
  EXPECT_EQ(rounded_up(1.000001e-12), Time(2));
  EXPECT_EQ(rounded_up(1e-30), Time(1));
  EXPECT_EQ(rounded_up(2.5), Time(2'500ms));
}

TEST(RoundedUp, RefusesWhatIsNoDuration) {
  EXPECT_THROW(rounded_up(-1e-12), std::range_error);
  EXPECT_THROW(rounded_up(std::numeric_limits<double>::quiet_NaN()), std::range_error);
  EXPECT_THROW(rounded_up(std::numeric_limits<double>::infinity()), std::range_error);
  EXPECT_THROW(rounded_up(9.3e6), std::range_error);
}

TEST(TransferTime, RoundsUp) {
  EXPECT_EQ(transfer_time(Bytes{1}, Bandwidth{3e12}), Time(1));
  EXPECT_EQ(transfer_time(Bytes{50'000'000'000}, Bandwidth{25e9}), 2s);
}

}  // namespace
}  // namespace models
