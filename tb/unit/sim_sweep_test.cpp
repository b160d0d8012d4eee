// SPDX-License-Identifier: Apache-2.0
//
// Sweep files, their grid, and the bound that is drawn into their plots.
#include "atcbench/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "atcbench/bound.h"
#include "atcbench/error.h"
#include "atcbench/event_log.h"

namespace atcbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class SweepFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  SweepSpec read(const std::string& text) const {
    const std::string path = (folder_ / "s.toml").string();
    write_file_atomically(path, text);
    return read_sweep(path);
  }
  std::string error(const std::string& text) const {
    try {
      read(text);
    } catch (const UsageError& e) {
      return e.what();
    }
    return "accepted";
  }

  std::string text_of(const char* name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("atcbench-sweep-" + std::to_string(::getpid()));
  const std::vector<ModelEntry> models_ = {ModelEntry{ModelInfo{"n4", 4, 1, 0, 32, false, 64}, nullptr}};
};

constexpr const char* kGood = R"(
scenario = "healthy"
figures = ["cycles", "hot.total.p50"]
[set]
load.iterations = 5
[vary]
system.devices = [2, 8]
link.latency = {from = 10, to = 40, factor = 2}
driver.order = ["eats-first", "pci-first"]
[[plot]]
name = "p"
x = "link.latency"
y = "cycles"
series = ["system.devices"]
)";

TEST_F(SweepFile, GridLastKeyFastest) {
  const SweepSpec spec = read(kGood);
  EXPECT_EQ(spec.name, "s");
  const auto points = sweep_points(spec, models_);
  ASSERT_EQ(points.size(), 2u * 3 * 2);
  EXPECT_EQ(points[0].id(), "system.devices=2,link.latency=10,driver.order=eats-first");
  EXPECT_EQ(points[1].id(), "system.devices=2,link.latency=10,driver.order=pci-first");
  EXPECT_EQ(points[11].id(), "system.devices=8,link.latency=40,driver.order=pci-first");
  EXPECT_EQ(points[0].config.load.iterations, 5u);
  EXPECT_EQ(points[2].config.link.latency, 20u);
  EXPECT_EQ(points[5].impossible, "");
  EXPECT_THAT(points[6].impossible, HasSubstr("no model for 8 endpoints"));
}

TEST_F(SweepFile, ValueOutOfRangeMakesItsPointImpossible) {
  const SweepSpec spec = read("scenario = \"healthy\"\nfigures = \"cycles\"\n[vary]\nlink.width = [16, 12]\nsystem.devices = [1, 99]\n");
  const auto points = sweep_points(spec, models_);
  ASSERT_EQ(points.size(), 4u);
  EXPECT_EQ(points[0].impossible, "");
  EXPECT_THAT(points[1].impossible, HasSubstr("1 to 16"));
  EXPECT_THAT(points[2].impossible, HasSubstr("4, 8, 16 or 32"));
}

TEST_F(SweepFile, Ranges) {
  const auto values = [this](const std::string& range) {
    return read("scenario = \"healthy\"\nfigures = \"cycles\"\n[vary]\nseed = " + range + "\n").vary;
  };
  EXPECT_THAT(values("{from = 1, to = 6, step = 2}"), ElementsAre(Pair("seed", ElementsAre("1", "3", "5"))));
  EXPECT_THAT(values("{from = 3, to = 30, factor = 3}"), ElementsAre(Pair("seed", ElementsAre("3", "9", "27"))));
  EXPECT_THAT(values("[7]"), ElementsAre(Pair("seed", ElementsAre("7"))));
}

TEST_F(SweepFile, ErrorsNameTheLine) {
  const std::string head = "scenario = \"healthy\"\nfigures = \"cycles\"\n";
  EXPECT_THAT(error("scenario = \"helthy\"\nfigures = \"cycles\"\n[vary]\nseed = [1]\n"), HasSubstr("nearest is 'healthy'"));
  EXPECT_THAT(error("figures = \"cycles\"\n"), HasSubstr("scenario must be a text"));
  EXPECT_THAT(error(head), HasSubstr("nothing in [vary]"));
  EXPECT_THAT(error(head + "[vary]\nlink.latncy = [1]\n"), HasSubstr("s.toml:4: unknown key 'link.latncy'; nearest is 'link.latency'"));
  EXPECT_THAT(error(head + "[set]\nlink.latency = 0\n[vary]\nseed = [1]\n"), HasSubstr("s.toml:4: link.latency"));
  EXPECT_THAT(error(head + "typo = 1\n"), HasSubstr("unknown 'typo'"));
  EXPECT_THAT(error("[[\n"), HasSubstr("s.toml is not TOML"));
  EXPECT_THAT(error("scenario = \n"), HasSubstr("s.toml:1: "));
  for (const char* bad : {"[]", "3", "{from = 1, to = 5}", "{from = 0, to = 5, factor = 2}", "{from = 5, to = 1, step = 1}",
                          "{from = 1, to = 9, step = 1, factor = 2}", "{from = 1, to = 100000, step = 1}", "{from = 1, too = 5}", "[1.5]"})
    EXPECT_THAT(error(head + "[vary]\nseed = " + bad + "\n"), HasSubstr("s.toml:4")) << bad;
  const std::string plot = head + "[vary]\nseed = [1]\n[[plot]]\nname = \"p\"\n";
  EXPECT_THAT(error(plot + "x = \"link.latency\"\ny = \"cycles\"\n"), HasSubstr("does not vary"));
  EXPECT_THAT(error(plot + "x = \"seed\"\ny = \"hot.total.p50\"\n"), HasSubstr("is not one of the figures"));
  EXPECT_THAT(error(plot + "x = \"seed\"\n"), HasSubstr("needs y"));
}

