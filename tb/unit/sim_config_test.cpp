// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "atcbench/config.h"
#include "atcbench/error.h"
#include "atcbench/event_log.h"

namespace atcbench {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const UsageError& e) {
    return e.what();
  }
  return "no error";
}

std::string set_error(const char* assignment) {
  return error_of([&] {
    Config config;
    config.set(assignment);
  });
}

TEST(Config, DefaultsAreLegal) {
  Config config;
  config.finish();
  EXPECT_EQ(config.smmu.atc_timeout, 20000u);
  Config again;
  for (const auto& [key, value] : config.dump()) again.set(key, value);
  EXPECT_EQ(again.dump(), config.dump());
}

TEST(Config, UnknownKeyNamesTheNearest) {
  EXPECT_THAT(set_error("smmu.atc_timout=5"), HasSubstr("smmu.atc_timeout"));
  EXPECT_THAT(set_error("zzzzzzzzzzzzzzzz=5"), HasSubstr("unknown key"));
  EXPECT_THAT(set_error("link.latency"), HasSubstr("key=value"));
}

TEST(Config, ImpossibleValues) {
  for (const char* bad : {"system.devices=0", "smmu.itags=64", "link.latency=-1", "link.latency=", "link.latency=1x",
                          "system.devices=99999999999999999999", "smmu.itag_scope=both", "driver.policy=best",
                          "fault.mode=sleepy"})
    EXPECT_THAT(set_error(bad), HasSubstr("must be")) << bad;
}

TEST(Config, ChecksBetweenKeys) {
  Config width;
  width.set("link.width=12");
  EXPECT_THAT(error_of([&] { width.finish(); }), HasSubstr("4, 8, 16 or 32"));
  Config fault;
  fault.set("fault.device=4");
  EXPECT_THAT(error_of([&] { fault.finish(); }), HasSubstr("system.devices is 4"));
}

TEST(Config, RealTimeKeepsWhatTheUserSaid) {
  Config config;
  config.set("time=real");
  config.set("ep.flr_cycles=77");
  config.finish();
  EXPECT_EQ(config.smmu.atc_timeout, 90'000'000'000u);
  EXPECT_EQ(config.cpu.poll_timeout, 1'000'000'000u);
  EXPECT_EQ(config.ep.flr_cycles, 77u);
}

TEST(Config, TomlThenCommandLine) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("atcbench_config_" + std::to_string(::getpid()))).string();
  write_file_atomically(path, "seed = 9\n[smmu]\natc_timeout = 300\nitag_scope = \"global\"\n[cpu.cost]\nmem = 3\n");
  Config config;
  config.load_file(path);
  config.set("smmu.atc_timeout=400");
  EXPECT_EQ(config.seed, 9u);
  EXPECT_EQ(config.smmu.atc_timeout, 400u);
  EXPECT_EQ(config.smmu.itag_scope, "global");
  EXPECT_EQ(config.cpu.cost.mem, 3u);
  write_file_atomically(path, "[smmu]\natc_timeout = [1]\n");
  EXPECT_THAT(error_of([&] { config.load_file(path); }), HasSubstr("neither a number nor a word"));
  write_file_atomically(path, "= 3");
  EXPECT_THAT(error_of([&] { config.load_file(path); }), HasSubstr(path));
  std::filesystem::remove(path);
}

TEST(Models, SmallestThatFits) {
  const auto entry = [](unsigned endpoints, unsigned itags) {
    return ModelEntry{ModelInfo{"m", endpoints, 1, 0, itags, false, 64}, nullptr};
  };
  const std::vector<ModelEntry> models = {entry(2, 32), entry(4, 32), entry(8, 16)};
  Config config;
  config.set("system.devices=3");
  EXPECT_EQ(select_model(config, models).info.endpoints, 4u);
  config.set("system.devices=2");
  EXPECT_EQ(select_model(config, models).info.endpoints, 2u);
  config.set("system.devices=9");
  EXPECT_THAT(error_of([&] { select_model(config, models); }), HasSubstr("make MODELS"));
  config.set("system.devices=1");
  config.set("smmu.itags=8");
  EXPECT_THAT(error_of([&] { select_model(config, models); }), HasSubstr("built are"));
}

// Enhanced command queues are hardware: the model that has them, not one that has more or none.
TEST(Models, EnhancedCommandQueues) {
  const auto entry = [](const char* name, unsigned ecmdqs) {
    ModelInfo info{name, 2};
    info.ecmdqs = ecmdqs;
    return ModelEntry{info, nullptr};
  };
  const std::vector<ModelEntry> models = {entry("n2", 0), entry("n2q2", 2)};
  Config config;
  config.set("system.devices=2");
  EXPECT_EQ(select_model(config, models).info.name, "n2");
  config.set("smmu.ecmdqs=2");
  EXPECT_EQ(select_model(config, models).info.name, "n2q2");
  config.set("smmu.ecmdqs=4");
  EXPECT_THAT(error_of([&] { select_model(config, models); }), HasSubstr("make MODELS=\"4 2q4\""));
  EXPECT_THAT(error_of([&] { select_model(config, models); }), HasSubstr("2q2 endpoints"));
  config.set("smmu.ecmdqs=3");
  EXPECT_THAT(error_of([&] { config.finish(); }), HasSubstr("must be 0, 1, 2, 4 or 8"));
}

// The size of a packet is hardware: the model that has it, not a larger one.
TEST(Models, Payload) {
  const auto entry = [](const char* name, unsigned payload, const char* topology) {
    ModelInfo info{name, 2};
    info.max_payload = payload;
    info.topology = topology;
    return ModelEntry{info, nullptr};
  };
  const std::vector<ModelEntry> models = {entry("n2", 64, "rootports"), entry("n2p256", 256, "rootports"), entry("n2p128s", 128, "switch")};
  Config config;
  config.set("system.devices=2");
  EXPECT_EQ(select_model(config, models).info.name, "n2");
  config.set("pcie.max_payload=256");
  EXPECT_EQ(select_model(config, models).info.name, "n2p256");
  config.set("pcie.topology=switch");
  EXPECT_THAT(error_of([&] { select_model(config, models); }), HasSubstr("no model for 2p256s"));
  EXPECT_THAT(error_of([&] { select_model(config, models); }), HasSubstr("make MODELS=\"4 2p256s\""));
  EXPECT_THAT(error_of([&] { select_model(config, models); }), HasSubstr("2p128s endpoints"));
  config.set("pcie.max_payload=128");
  EXPECT_EQ(select_model(config, models).info.name, "n2p128s");
  config.set("pcie.max_payload=96");
  EXPECT_THAT(error_of([&] { config.finish(); }), HasSubstr("64, 128 or 256"));
}

}  // namespace
}  // namespace atcbench
