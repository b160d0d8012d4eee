// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "atcbench/error.h"
#include "atcbench/scenario.h"
#include "atcbench/sweep.h"
#include "toml_file.h"

namespace atcbench {
namespace {

constexpr size_t kMostPoints = 10000;
constexpr size_t kMostValues = 1000;

class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  SweepSpec read() {
    const toml::table file = read_toml(path_);
    only(file, {"title", "scenario", "set", "vary", "figures", "plot"});
    SweepSpec spec;
    spec.name = std::filesystem::path(path_).stem().string();
    spec.scenario = word(file, "scenario");
    spec.title = file.contains("title") ? word(file, "title") : spec.name;
    find_scenario(spec.scenario);
    if (const auto* fixed = file["set"].as_table()) each_key(*fixed, "", [&](const std::string& key, const toml::node& node) {
      spec.fixed.emplace_back(key, value(node, key));
      try_key(key, spec.fixed.back().second, node);
    });
    std::vector<std::pair<toml::source_index, size_t>> order;
    if (const auto* vary = file["vary"].as_table()) each_key(*vary, "", [&](const std::string& key, const toml::node& node) {
      // A value that is out of range makes its points impossible; a key that does not exist is an error of the file.
      try {
        Config().get(key);
      } catch (const UsageError& e) {
        wrong(node, e.what());
      }
      order.emplace_back(node.source().begin.line, spec.vary.size());
      spec.vary.emplace_back(key, range(node, key));
    });
    std::sort(order.begin(), order.end());
    decltype(spec.vary) sorted;
    for (const auto& entry : order) sorted.push_back(spec.vary[entry.second]);
    spec.vary = std::move(sorted);
    if (spec.vary.empty()) throw UsageError(fmt::format("{}: nothing in [vary]", path_));
    spec.figures = words(file, "figures");
    if (spec.figures.empty()) throw UsageError(fmt::format("{}: no figures", path_));
    if (const auto* plots = file["plot"].as_array())
      for (const auto& node : *plots)
        if (const auto* table = node.as_table()) spec.plots.push_back(plot(*table, spec));
    return spec;
  }

 private:
  [[noreturn]] void wrong(const toml::node& at, const std::string& what) const {
    throw UsageError(fmt::format("{}:{}: {}", path_, at.source().begin.line, what));
  }

  void only(const toml::table& table, const std::vector<std::string>& names) const {
    for (const auto& [key, node] : table)
      if (std::find(names.begin(), names.end(), key.str()) == names.end())
        wrong(node, fmt::format("unknown '{}'; there are {}", key.str(), fmt::join(names, ", ")));
  }

  std::string word(const toml::table& table, const char* name) const {
    const auto* text = table[name].as_string();
    if (!text || text->get().empty()) throw UsageError(fmt::format("{}: {} must be a text", path_, name));
    return text->get();
  }

  std::vector<std::string> words(const toml::table& table, const char* name) const {
    std::vector<std::string> out;
    if (const auto* one = table[name].as_string()) out.push_back(one->get());
    if (const auto* list = table[name].as_array())
      for (const auto& node : *list) {
        if (!node.is_string()) wrong(node, fmt::format("{} must be texts", name));
        out.push_back(node.as_string()->get());
      }
    return out;
  }

  // Leaves: anything but a table, or a range {from, to, ...}.
  template <class F>
  void each_key(const toml::table& table, const std::string& prefix, F&& f) const {
    for (const auto& [name, node] : table) {
      const std::string key = prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
      const auto* sub = node.as_table();
      if (sub && !sub->contains("from"))
        each_key(*sub, key, f);
      else
        f(key, node);
    }
  }

  std::string value(const toml::node& node, const std::string& key) const {
    if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* flag = node.as_boolean()) return flag->get() ? "1" : "0";
    wrong(node, fmt::format("'{}' is neither a number nor a word", key));
  }

  void try_key(const std::string& key, const std::string& text, const toml::node& node) const {
    try {
      Config().set(key, text);
    } catch (const UsageError& e) {
      wrong(node, e.what());
    }
  }

  std::vector<std::string> range(const toml::node& node, const std::string& key) const {
    std::vector<std::string> out;
    if (const auto* list = node.as_array()) {
      for (const auto& item : *list) out.push_back(value(item, key));
    } else if (const auto* table = node.as_table()) {
      only(*table, {"from", "to", "step", "factor"});
      const auto number = [&](const char* name, int64_t otherwise) {
        return (*table)[name].value<int64_t>().value_or(otherwise);
      };
      const int64_t from = number("from", -1), to = number("to", -1), step = number("step", 0), factor = number("factor", 0);
      if (from < 0 || to < from || (step > 0) == (factor > 1) || step < 0 || (factor > 1 && from == 0))
        wrong(node, fmt::format("'{}': a range is from <= to with step > 0 or factor > 1", key));
      for (int64_t v = from; v <= to && out.size() <= kMostValues; v = step > 0 ? v + step : v * factor)
        out.push_back(fmt::format("{}", v));
    } else {
      wrong(node, fmt::format("'{}' must be a list or {{from, to, step or factor}}", key));
    }
    if (out.empty() || out.size() > kMostValues) wrong(node, fmt::format("'{}' has no values, or too many", key));
    return out;
  }

