#include "iuf/report/html.h"

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "fabricated_run.h"
#include "iuf/data/json_fields.h"
#include "support/occurrences.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const size_t start = text.find(from);
  if (start == std::string::npos) return "";
  const size_t stop = text.find(to, start);
  return text.substr(start, stop == std::string::npos ? stop : stop - start);
}

std::string written_report(const FabricatedRun& run) {
  write_report(run.path());
  return read_text(run.path() / "report.html");
}

/// Reads `<name attribute='value' ...>` or `</name>` at `at` and moves behind it; an empty name is a fault.
struct Tag {
  std::string name;
  bool closes = false, childless = false;
};
Tag read_tag(std::string_view page, size_t& at) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  const auto peek = [&] { return at < page.size() ? page[at] : '\0'; };
  const auto word = [&] {
    const size_t start = at;
    while (is_name(peek())) ++at;
    return std::string(page.substr(start, at - start));
  };
  Tag tag;
  ++at;
  if (peek() == '/') tag.closes = true, ++at;
  tag.name = word();
  while (!tag.closes && peek() == ' ') {
    ++at;
    if (word().empty()) return {};
    if (peek() != '=') continue;
    const char quote = ++at < page.size() ? page[at] : '\0';
    const size_t end = page.find(quote, at + 1);
    if ((quote != '\'' && quote != '"') || end == page.npos || page.substr(at, end - at).find('<') != page.npos)
      return {};
    at = end + 1;
  }
  if (peek() == '/') tag.childless = true, ++at;
  if (peek() != '>') return {};
  ++at;
  return tag;
}