TEST_F(SweepFile, BoundsOfKeys) {
  const std::string head = "scenario = \"healthy\"\nfigures = \"cycles\"\n";
  Config config;
  config.set("smmu.atc_timeout=500");
  config.set("fault.count=3");
  EXPECT_EQ(evaluate_bound("fault.count * smmu.atc_timeout", config), 1500);
  EXPECT_EQ(evaluate_bound("2*smmu.atc_timeout + 7", config), 1007);
  for (const char* bad : {"", "2 *", "no.such", "driver.policy", "1.5", "-1"}) EXPECT_THROW(evaluate_bound(bad, config), UsageError) << bad;
  const std::string plot = head + "[vary]\nseed = [1]\n[[plot]]\nname = \"p\"\nx = \"seed\"\ny = \"cycles\"\n";
  EXPECT_THAT(error(plot + "bound = \"2 * fault.cuont\"\n"), HasSubstr("fault.count"));
}

// ---- pictures

constexpr const char* kManyLines = R"(
scenario = "healthy"
figures = ["cycles", "hot.total.p50"]
[vary]
seed = {from = 1, to = 9, step = 1}
driver.order = ["eats-first", "pci-first"]
link.latency = [10, 20]
[[plot]]
name = "p"
x = "link.latency"
y = "cycles"
)";

TEST_F(SweepFile, LinesThatCannotBeToldApartAreRefused) {
  const std::string text = kManyLines;
  EXPECT_EQ(error(text + "series = [\"driver.order\"]\n"), "accepted");
  EXPECT_EQ(error(text + "series = [\"seed\"]\n"), "accepted");
  EXPECT_EQ(error(text + "series = [\"seed\", \"driver.order\"]\n"),
            (folder_ / "s.toml").string() + ":8: plot 'p' has 18 lines, at most 16 can be told apart: give 'seed' less than its 9 values, "
            "or move it from series to facet");
  EXPECT_EQ(error(text + "series = [\"driver.order\"]\nfacet = \"seed\"\n"), "accepted");
  EXPECT_THAT(error(text + "series = [\"seed\"]\nfacet = \"seed\"\n"), HasSubstr("is x or a series as well"));
  EXPECT_THAT(error(text + "facet = \"link.latency\"\n"), HasSubstr("is x or a series as well"));
  EXPECT_THAT(error(text + "facet = \"system.devices\"\n"), HasSubstr("does not vary"));
  // Each figure is a line of its own.
  std::string figures = text;
  figures.replace(figures.find("y = \"cycles\""), 12, "y = [\"cycles\", \"hot.total.p50\"]");
  EXPECT_THAT(error(figures + "series = [\"seed\"]\n"), HasSubstr("has 18 lines"));
}

TEST_F(SweepFile, OnePictureForEachValueOfTheFacet) {
  const SweepSpec spec = read(std::string(kManyLines) + "series = [\"seed\"]\nfacet = \"driver.order\"\n");
  const auto points = sweep_points(spec, models_);
  std::vector<PointResult> results(points.size());
  for (size_t i = 0; i < results.size(); ++i) results[i].figures["cycles"] = 1000 + static_cast<double>(i);
  EXPECT_THAT(draw_sweep_plots(spec, points, results, folder_.string()), ElementsAre("p-eats-first", "p-pci-first"));
  // Seed 1: points 0 and 1 are eats-first, 2 and 3 pci-first.
  const std::string first = text_of("p-eats-first.gp"), second = text_of("p-pci-first.gp");
  EXPECT_THAT(first, HasSubstr("$curve0 << EOD\n10 1000\n20 1001\nEOD"));
  EXPECT_THAT(first, HasSubstr("$curve8 <<"));
  EXPECT_THAT(second, HasSubstr("$curve0 << EOD\n10 1002\n20 1003\nEOD"));
  EXPECT_THAT(second, HasSubstr("set title \"s, pci-first\""));
  for (const char* name : {"p-eats-first.svg", "p-eats-first.png", "p-pci-first.svg", "p-pci-first.png"})
    EXPECT_TRUE(std::filesystem::exists(folder_ / name)) << name;
}

