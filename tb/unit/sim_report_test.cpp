// SPDX-License-Identifier: Apache-2.0
//
// Reports: what is written matches the schema, what does not match is refused with one line, and two of them
// can be compared.
#include "atcbench/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "atcbench/compare.h"
#include "atcbench/error.h"
#include "atcbench/report_file.h"

namespace atcbench {
namespace {

using ::testing::HasSubstr;
using nlohmann::json;

RunResult a_result() {
  RunResult r;
  r.scenario = "hang";
  r.config.set("link.latency=70");
  r.config.finish();
  r.checks.push_back({"stale_access", true, 0, "", 0});
  r.checks.push_back({"conservation", false, 77, "a tag is busy", 2});
  r.waterfall.push_back({"unmap_enter", 100, 0, "cpu 0", 0, {}});
  for (uint64_t value : {10, 20, 40}) r.figures["hot.total"].add(value);
  r.cycles = 1000;
  r.host_seconds = 0.5;
  r.anchor = 77;
  return r;
}

json a_report() { return json::parse(report_json(a_result())); }

class Folder {
 public:
  Folder() { std::filesystem::create_directories(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& text) const {
    const std::string path = (path_ / "report.json").string();
    write_file_atomically(path, text);
    return path;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("atcbench-report-" + std::to_string(::getpid()));
};

std::string error_of(const std::string& path) {
  std::string what = "accepted";
  try {
    read_report(path);
  } catch (const UsageError& e) {
    what = e.what();
  } catch (const HostError& e) {
    what = e.what();
  }
  EXPECT_EQ(what.find('\n'), std::string::npos) << what;
  return what;
}

TEST(Report, MatchesItsSchema) { EXPECT_EQ(report_schema_error(a_report()), ""); }

TEST(Report, EveryRequiredMemberIsMissed) {
  const json good = a_report();
  for (const auto& [name, value] : good.items()) {
    json bad = good;
    bad.erase(name);
    EXPECT_NE(report_schema_error(bad), "") << name;
  }
}

TEST(Report, WrongTypesAreFound) {
  const std::pair<const char*, json> wrong[] = {
      {"/cycles", -1},          {"/cycles", 1.5},
      {"/verdict", "perhaps"},  {"/figures/hot.total/p50", "20"},
      {"/config/seed", 1},      {"/checks/0/verdict", true},
      {"/command", "rm"},       {"/figures/hot.total/mean", 3},
      {"/waterfall/0/note", 1}, {"/schema", "atcbench-report-0"},
  };
  for (const auto& [place, value] : wrong) {
    json bad = a_report();
    bad[json::json_pointer(place)] = value;
    EXPECT_NE(report_schema_error(bad), "") << place;
  }
}

TEST(Report, RefusalsSayWhy) {
  Folder folder;
  EXPECT_THAT(error_of(folder.path() + "/none.json"), HasSubstr("cannot read"));
  EXPECT_THAT(error_of(folder.path()), HasSubstr("is not a report"));
  EXPECT_THAT(error_of(folder.file("")), HasSubstr("is empty"));
  EXPECT_THAT(error_of(folder.file("ATCEVLOG\1\2\3")), HasSubstr("no JSON from byte 1"));
  EXPECT_THAT(error_of(folder.file("[1, 2]")), HasSubstr("names no schema"));
  EXPECT_THAT(error_of(folder.file("{\"schema\": 3}")), HasSubstr("names no schema"));
  json other = a_report();
  other["schema"] = "atcbench-report-9";
  other["tools"]["git_revision"] = "abc";
  EXPECT_THAT(error_of(folder.file(other.dump())),
              HasSubstr("atcbench-report-9, this tool reads atcbench-report-1; it was written by revision abc"));
  json bad = a_report();
  bad["figures"]["hot.total"].erase("p99");
  EXPECT_THAT(error_of(folder.file(bad.dump())), HasSubstr("[figures][hot.total]"));
  EXPECT_EQ(error_of(folder.file(a_report().dump())), "accepted");
}

TEST(Report, EveryTruncationIsRefused) {
  Folder folder;
  const std::string text = a_report().dump();
  for (size_t length = 0; length < text.size(); length += 97)
    EXPECT_NE(error_of(folder.file(text.substr(0, length))), "accepted") << length;
}

TEST(Report, SaysHowToRepeatTheRun) {
  EXPECT_EQ(a_report()["command"], "atcbench run hang --seed 1 --set link.latency=70");
  RunResult real = a_result();
  real.config = Config();
  real.config.set("time=real");
  real.config.finish();
  real.skip = false;
  EXPECT_EQ(run_command(real), "atcbench run hang --seed 1 --set time=real --no-skip");
}

TEST(Report, ReadsBackAsTheSameRun) {
  const RunOfReport run = run_of_report(a_report(), "x");
  EXPECT_EQ(run.scenario, "hang");
  EXPECT_EQ(run.anchor, 77u);
  EXPECT_EQ(run.config.dump(), a_result().config.dump());
  json bad = a_report();
  bad["config"]["link.latncy"] = "3";
  EXPECT_THROW(run_of_report(bad, "x"), UsageError);
}

// ---- compare

json a_matrix() {
  const json run = {{"scenario", "hang"}, {"policy", "minimal"}, {"devices", 4}, {"cpus", 2}, {"verdict", "pass"}, {"expected", "pass"},
                    {"as_expected", true}, {"settings", json::array()}, {"failed_checks", json::array()}, {"deviations", json::array()},
                    {"command", "atcbench run hang"}, {"figures", {{"isolation", 100}, {"stale", 0}}}};
  json other = run;
  other["settings"] = {"driver.order=pci-first"};
  return json::array({run, other});
}

TEST(Compare, Matrices) {
  Folder folder;
  const auto read = [&folder](const json& j) { return read_result(folder.file(j.dump())); };
  const Result a = read(a_matrix());
  EXPECT_EQ(a.kind, "matrix");
  EXPECT_TRUE(compare_results(a, read(a_matrix()), 0).empty());
  json changed = a_matrix();
  changed[1]["figures"]["isolation"] = 110;
  auto all = compare_results(a, read(changed), 5);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "hang minimal 4x2 driver.order=pci-first: isolation");
  EXPECT_TRUE(all[0].beyond);
  EXPECT_FALSE(compare_results(a, read(changed), 10).at(0).beyond);
  changed = a_matrix();
  changed[0]["verdict"] = "fail";
  changed[0]["failed_checks"] = {"stale_access"};
  changed[0]["as_expected"] = false;
  all = compare_results(a, read(changed), 1000);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].b, "fail: stale_access");
  EXPECT_TRUE(all[0].beyond);
  json shorter = a_matrix();
  shorter.erase(1);
  EXPECT_TRUE(compare_results(a, read(shorter), 1000).at(0).beyond) << "a run that is gone";
}

TEST(Compare, WhatIsNoMatrixIsRefused) {
  Folder folder;
  json bad = a_matrix();
  bad[1].erase("figures");
  EXPECT_THROW(read_result(folder.file(bad.dump())), UsageError);
  EXPECT_THROW(read_result(folder.file("[]")), UsageError);
  EXPECT_THROW(read_result(folder.file("[1, 2]")), UsageError);
  json twice = a_matrix();
  twice[1] = twice[0];
  EXPECT_THROW(read_result(folder.file(twice.dump())), UsageError);
  EXPECT_THAT(error_of(folder.file(a_matrix().dump())), HasSubstr("it is the list of a matrix"));
}

TEST(Compare, SameIsNothing) {
  const Result r = result_of_report(a_report());
  EXPECT_TRUE(compare_results(r, r, 0).empty());
}

TEST(Compare, FiguresSettingsVerdicts) {
  const Result a = result_of_report(a_report());
  RunResult other = a_result();
  other.figures["hot.total"].add(44);       // count 3 -> 4, p99 and max 40 -> 44
  other.figures["outage"].add(5);           // only in B
  other.config.set("link.latency=90");
  other.checks[1].pass = true;
  const Result b = result_of_report(json::parse(report_json(other)));
  const auto find = [](const std::vector<Difference>& all, const std::string& name) {
    for (const Difference& d : all)
      if (d.name == name) return d;
    ADD_FAILURE() << name;
    return Difference{};
  };
  const auto strict = compare_results(a, b, 0);
  EXPECT_TRUE(find(strict, "hot.total.max").beyond);
  EXPECT_DOUBLE_EQ(find(strict, "hot.total.max").percent, 10);
  EXPECT_EQ(find(strict, "outage.max").a, "-");
  EXPECT_TRUE(find(strict, "outage.max").beyond);
  EXPECT_EQ(find(strict, "link.latency").b, "90");
  EXPECT_FALSE(find(strict, "link.latency").beyond);
  EXPECT_TRUE(find(strict, "check conservation").beyond);
  const auto loose = compare_results(a, b, 10);
  EXPECT_FALSE(find(loose, "hot.total.max").beyond);
  EXPECT_TRUE(find(loose, "hot.total.count").beyond);
}

}  // namespace
}  // namespace atcbench
