// SPDX-License-Identifier: Apache-2.0
//
// `atcbench sweep FILE`: each point is a process of its own, as many at once as there are cores. A point is done when
// its report is there, is newer than the tool, and is of exactly this configuration: that is all the state there
// is, so a sweep that was killed at any moment goes on where it stopped.
#include "atcbench/sweep.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "atcbench/error.h"
#include "atcbench/folder_lock.h"
#include "atcbench/report_file.h"
#include "commands.h"

namespace atcbench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class Sweep {
 public:
  Sweep(SweepSpec spec, std::string folder, unsigned jobs)
      : spec_(std::move(spec)), folder_(std::move(folder)), jobs_(jobs), lock_(folder_),
        points_(sweep_points(spec_, model_registry())), results_(points_.size()) {}

  int run() {
    std::vector<size_t> todo;
    for (size_t i = 0; i < points_.size(); ++i) {
      if (!points_[i].impossible.empty()) {
        results_[i].status = PointResult::Status::kImpossible;
        results_[i].message = points_[i].impossible;
      } else if (!collect(i)) {
        todo.push_back(i);
      }
    }
    const size_t impossible = count(PointResult::Status::kImpossible);
    fmt::print("{}: {} points, {} to run, {} done before, {} impossible\n", spec_.title, points_.size(), todo.size(),
               points_.size() - todo.size() - impossible, impossible);
    std::fflush(stdout);
    work(todo);
    write_sweep_tables(spec_, points_, results_, folder_);
    for (size_t i = 0; i < points_.size(); ++i)
      if (results_[i].status != PointResult::Status::kPass)
        fmt::print("{}: {}: {}\n", status_name(results_[i].status), points_[i].id(), results_[i].message);
    fmt::print("{} passed, {} failed, {} impossible, {} errors; {}/{}.csv and .json\n", count(PointResult::Status::kPass),
               count(PointResult::Status::kFail), impossible, count(PointResult::Status::kError), folder_, spec_.name);
    for (const std::string& name : draw_sweep_plots(spec_, points_, results_, folder_))
      fmt::print("plot: {}/{}.svg and .png\n", folder_, name);
    return count(PointResult::Status::kPass) != points_.size();
  }

 private:
  size_t count(PointResult::Status status) const {
    return static_cast<size_t>(
        std::count_if(results_.begin(), results_.end(), [status](const PointResult& r) { return r.status == status; }));
  }
  std::string home(size_t i) const { return folder_ + "/points/" + points_[i].id(); }

  // The finished point, if it is one.
  bool collect(size_t i) {
    const std::string path = home(i) + "/report.json";
    // Older than the tool: the result of another build.
    if (!fs::exists(path) || fs::last_write_time(path) < fs::last_write_time("/proc/self/exe")) return false;
    try {
      const nlohmann::json report = read_report(path);
      const RunOfReport run = run_of_report(report, path);
      if (run.scenario != spec_.scenario || run.config.dump() != points_[i].config.dump()) return false;
      results_[i] = result_of_point(spec_, points_[i], report);
      return true;
    } catch (const UsageError&) {
      return false;  // of another version, or damaged: it is run again
    }
  }

  void work(const std::vector<size_t>& todo) {
    const auto begin = Clock::now();
    std::map<pid_t, size_t> running;
    size_t next = 0, ended = 0;
    const bool terminal = ::isatty(STDERR_FILENO);
    while (next < todo.size() || !running.empty()) {
      while (next < todo.size() && running.size() < jobs_) {
        const size_t i = todo[next++];
        running[start(i)] = i;
      }
      int status = 0;
      const pid_t child = ::waitpid(-1, &status, 0);
      if (child < 0 && errno == EINTR) continue;
      if (child < 0) throw HostError(fmt::format("waitpid: {}", std::strerror(errno)));
      const auto it = running.find(child);
      if (it == running.end()) continue;
      finish(it->second, status);
      running.erase(it);
      ++ended;
      if (terminal) {
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        fmt::print(stderr, "\r  {}/{} points, {} running, {:.0f} s left \033[K", ended, todo.size(), running.size(),
                   seconds / static_cast<double>(ended) * static_cast<double>(todo.size() - ended));
      }
    }
    if (terminal && !todo.empty()) fmt::print(stderr, "\r\033[K");
  }

  pid_t start(size_t i) {
    fs::create_directories(home(i));
    fs::remove(home(i) + "/report.json");
    std::vector<std::string> words = {"atcbench", "run", spec_.scenario, "--no-events", "--out", home(i)};
    for (const auto* list : {&spec_.fixed, &points_[i].settings})
      for (const auto& [key, value] : *list) {
        words.emplace_back("--set");
        words.push_back(key + "=" + value);
      }
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string log = home(i) + "/output.txt";
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw HostError(fmt::format("cannot start a run: {}", std::strerror(errno)));
    if (child == 0) {
      // Only what is safe after fork: the runs end with the sweep, however that ends.
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(2);
      const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
      if (fd >= 0) {
        ::dup2(fd, STDOUT_FILENO);
        ::dup2(fd, STDERR_FILENO);
      }
      ::execv("/proc/self/exe", argv.data());
      ::_exit(2);
    }
    return child;
  }

  void finish(size_t i, int status) {
    if (collect(i)) return;
    PointResult& r = results_[i];
    r.status = PointResult::Status::kError;
    r.message = WIFSIGNALED(status) ? fmt::format("killed by signal {}", WTERMSIG(status))
                                    : fmt::format("exit status {}", WEXITSTATUS(status));
    std::ifstream log(home(i) + "/output.txt");
    std::string line, last;
    while (std::getline(log, line))
      if (!line.empty()) last = line;
    if (!last.empty()) r.message += ": " + last;
  }

  SweepSpec spec_;
  std::string folder_;
  size_t jobs_;
  FolderLock lock_;
  std::vector<SweepPoint> points_;
  std::vector<PointResult> results_;
};

}  // namespace

void add_sweep(CLI::App& app, int& status) {
  struct Args {
    std::string file, out;
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  };
  CLI::App& command = *app.add_subcommand("sweep", "run one scenario over a grid of settings; goes on where it stopped");
  const auto args = std::make_shared<Args>();
  command.add_option("file", args->file, "TOML, see doc/sweeps.md")->required();
  command.add_option("--out", args->out, "folder of the results (out/sweep/<name>)");
  command.add_option("--jobs", args->jobs, "runs at a time (the cores there are)")->check(CLI::Range(1u, 1024u));
  command.callback([args, &status] {
    SweepSpec spec = read_sweep(args->file);
    const std::string folder = args->out.empty() ? "out/sweep/" + spec.name : args->out;
    status = Sweep(std::move(spec), folder, args->jobs).run();
  });
}

}  // namespace atcbench
