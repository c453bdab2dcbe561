#include <algorithm>
#include <cmath>
#include <string_view>

#include "iuf/report/charts.h"
#include "iuf/report/markup.h"
#include "iuf/report/sections.h"
#include "iuf/run/heatmap.h"
#include "iuf/run/text.h"

namespace iuf::report {
namespace {

/// After the last step; empty for an object that was not measured.
std::optional<ObjectResult> result_of(const RunMetrics& metrics, const std::string& object) {
  const auto found = std::ranges::find(metrics.per_object, object, &ObjectResult::object);
  return found == metrics.per_object.end() ? std::nullopt : std::optional(*found);
}

std::string object_table(const RunFolder& run) {
  std::string rows;
  for (size_t i = 0; i < run.metrics.objects.size(); ++i) {
    const std::string& name = run.metrics.objects[i];
    const std::optional<ObjectResult> measured = result_of(run.metrics, name);
    const ObjectResult result = measured.value_or(ObjectResult{});
    const auto images = [&](int64_t number) { return measured ? count(number) : std::string("n/a"); };
    rows += join("<tr>", row_head(join("<a href='#object-", count(i), "'>", breakable(name), "</a>")),
                 cell(count(run.image.learned[i] + 1)));
    for (const std::optional<double>& fraction :
         {result.image.auroc, result.image.average_precision, result.image.f1_max, result.pixel.auroc,
          result.pixel.average_precision, result.pixel.f1_max, result.aupro})
      rows += cell(percent_text(fraction));
    rows += join(cell(number_text(result.threshold)), cell(images(result.test_normal)),
                 cell(images(result.test_defect)), cell(percent_text(result.recognised)), "</tr>\n");
  }
  std::string remarks;
  for (const std::string& remark : remarks_on(run.metrics.per_object)) remarks += note(escape(remark));
  return table("Figures of each object", "",
               {"object", "step", "image AUROC", "image AP", "image F1-max", "pixel AUROC", "pixel AP", "pixel F1-max",
                "AUPRO", "threshold", "normal images", "defect images", "recognised"},
               rows) +
         remarks;
}

/// How each kind of defect fared.
std::string kinds_table(const std::vector<const ScoredImage*>& scores) {
  struct Kind {
    bool defect;
    std::string name;
    Tally tally;
    std::vector<double> scores;
  };
  std::vector<Kind> kinds;
  for (const ScoredImage* score : scores) {
    auto kind = std::find_if(kinds.begin(), kinds.end(),
                             [&](const Kind& k) { return k.defect == score->defect && k.name == score->label_name; });
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), {score->defect, score->label_name, {}, {}});
    kind->tally.add(*score);
    kind->scores.push_back(score->score);
  }
  std::stable_sort(kinds.begin(), kinds.end(), [](const Kind& a, const Kind& b) { return a.defect < b.defect; });
  std::string rows;
  for (Kind& kind : kinds) {
    const size_t images = kind.scores.size(), above = kind.tally.alarms + kind.tally.found;
    const size_t decided = kind.tally.normal + kind.tally.defect;
    // NaN breaks the order that sorting needs; it is that of an image that was not judged.
    std::erase_if(kind.scores, [](double score) { return std::isnan(score); });
    std::sort(kind.scores.begin(), kind.scores.end());
    const size_t half = kind.scores.size() / 2;
    std::optional<double> median;
    if (!kind.scores.empty())
      median = kind.scores.size() % 2 ? kind.scores[half] : (kind.scores[half - 1] + kind.scores[half]) / 2;
    const std::string name = kind.name.empty() ? kind.defect ? "defect" : "normal" : kind.name;
    rows += join(kind.defect ? "<tr>" : "<tr class='normal'>",
                 row_head(breakable(name) + (kind.defect ? "" : "<small>normal</small>")), cell(count(images)),
                 cell(decided ? meter(static_cast<double>(above) / static_cast<double>(decided), count(above)) : "n/a"),
                 cell(count(kind.tally.unknown)), cell(count(kind.tally.errors)), cell(number_text(median)), "</tr>\n");
  }
  return table("Verdicts by kind", "kinds",
               {"kind", "images", "alarms", "of these unknown", "not judged", "median score"}, rows);
}

// Whether its verdict is; an image without one is not.
bool is_right(const GalleryItem& item) {
  const Verdict said = item.decision();
  return said != Verdict::error && said != Verdict::no_threshold && item.defect == is_alarm(said);
}

std::string shot(const GalleryItem& item, const std::filesystem::path& folder, size_t& budget) {
  const auto file = [&](const std::optional<std::string>& name) {
    return name ? folder / *name : std::filesystem::path();
  };
  const Verdict said = item.decision();
  const bool decided = said != Verdict::error && said != Verdict::no_threshold;
  const bool right = is_right(item);
  const std::string verdict = join(!decided      ? name_of(said)
                                   : item.defect ? (right ? "\u2713 defect found" : "\u2717 defect missed")
                                                 : (right ? "\u2713 passed" : "\u2717 false alarm"),
                                   said == Verdict::unknown ? " (unknown)" : "");
  const std::string kind = item.label_name.empty() ? item.defect ? "defect" : "normal" : item.label_name;
  return join("<li class='shot' data-groups='all ", item.defect ? "defect" : "normal", right ? "" : " wrong",
              "'><button type='button' class='panels' aria-label='Enlarge ", escape(item.file), "'>",
              picture_panel(file(item.input), "input", "", budget),
              picture_panel(file(item.mask), "ground truth", item.defect ? "no mask" : "no defect", budget),
              picture_panel(file(item.heat), "heatmap", "image level only", budget),
              "</button><div class='facts'><span class='verdict ", right ? "right" : "wrong", "'>", verdict,
              "</span><span>", escape(kind), "</span><span class='score'>score ", number_text(item.score),
              " \u00B7 threshold ", number_text(item.threshold), "</span><span class='file'>", escape(item.file),
              "</span></div></li>\n");
}

