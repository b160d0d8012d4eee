// SPDX-License-Identifier: Apache-2.0
#include "atcbench/report_html.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "atcbench/config.h"
#include "atcbench/error.h"
#include "atcbench/event_names.h"
#include "atcbench/figures.h"
#include "atcbench/report_file.h"
#include "atcbench/trace.h"
#include "commands.h"

namespace atcbench {
namespace {

using Json = nlohmann::json;

constexpr const char* kTemplate =
#include "report_html.inc"  // sim/report/report.html
    ;
constexpr const char* kPlaceholder = "\"@DATA@\"";

// A page stays a few megabytes, however long the run: beyond these it says what it leaves out.
constexpr size_t kMostSpans = 4000;     // of a track
constexpr size_t kMostPoints = 2000;    // of an occupancy curve
constexpr size_t kMostEvents = 200;     // of a phase
constexpr size_t kMostValues = 20000;   // of a histogram

Json tracks_json(const std::vector<Event>& events) {
  Json out = Json::array();
  for (const Track& track : trace_tracks(events)) {
    Json t = {{"name", fmt::format("{} {}", track.kind == Track::Kind::kCpu ? "CPU" : "device", track.index)},
              {"left_out", track.spans.size() > kMostSpans ? track.spans.size() - kMostSpans : 0},
              {"spans", Json::array()},
              {"marks", Json::array()}};
    // What is rare is what one looks for: the ordinary spans are the ones left out.
    std::vector<const Span*> kept;
    for (const Span& s : track.spans)
      if (s.name != "map" && s.name != "unmap" && s.name != "sync_wait" && s.name != "invalidation" && kept.size() < kMostSpans)
        kept.push_back(&s);
    for (const Span& s : track.spans)
      if ((s.name == "map" || s.name == "unmap" || s.name == "sync_wait" || s.name == "invalidation") && kept.size() < kMostSpans)
        kept.push_back(&s);
    for (const Span* s : kept) t["spans"].push_back({s->from, s->to, s->name, s->detail});
    for (size_t i = 0; i < std::min(track.marks.size(), kMostSpans); ++i)
      t["marks"].push_back({track.marks[i].first, track.marks[i].second});
    out.push_back(std::move(t));
  }
  return out;
}

Json series_json(const Series& series) {
  Json out = Json::array();
  for (const auto& [cycle, value] : thin_out(series, kMostPoints)) out.push_back({cycle, value});
  return out;
}

// Traffic of the load is left to the log: a phase shows what explains it.
bool explains(const Event& e) {
  switch (e.event) {
    case EV_TLP_DOWN:
    case EV_TLP_UP:
    case EV_DMA_START:
    case EV_DMA_DONE:
    case EV_DMA_ACCESS:
    case EV_XLAT_REQ:
    case EV_XLAT_CPL:
    case EV_CREDIT_STALL:
    case EV_PAGE_GRANT:
    case EV_PAGE_RELEASE:
      return false;
    default:
      return true;
  }
}

Json phases_json(const Json& waterfall, const std::vector<Event>& events) {
  Json out = Json::array();
  for (size_t i = 0; i < waterfall.size(); ++i) {
    const Cycle to = waterfall[i].at("cycle");
    const Cycle from = i ? waterfall[i - 1].at("cycle").get<Cycle>() : to;
    Json list = Json::array();
    uint64_t all = 0;
    auto e = std::lower_bound(events.begin(), events.end(), from, [](const Event& x, Cycle cycle) { return x.cycle < cycle; });
    for (; e != events.end() && e->cycle <= to; ++e) {
      if (!explains(*e)) continue;
      if (++all <= kMostEvents) list.push_back({e->cycle, event_name(e->event), describe_event(*e)});
    }
    out.push_back({{"from", from}, {"to", to}, {"count", all}, {"events", list}});
  }
  return out;
}

Json values_json(const std::vector<Event>& events) {
  Json out = Json::object();
  for (const auto& [name, distribution] : derive_figures(events))
    if (distribution.count() > 1) {
      Json& list = out[name] = Json::array();
      const uint64_t stride = distribution.count() / kMostValues + 1;
      for (uint64_t i = 0; i < distribution.count(); i += stride) list.push_back(distribution.at_rank(i));
    }
  return out;
}

}  // namespace

std::string report_html(const Json& report, const std::vector<Event>& events) {
  Json data;
  data["report"] = report;
  data["end"] = std::max<Cycle>(report.at("cycles").get<Cycle>(), 1);
  data["tracks"] = tracks_json(events);
  const Occupancy occupancy = trace_occupancy(events);
  data["commands"] = series_json(occupancy.commands);
  data["itags"] = Json::object();
  for (const auto& [device, series] : occupancy.itags) data["itags"][fmt::format("device {}", device)] = series_json(series);
  data["phases"] = phases_json(report.at("waterfall"), events);
  data["values"] = values_json(events);
  data["not_default"] = Json::array();
  for (const auto& entry : run_of_report(report, "report").config.differences()) data["not_default"].push_back(entry.first);
  // "</script>" in a text must not end the script.
  std::string text = data.dump(-1, ' ', true);
  for (size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at)) text.replace(at, 1, "\\u003c");
  std::string page = kTemplate;
  const size_t place = page.find(kPlaceholder);
  if (place == std::string::npos) throw std::logic_error("the template of the report page has no place for its data");
  return page.replace(place, std::string(kPlaceholder).size(), text);
}

void add_html(CLI::App& app, int& status) {
  struct Args {
    std::string report, events, out;
  };
  CLI::App& command = *app.add_subcommand("html", "draw a report and its event log as one page");
  const auto args = std::make_shared<Args>();
  command.add_option("report", args->report, "report.json")->required();
  command.add_option("events", args->events, "events.bin")->required();
  command.add_option("-o,--out", args->out, "the page")->required();
  command.callback([args, &status] {
    write_file_atomically(args->out, report_html(read_report(args->report), read_event_log(args->events)));
    status = 0;
  });
}

}  // namespace atcbench