  SweepPlot plot(const toml::table& table, const SweepSpec& spec) const {
    only(table, {"name", "title", "x", "y", "series", "facet", "log_x", "log_y", "bound", "x_label", "y_label"});
    SweepPlot p;
    p.name = word(table, "name");
    p.title = table.contains("title") ? word(table, "title") : spec.title;
    p.x = word(table, "x");
    p.y = words(table, "y");
    p.series = words(table, "series");
    if (table.contains("facet")) p.facet = word(table, "facet");
    p.log_x = table["log_x"].value_or(false);
    p.log_y = table["log_y"].value_or(false);
    p.bound = table["bound"].value_or(false);
    if (table["bound"].is_string()) {
      p.bound = true;
      p.bound_of = word(table, "bound");
      try {
        evaluate_bound(p.bound_of, Config());
      } catch (const UsageError& e) {
        wrong(table, e.what());
      }
    }
    p.x_label = table.contains("x_label") ? word(table, "x_label") : p.x;
    p.y_label = table.contains("y_label") ? word(table, "y_label") : "cycles";
    if (p.name.find('/') != std::string::npos) wrong(table, "a plot's name is the name of its files");
    if (p.y.empty()) wrong(table, "a plot needs y");
    const auto varies = [&spec](const std::string& key) {
      return std::any_of(spec.vary.begin(), spec.vary.end(), [&key](const auto& entry) { return entry.first == key; });
    };
    if (!varies(p.x)) wrong(table, fmt::format("x = '{}' does not vary", p.x));
    for (const std::string& key : p.series)
      if (!varies(key)) wrong(table, fmt::format("series '{}' does not vary", key));
    if (!p.facet.empty() && !varies(p.facet)) wrong(table, fmt::format("facet '{}' does not vary", p.facet));
    if (!p.facet.empty() && (p.facet == p.x || std::find(p.series.begin(), p.series.end(), p.facet) != p.series.end()))
      wrong(table, fmt::format("facet '{}' is x or a series as well", p.facet));
    not_too_many_lines(table, p, spec);
    for (const std::string& figure : p.y)
      if (std::find(spec.figures.begin(), spec.figures.end(), figure) == spec.figures.end())
        wrong(table, fmt::format("y '{}' is not one of the figures", figure));
    return p;
  }

  // Known before anything runs, so said before anything runs.
  void not_too_many_lines(const toml::table& table, const SweepPlot& p, const SweepSpec& spec) const {
    size_t lines = p.y.size(), most = 0;
    std::string widest;
    for (const auto& [key, values] : spec.vary) {
      if (std::find(p.series.begin(), p.series.end(), key) == p.series.end()) continue;
      lines *= values.size();
      if (values.size() > most) {
        most = values.size();
        widest = key;
      }
    }
    if (lines > kMostLines && widest.empty())
      wrong(table, fmt::format("plot '{}' has {} lines, at most {} can be told apart: give it fewer figures in y", p.name, lines, kMostLines));
    if (lines > kMostLines)
      wrong(table, fmt::format("plot '{}' has {} lines, at most {} can be told apart: give '{}' less than its {} values, or move it "
                               "from series to facet", p.name, lines, kMostLines, widest, most));
  }

  std::string path_;
};

}  // namespace

double evaluate_bound(const std::string& text, const Config& config) {
  const auto parts = [](const std::string& whole, char separator) {
    std::vector<std::string> out(1);
    for (const char c : whole) {
      if (c == separator)
        out.emplace_back();
      else if (c != ' ')
        out.back() += c;
    }
    return out;
  };
  double sum = 0;
  for (const std::string& term : parts(text, '+')) {
    double product = 1;
    for (const std::string& factor : parts(term, '*')) {
      const bool literal = !factor.empty() && factor.find_first_not_of("0123456789") == std::string::npos;
      const std::string value = literal ? factor : config.get(factor);
      if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos)
        throw UsageError(fmt::format("bound '{}': '{}' is not a number", text, factor));
      product *= std::stod(value);
    }
    sum += product;
  }
  return sum;
}

SweepSpec read_sweep(const std::string& path) { return Reader(path).read(); }

std::string SweepPoint::id() const {
  std::string text;
  for (const auto& [key, value] : settings) text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  return text;
}

std::vector<SweepPoint> sweep_points(const SweepSpec& spec, const std::vector<ModelEntry>& models) {
  size_t count = 1;
  for (const auto& entry : spec.vary) {
    count *= entry.second.size();
    if (count > kMostPoints) throw UsageError(fmt::format("sweep {} has more than {} points", spec.name, kMostPoints));
  }
  std::vector<SweepPoint> points(count);
  for (size_t n = 0; n < count; ++n) {
    SweepPoint& point = points[n];
    size_t rest = count, index = n;
    for (const auto& [key, values] : spec.vary) {
      rest /= values.size();
      point.settings.emplace_back(key, values[index / rest]);
      index %= rest;
    }
    try {
      for (const auto& [key, value] : spec.fixed) point.config.set(key, value);
      for (const auto& [key, value] : point.settings) point.config.set(key, value);
      point.config.finish();
      find_scenario(spec.scenario).create()->configure(point.config);
      select_model(point.config, models);
    } catch (const UsageError& e) {
      point.impossible = e.what();
    }
  }
  return points;
}

}  // namespace atcbench