std::string ramp_gradient() {
  std::string stops;
  for (const Colour& colour : colour_ramp())
    stops +=
        join(stops.empty() ? "" : ",", "rgb(", count(colour[0]), " ", count(colour[1]), " ", count(colour[2]), ")");
  return join("linear-gradient(90deg,", stops, ")");
}

std::string gallery(const Gallery& all, const std::filesystem::path& folder, const std::string& object, size_t budget) {
  std::vector<const GalleryItem*> items;
  for (const GalleryItem& item : all.items)
    if (item.object == object) items.push_back(&item);
  if (items.empty()) return note("The gallery holds no images of this object.");

  const auto scale = all.scales.find(object);
  const bool heat =
      std::any_of(items.begin(), items.end(), [](const GalleryItem* item) { return item->heat.has_value(); });
  std::string text = "<div class='bar-head'><h4>Input, ground truth, heatmap</h4><div class='key' style='margin:0'>";
  if (heat && scale != all.scales.end())
    text += join("<span title='One scale for all images of this object'>", trimmed_text(scale->second.low, 3),
                 " <i class='ramp' style='background:", ramp_gradient(), "'></i> ", trimmed_text(scale->second.high, 3),
                 "</span>");
  text += "</div><div class='filter' role='group' aria-label='Which images to show'>";
  const std::pair<const char*, const char*> groups[] = {
      {"all", "all"}, {"defect", "defective"}, {"normal", "normal"}, {"wrong", "wrong verdict"}};
  for (const auto& [group, name] : groups) {
    const auto in_group = [&, &g = group](const GalleryItem* item) {
      const std::string_view wanted = g;
      return wanted == "all" || (wanted == "wrong" ? !is_right(*item) : item->defect == (wanted == "defect"));
    };
    const size_t members = static_cast<size_t>(std::count_if(items.begin(), items.end(), in_group));
    if (members > 0)
      text += join("<button type='button' data-group='", group, "' aria-pressed='",
                   group == groups[0].first ? "true" : "false", "'>", name, " ", count(members), "</button>");
  }
  text += "</div></div>\n<ul class='gallery'>\n";
  size_t left_out = 0;
  for (const GalleryItem* item : items) {
    if (budget == 0)
      ++left_out;
    else
      text += shot(*item, folder, budget);
  }
  text += "</ul>\n";
  if (left_out)
    text += note(join(plural(left_out, "more image is", "more images are"),
                      " in the run's gallery folder; the report would grow too large."));
  return text;
}

std::string object_section(const RunFolder& run, size_t index) {
  const RunMetrics& metrics = run.metrics;
  const std::string& name = metrics.objects[index];
  const ObjectResult result = result_of(metrics, name).value_or(ObjectResult{});
  std::vector<const ScoredImage*> scores;
  Tally tally;
  if (run.scores)
    for (const ScoredImage& score : *run.scores)
      if (score.object == name) {
        scores.push_back(&score);
        tally.add(score);
      }

  std::string text = join("<div class='object' id='object-", count(index), "'><header><h3>", escape(name),
                          "</h3><a href='#objects'>all objects</a></header>\n<p class='intro'>Learned in step ",
                          count(run.image.learned[index] + 1), ". AUROC in percent: image ",
                          percent_text(result.image.auroc), ", pixel ", percent_text(result.pixel.auroc), ".",
                          scores.empty() ? "" : join(" ", tally.text(), "."), "</p>\n");
  if (!scores.empty()) {
    Histogram chart{join("Scores of ", name, ": ", tally.text()),
                    {},
                    {},
                    result.threshold.value_or(scores.front()->threshold.value_or(NAN))};
    for (const ScoredImage* score : scores) (score->defect ? chart.defect : chart.normal).push_back(score->score);
    text += join("<div class='pair'><div><h4>Scores of the test images</h4><figure>", histogram(chart),
                 "</figure></div><div><h4>By kind</h4>", kinds_table(scores), "</div></div>\n");
  } else if (run.scores) {
    text += note("scores.csv has no test images of this object.");
  }
  if (run.gallery) text += gallery(*run.gallery, run.gallery_folder, name, picture_budget / metrics.objects.size());
  return text + "</div>\n";
}

}  // namespace

std::string objects_section(const RunFolder& run) {
  std::string text = join(R"(<section id='objects'><h2>Objects after the last step</h2>
<p>Figures in percent, but for the threshold and the numbers of test images. Recognised: the share of test images whose
object the model named correctly.</p>
)",
                          object_table(run));
  if (!run.scores) text += note("This run has no scores.csv: score histograms are left out.");
  if (!run.gallery) text += note("This run has no gallery: example images are left out.");
  text += "</section>\n";
  if (run.scores || run.gallery)
    for (size_t i = 0; i < run.metrics.objects.size(); ++i) text += object_section(run, i);
  return text;
}

}  // namespace iuf::report