// ---- the bounds

Config config_of(uint64_t devices, uint64_t depth, uint64_t commands, uint64_t width = 16) {
  Config c;
  c.system.devices = devices;
  c.ep.inv_queue_depth = depth;
  c.load.commands = commands;
  c.link.width = width;
  return c;
}

// The same rules, request by request.
double slow_bound(uint64_t in_flight, uint64_t commands, double spacing, double round_trip) {
  std::vector<double> answer;
  double sent = 0;
  for (uint64_t n = 0; n < commands; ++n) {
    if (n) sent += spacing;
    if (n >= in_flight) sent = std::max(sent, answer[n - in_flight]);
    answer.push_back(sent + round_trip);
  }
  return 1e6 * static_cast<double>(commands) / answer.back();
}

TEST(Bound, EqualsTheRulesRequestByRequest) {
  for (uint64_t depth : {1, 2, 7, 32})
    for (uint64_t commands : {1, 2, 31, 60, 63})
      for (double round_trip : {28.0, 108.0, 1608.0}) {
        EXPECT_NEAR(invalidation_bound(config_of(1, depth, commands), round_trip), slow_bound(depth, commands, 2, round_trip), 1e-6)
            << depth << " " << commands << " " << round_trip;
        EXPECT_NEAR(invalidation_bound(config_of(4, depth, commands), round_trip), slow_bound(4 * depth, commands, 1, round_trip), 1e-6)
            << depth << " " << commands << " " << round_trip;
      }
}

TEST(Bound, WidthAndScope) {
  EXPECT_EQ(invalidate_request_cycles(config_of(1, 32, 60, 4)), 8u);
  EXPECT_EQ(invalidate_request_cycles(config_of(1, 32, 60, 32)), 1u);
  Config global = config_of(4, 32, 60);
  global.smmu.itag_scope = "global";
  EXPECT_NEAR(invalidation_bound(global, 108), slow_bound(32, 60, 1, 108), 1e-6);
  Config linux_like = config_of(1, 2, 60);
  linux_like.driver.use_qdep = 0;
  EXPECT_NEAR(invalidation_bound(linux_like, 108), slow_bound(32, 60, 2, 108), 1e-6);
  EXPECT_EQ(invalidation_bound(global, 0), 0);
}

// The queue of a perfect SMMU, command by command: one is consumed a cycle, a SYNC in the first cycle in which all requests before it
// are answered; the CPUs always have the next unmap there.
double slow_unmap_bound(uint64_t devices, uint64_t round_trip) {
  constexpr uint64_t kUnmaps = 1000;
  uint64_t cycle = 0;  // of the next consumption
  for (uint64_t n = 0; n < kUnmaps; ++n) {
    cycle += 2;  // TLBI, SYNC
    uint64_t answered = 0;
    for (uint64_t d = 0; d < devices; ++d) answered = cycle++ + round_trip;
    cycle = std::max(cycle, answered) + 1;  // SYNC
  }
  return 1e6 * static_cast<double>(kUnmaps * devices) / static_cast<double>(cycle);
}

TEST(Bound, OfUnmapsEqualsAQueueCommandByCommand) {
  for (uint64_t devices : {1, 4, 16})
    for (uint64_t round_trip : {28, 108, 1608})
      EXPECT_NEAR(unmap_bound(config_of(devices, 32, 60), static_cast<double>(round_trip)), slow_unmap_bound(devices, round_trip), 1e-6)
          << devices << " " << round_trip;
  // Each request on a link of its own: a narrow link delays nobody's.
  EXPECT_EQ(unmap_bound(config_of(4, 32, 60, 4), 108), unmap_bound(config_of(4, 32, 60, 32), 108));
  EXPECT_EQ(unmap_bound(config_of(4, 32, 60), 0), 0);
  EXPECT_EQ(throughput_bound("healthy", config_of(4, 32, 60), 108), unmap_bound(config_of(4, 32, 60), 108));
  EXPECT_EQ(throughput_bound("inv-stream", config_of(4, 32, 60), 108), invalidation_bound(config_of(4, 32, 60), 108));
}

}  // namespace
}  // namespace atcbench
