// SPDX-License-Identifier: Apache-2.0
//
// Plots by gnuplot: the script holds the data, so that it can be drawn again, elsewhere, by hand.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "atcbench/error.h"
#include "atcbench/event_log.h"
#include "atcbench/sweep.h"

extern char** environ;

namespace atcbench {
namespace {

// Told apart without colour too: each line has its own point type.
constexpr const char* kColours[] = {"#0b6fb8", "#d1495b", "#2e8b57", "#8e5ea2", "#e08e0b", "#3a9ea5", "#7a5230", "#555555"};

std::string quoted(std::string text) {
  for (char& c : text)
    if (c == '"' || c == '\\' || c == '\n') c = ' ';
  return "\"" + text + "\"";
}

const std::string* setting(const SweepPoint& point, const std::string& key) {
  for (const auto& [name, value] : point.settings)
    if (name == key) return &value;
  return nullptr;
}

struct Curve {
  std::string label;
  std::vector<std::pair<std::string, std::vector<double>>> points;  // x -> values (of other keys, seeds): median drawn
  bool is_bound = false;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A word says by itself what it is.
std::string label_of(const std::string& key, const std::string& value) {
  return is_number(value) ? fmt::format("{} = {}", key.substr(key.rfind('.') + 1), value) : value;
}

// Of the points whose facet has the value `of`.
std::vector<Curve> curves_of(const SweepPlot& plot, const std::string& of, const std::vector<SweepPoint>& points,
                             const std::vector<PointResult>& results) {
  std::vector<Curve> curves;
  std::vector<std::string> wanted = plot.y;
  if (plot.bound) wanted.emplace_back("bound");
  for (const std::string& figure : wanted) {
    for (size_t i = 0; i < points.size(); ++i) {
      if (!plot.facet.empty() && *setting(points[i], plot.facet) != of) continue;
      const bool drawn = figure == "bound" && !plot.bound_of.empty();
      const auto value = drawn ? results[i].figures.find(plot.y.front()) : results[i].figures.find(figure);
      if (value == results[i].figures.end()) continue;
      std::string label = figure == "bound" ? "bound" : plot.y.size() > 1 ? figure : "";
      for (const std::string& key : plot.series)
        label += (label.empty() ? "" : ", ") + label_of(key, *setting(points[i], key));
      if (label.empty()) label = figure;
      auto curve = std::find_if(curves.begin(), curves.end(), [&label](const Curve& c) { return c.label == label; });
      if (curve == curves.end()) curve = curves.insert(curves.end(), Curve{label, {}, figure == "bound"});
      const std::string& x = *setting(points[i], plot.x);
      auto at = std::find_if(curve->points.begin(), curve->points.end(), [&x](const auto& p) { return p.first == x; });
      if (at == curve->points.end()) at = curve->points.insert(curve->points.end(), {x, {}});
      at->second.push_back(drawn ? evaluate_bound(plot.bound_of, points[i].config) : value->second);
    }
  }
  return curves;
}

std::pair<double, double> ends_of(const std::vector<Curve>& curves) {
  double least = std::stod(curves.front().points.front().first), most = least;
  for (const Curve& curve : curves)
    for (const auto& point : curve.points) {
      least = std::min(least, std::stod(point.first));
      most = std::max(most, std::stod(point.first));
    }
  return {least, most};
}

std::string script(const SweepPlot& plot, const std::string& name, const std::string& title, const std::vector<Curve>& curves,
                   const std::string& base) {
  bool numbers = true;
  for (const Curve& curve : curves)
    for (const auto& point : curve.points) numbers = numbers && is_number(point.first);
  std::string out = "# SPDX-License-Identifier: Apache-2.0\n# gnuplot draws " + name + ".svg and .png from this.\n";
  for (size_t i = 0; i < curves.size(); ++i) {
    out += fmt::format("$curve{} << EOD\n", i);
    for (const auto& [x, values] : curves[i].points)
      out += fmt::format("{} {:.6g}\n", numbers ? x : quoted(x), median(values));
    out += "EOD\n";
  }
  out += fmt::format(
      "set title {} font \",15\" noenhanced\nset xlabel {} noenhanced\nset ylabel {} noenhanced\nset key outside right top "
      "noenhanced\nset grid lw 1 lt 1 lc rgb \"#cccccc\"\nset border 3\nset tics nomirror noenhanced\nset format y \"%.0f\"\n",
      quoted(title), quoted(plot.x_label), quoted(plot.y_label));
  // A little more than the points: a tic at the very end of a logarithmic axis is rounded out of it.
  if (plot.log_x && numbers) {
    const auto [least, most] = ends_of(curves);
    out += fmt::format("set logscale x 2\nset xrange [{:.6g}:{:.6g}]\n", least / 1.03, most * 1.03);
  }
  out += plot.log_y ? "set logscale y\n" : "set yrange [0:*]\n";
  // Marks where points are.
  if (numbers) {
    std::vector<std::string> marks;
    for (const Curve& curve : curves)
      for (const auto& point : curve.points)
        if (std::find(marks.begin(), marks.end(), point.first) == marks.end()) marks.push_back(point.first);
    out += fmt::format("set xtics ({})\n", fmt::join(marks, ", "));
  } else {
    out += "set xrange [-0.5:*]\nset offsets 0, 0.5, 0, 0\n";
  }
  std::string lines;
  for (size_t i = 0, colour = 0; i < curves.size(); ++i) {
    // A bound has the colour of the line that it bounds: they come in the same order.
    if (i && curves[i].is_bound && !curves[i - 1].is_bound) colour = 0;
    const char* rgb = kColours[colour % std::size(kColours)];
    lines += fmt::format("{}$curve{} using {} with {} title {}", lines.empty() ? "plot " : ", ", i,
                         numbers ? "1:2" : "0:2:xtic(1)",
                         curves[i].is_bound ? fmt::format("lines lw 1.5 dt 2 lc rgb \"{}\"", rgb)
                                            : fmt::format("linespoints lw 2 pt {} ps 0.9 lc rgb \"{}\"", 5 + 2 * (colour % 5), rgb),
                         curves[i].is_bound && i && curves[i - 1].is_bound ? "\"\"" : quoted(!curves[i].is_bound         ? curves[i].label
                                : plot.bound_of.empty() ? "bound"
                                                        : "bound: " + plot.bound_of));
    ++colour;
  }
  out += fmt::format(
      "set terminal svg size 960,540 dynamic font \"DejaVu Sans,13\" background \"white\"\nset output {}\n{}\n"
      "set terminal pngcairo size 1440,810 font \"DejaVu Sans,14\" background \"white\"\nset output {}\n{}\nset output\n",
      quoted(base + ".svg"), lines, quoted(base + ".png"), lines);
  return out;
}

void run_gnuplot(const std::string& path) {
  std::string program = "gnuplot", argument = path;
  char* const argv[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "gnuplot", nullptr, nullptr, argv, environ);
  if (error == ENOENT) throw HostError("plots need gnuplot: sim/tools/setup.sh installs it; the tables are written");
  if (error) throw HostError(fmt::format("cannot start gnuplot: {}", std::strerror(error)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw HostError(fmt::format("gnuplot failed on {}", path));
}

}  // namespace

std::vector<std::string> draw_sweep_plots(const SweepSpec& spec, const std::vector<SweepPoint>& points,
                                          const std::vector<PointResult>& results, const std::string& folder) {
  std::vector<std::string> names;
  for (const SweepPlot& plot : spec.plots) {
    std::vector<std::string> pictures{""};  // values of the facet
    for (const auto& [key, values] : spec.vary)
      if (key == plot.facet) pictures = values;
    for (const std::string& value : pictures) {
      const std::vector<Curve> curves = curves_of(plot, value, points, results);
      if (curves.empty()) continue;  // no point has such a figure: the table says why
      const std::string name = plot.facet.empty() ? plot.name : plot.name + "-" + value;
      const std::string title = plot.facet.empty() ? plot.title : plot.title + ", " + label_of(plot.facet, value);
      const std::string base = folder + "/" + name;
      write_file_atomically(base + ".gp", script(plot, name, title, curves, base));
      run_gnuplot(base + ".gp");
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace atcbench