/// The first fault in how tags are written, open and close; empty when there is none.
std::string fault(const std::string& page) {
  const std::set<std::string> childless = {"meta", "link", "img", "wbr", "input"};
  std::vector<std::string> open;
  for (size_t at = page.find("<html"); at != std::string::npos; at = page.find('<', at)) {
    const size_t start = at;
    const Tag tag = read_tag(page, at);
    const std::string excerpt = page.substr(start, 200);
    if (tag.name.empty()) return "not a tag: " + excerpt;
    if (tag.closes) {
      if (open.empty() || open.back() != tag.name) return "closes what is not open: " + excerpt;
      open.pop_back();
    } else if (!tag.childless && !childless.contains(tag.name)) {
      open.push_back(tag.name);
      if (tag.name == "style" || tag.name == "script") at = page.find("</" + tag.name, at);
    }
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

/// The text between each `<tag ...>` and its end.
std::vector<std::string> contents(const std::string& text, const std::string& tag) {
  std::vector<std::string> result;
  for (size_t at = text.find("<" + tag); at != std::string::npos; at = text.find("<" + tag, at)) {
    const size_t start = text.find('>', at) + 1;
    at = text.find("</" + tag + ">", start);
    result.push_back(text.substr(start, at - start));
  }
  return result;
}

}  // namespace

TEST_CASE("the report is one well-formed file that names nothing outside itself", "[report]") {
  FabricatedRun run;
  run.write();
  const std::string page = written_report(run);
  CHECK(fault(page) == "");
  CHECK(page.find("http:") == std::string::npos);
  CHECK(page.find("https:") == std::string::npos);
  CHECK(page.find("://") == page.npos);
  CHECK(page.find("url(") == std::string::npos);
  CHECK(page.find("@import") == std::string::npos);
  for (size_t at = page.find("src='"); at != std::string::npos; at = page.find("src='", at + 1))
    CHECK((page.compare(at, 27, "src='data:image/png;base64,") == 0 ||
           page.compare(at, 28, "src='data:image/jpeg;base64,") == 0));
  CHECK(occurrences(page, "<img ") == 18 * 2 + 4);  // input and heatmap of all, masks of two objects' defects
}

TEST_CASE("names from the data are escaped wherever they stand", "[report]") {
  FabricatedRun run;
  run.write();
  const std::string page = written_report(run);
  CHECK(page.find("<b>cr") == std::string::npos);
  CHECK(page.find(FabricatedRun::names[1]) == std::string::npos);
  CHECK(occurrences(page, "&lt;b&gt;cr\u00E8me&lt;/b&gt; &amp; &quot;co&quot;, &#39;x&#39;") >= 8);
  CHECK(page.find("a &quot;deep&quot; cut") != std::string::npos);
  CHECK(page.find("fine-tuning &lt;plain&gt;") != std::string::npos);
  CHECK(page.find("A &lt;fast&gt; processor") != std::string::npos);
  CHECK(page.find("# &lt;&amp;&gt;") != std::string::npos);
}

TEST_CASE("the matrices hold a cell a step and object: values, n/a and blanks in their places", "[report]") {
  FabricatedRun run;
  run.write();
  const std::string section = between(written_report(run), "<section id='matrix'", "</section>");
  std::vector<std::vector<std::string>> rows;
  for (const std::string& row : contents(section, "tr")) rows.push_back(contents(row, "td"));
  const std::vector<std::string> header;
  const std::vector<std::vector<std::string>> expected = {header,
                                                          {"98.8", "75.0", "", "", "86.9"},
                                                          {"97.0", "76.0", "n/a", "", "86.5"},
                                                          {"95.1", "73.1", "n/a", "81.2", "83.2"},
                                                          {"3.6", "2.9", "n/a", "", "3.3"},  // forgotten
                                                          header,
                                                          {"98.0", "n/a", "", "", "98.0"},
                                                          {"97.0", "n/a", "n/a", "", "97.0"},
                                                          {"96.0", "n/a", "n/a", "91.2", "93.6"},
                                                          {"2.0", "n/a", "n/a", "", "2.0"}};
  CHECK(rows == expected);
  CHECK(occurrences(section, "<th scope='col'>") == 2 * 5);
  CHECK(occurrences(section, "class='new high'") + occurrences(section, "class='new low'") +
            occurrences(section, "class='na new'") ==
        8);
}

TEST_CASE("every object has its figures, its verdicts and its gallery", "[report]") {
  FabricatedRun run;
  run.write();
  const std::string page = written_report(run);
  const std::string table = between(page, "<section id='objects'", "</section>");
  CHECK(occurrences(table, "<tr>") == 1 + 4);
  CHECK(occurrences(table, "<td") == 4 * 12);
  CHECK(occurrences(page, "<div class='object'") == 4);

  const std::string object = between(page, "id='object-0'", "id='object-1'");
  CHECK_THAT(object, Contains("1 of 2 defective images found, 1 false alarm on 3 normal ones"));
  CHECK(occurrences(object, "<li class='shot'") == 5);
  const std::string gallery = between(object, "<ul class='gallery'", "</ul>"),
                    list = between(object, "<details class='list'", "</details>");
  for (const std::string& verdicts : {gallery, list}) {
    CHECK(occurrences(verdicts, "\u2713 passed") == 2);
    CHECK(occurrences(verdicts, "\u2717 false alarm") == 1);
    CHECK(occurrences(verdicts, "\u2717 defect missed") == 1);
    CHECK(occurrences(verdicts, "\u2713 defect found") == 1);
  }
  // Wrong verdicts come first.
  CHECK(gallery.find("\u2717 defect missed") < gallery.find("\u2713 passed"));
  CHECK_THAT(object, Contains("data-group='wrong' aria-pressed='false'>wrong verdict 2<"));
  CHECK_THAT(object, Contains("0.25 <i class='ramp'") && Contains("</i> 4<"));
  CHECK_THAT(object, Contains("score 1.250 \u00B7 threshold 1.500"));
  CHECK_THAT(between(page, "id='object-1'", "id='object-2'"), Contains(">no mask<"));
  CHECK_THAT(page, Contains("3 of 6 defective images found, 4 false alarms on 12 normal ones"));
}

TEST_CASE("a method that judges whole images has a gallery without heatmaps", "[report]") {
  FabricatedRun run;
  for (auto& item : run.index["items"]) item["heat"] = nullptr;
  run.write();
  const std::string page = written_report(run), object = between(page, "id='object-0'", "id='object-1'");
  CHECK(fault(page) == "");
  CHECK(occurrences(object, ">image level only<") == 5);
  CHECK(occurrences(object, "<i class='ramp'") == 0);
}

TEST_CASE("the comparison shows this run and marks the best of each column", "[report]") {
  FabricatedRun run;
  run.write();
  std::string section = between(written_report(run), "<section id='comparison'", "</section>");
  CHECK(occurrences(section, "<tr") == 1 + 3);
  CHECK_THAT(section, Contains("<tr class='own'><th class='sticky' scope='row'>iuf</th>"));
  CHECK(occurrences(section, "class='best'") == 4);
  CHECK_THAT(section, Contains("<td class='best' data-v='-0.01'>\u22121.0</td>"));
  CHECK(occurrences(section, ">n/a<") == 3);
  // A row of this run's name is this run: it is not added again.
  run.comparison["rows"][0]["name"] = "iuf";
  run.write();
  section = between(written_report(run), "<section id='comparison'", "</section>");
  CHECK(occurrences(section, "<tr") == 1 + 2);
}

TEST_CASE("sections whose file is missing are replaced by a note", "[report]") {
  FabricatedRun run;
  write_file(run.path() / "metrics.json", run.metrics.dump());
  const std::string page = written_report(run);
  CHECK(fault(page) == "");
  CHECK(occurrences(page, "class='note'") == 4);
  CHECK(page.find("id='comparison'") == page.npos);  // nothing was compared, and nothing is missing
  for (const char* file : {"log.jsonl", "scores.csv", "gallery", "config.toml"})
    CHECK_THAT(page, Contains("This run has no " + std::string(file)));
}

TEST_CASE("a run of one step has no card, tile or link for what only several steps can tell", "[report]") {
  FabricatedRun run;
  run.write();
  run.metrics["steps"] = {{"bottle", FabricatedRun::names[1], "no defects", "metal_plate"}};
  for (const char* level : {"image_auroc", "pixel_auroc"}) run.metrics[level] = {run.metrics[level][2]};
  run.log = "";
  run.write();
  std::filesystem::remove(run.path() / "comparison.json");
  const std::string page = written_report(run);
  CHECK(fault(page) == "");
  for (const char* id : {"matrix", "forgetting", "comparison", "training"}) {
    CHECK(page.find("id='" + std::string(id)) == page.npos);
    CHECK(page.find("href='#" + std::string(id)) == page.npos);
  }
  for (const char* id : {"objects", "thresholds", "settings", "terms"})
    CHECK(occurrences(page, "<a href='#" + std::string(id) + "'>") >= 1);
  CHECK(page.find("Image FM<") == page.npos);
}

TEST_CASE("a run of one step without any metric is still a report", "[report]") {
  FabricatedRun run;
  run.write();
  run.metrics["steps"] = {{"bottle", FabricatedRun::names[1], "no defects", "metal_plate"}};
  const nlohmann::json unknown = {{nullptr, nullptr, nullptr, nullptr}};
  run.metrics["image_auroc"] = run.metrics["pixel_auroc"] = unknown;
  for (auto& [key, value] : run.metrics["summary"].items()) value = nullptr;
  run.metrics["seconds"] = nullptr;
  run.metrics["per_object"] = nlohmann::json::array();
  run.log = "";
  run.scores = run.scores.substr(0, run.scores.find('\n') + 1);
  run.index = {{"scale", nlohmann::json::object()}, {"items", nlohmann::json::array()}};
  run.write();
  const std::string page = written_report(run);
  CHECK(fault(page) == "");
  CHECK(page.find("nan") == std::string::npos);
}

TEST_CASE("the loss of every step is drawn, that of one still running too", "[report]") {
  FabricatedRun run;
  run.log += "{\"step\":3,\"iteration\":0,\"loss\":1}\n{\"step\":3,\"iteration\":1,\"loss\":0.5}\n";
  run.write();
  const std::string section = between(written_report(run), "<section id='training'", "</section>");
  CHECK(occurrences(section, "<svg ") == 4);
  CHECK_THAT(section,
             Contains("Step 4: not finished") && Contains("1.000 \u2192 0.5000") && Contains("Step 3: metal_plate"));
  // Whatever parts the log has, by their names and each in its colour, but for the compression loss: it is 0
  // throughout.
  CHECK_THAT(section, Contains("part' style='--part:0'></i> reconstruction<") &&
                          Contains("part' style='--part:1'></i> classification &lt;objects&gt;<") &&
                          !Contains("compression"));
  CHECK(occurrences(section, "class='line part' style='--part:0'") == 3);
  CHECK(occurrences(section, "class='line part' style='--part:1'") == 1);
}

TEST_CASE("a log without parts shows the loss alone", "[report]") {
  FabricatedRun run;
  run.log =
      "{\"step\":0,\"iteration\":1,\"loss\":1,\"mse\":0.7}\n{\"step\":0,\"iteration\":2,\"loss\":0.5,\"mse\":0.3}\n";
  run.write();
  const std::string page = written_report(run), section = between(page, "<section id='training'", "</section>");
  CHECK(fault(page) == "");
  CHECK(occurrences(section, "class='line ") == 1);
  CHECK(occurrences(section, "class='swatch ") == 1);
}

TEST_CASE("a picture that is none leaves the earlier report", "[report]") {
  FabricatedRun run;
  run.write();
  const std::string before = written_report(run);
  write_file(run.path() / "gallery" / "0_1_heat.png", std::string_view("not a picture"));
  CHECK_THROWS_WITH(write_report(run.path()), Contains("0_1_heat.png") && Contains("not a PNG"));
  std::filesystem::remove(run.path() / "gallery" / "0_1_heat.png");
  CHECK_THROWS_WITH(write_report(run.path()), Contains("0_1_heat.png"));
  CHECK(read_text(run.path() / "report.html") == before);
}

TEST_CASE("pictures beside the report are the run's own files", "[report]") {
  FabricatedRun run;
  run.write();
  write_report(run.path(), PicturePlace::beside);
  const std::string page = read_text(run.path() / "report.html");
  CHECK(fault(page) == "");
  CHECK(occurrences(page, "<img ") == 18 * 2 + 4);
  for (size_t at = page.find("src='"); at != std::string::npos; at = page.find("src='", at + 1)) {
    const std::string file = page.substr(at + 5, page.find('\'', at + 5) - at - 5);
    CHECK(file.starts_with("gallery/"));
    CHECK(std::filesystem::exists(run.path() / file));
  }
}

TEST_CASE("regions are drawn in the photograph's pixels", "[report]") {
  FabricatedRun run;
  auto& item = run.index["items"][4];
  item["width"] = 400;
  item["height"] = 300;
  item["regions"] = {{{"x", 10},
                      {"y", 20},
                      {"width", 30},
                      {"height", 40},
                      {"area", 900},
                      {"peak", 2.5},
                      {"peak_x", 25},
                      {"peak_y", 40}}};
  run.write();
  const std::string object = between(written_report(run), "id='object-0'", "id='object-1'");
  CHECK(occurrences(object, "<svg class='regions' viewBox='0 0 400 300'") == 2);  // photograph and heatmap
  CHECK(occurrences(object, "<rect x='10' y='20' width='30' height='40'/>") == 2);
  CHECK_THAT(object, Contains("1 region<"));
}

TEST_CASE("the thresholds' table counts and costs every object", "[report]") {
  FabricatedRun run;
  run.write();
  const std::string page = written_report(run), section = between(page, "<section id='thresholds'", "</section>");
  CHECK(occurrences(section, "<tr id='cost-") == 4);
  CHECK_THAT(section, Contains("<td data-count='found'>1</td><td data-count='missed'>1</td>"
                               "<td data-count='alarms'>1</td><td>2</td><td>3</td><td data-count='cost'>11</td>"));
  CHECK_THAT(section, Contains("<td data-sum='cost'>34</td>"));
  CHECK_THAT(between(page, "id='object-0'", "id='object-1'"),
             Contains("data-threshold='1.5' data-raw='0 1' data-normal='0.5 0.5 1.75' data-defect='1.25 3'"));
}

TEST_CASE("the report is the same whenever it is made", "[report]") {
  FabricatedRun run;
  run.write();
  const std::string first = written_report(run);
  CHECK(written_report(run) == first);
}

TEST_CASE("the report works in a browser, without a message or a request", "[report][browser]") {
  FabricatedRun run;
  run.write();
  written_report(run);
  const std::string command =
      std::string("sh '" IUF_SOURCE_DIR "/tests/report_browser.sh' '") + (run.path() / "report.html").string() + "'";
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77) WARN("skipped: no Chromium that runs here");
  CHECK((code == 0 || code == 77));
}

TEST_CASE("the report says why figures are n/a, and takes no image without a verdict for a right one",
          "[report][html]") {
  FabricatedRun run;
  auto& object = run.metrics["per_object"][0];
  object["reasons"] = {{"aupro", "no mask for <any> of 2 images"}};
  object["notes"] = {"1 test image could not be judged"};
  object["errors"] = 1;
  run.metrics["summary"]["reasons"] = {{"pixel_fm", "nothing was learned before the last step"}};
  run.scores =
      "object,file,label,label_name,score,threshold,verdict,predicted_object,confidence,novelty,error,mask_error\r\n" +
      std::string("NAME,0.png,0,good,,,error,,0,,0.png: damaged,\r\nNAME,1.png,1,cut,0.5,1.5,unknown,NAME,1,2,,\r\n");
  const std::string name = run.metrics["objects"][0];
  for (size_t at = 0; (at = run.scores.find("NAME", at)) != std::string::npos; at += name.size() + 2)
    run.scores.replace(at, 4, '"' + name + '"');
  run.write();
  const std::string text = written_report(run);
  CHECK_THAT(text, Contains("AUPRO n/a: no mask for &lt;any&gt; of 2 images"));
  CHECK_THAT(text, Contains("1 test image could not be judged"));
  CHECK_THAT(text, Contains("1 of 1 defective image found, of these alarms 1 as unknown, 1 not judged"));
}
