#include <algorithm>
#include <cmath>
#include <string_view>

#include "iuf/report/markup.h"
#include "iuf/report/outcome.h"
#include "iuf/report/sections.h"
#include "iuf/report/threshold_panel.h"
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
  return table("Figures of each object", "sortable",
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

// The images of all lists together, of which none is longer than its share.
constexpr size_t kMostListed = 2500;

std::vector<const ScoredImage*> scores_of(const RunFolder& run, const std::string& object) {
  std::vector<const ScoredImage*> scores;
  if (run.scores)
    for (const ScoredImage& score : *run.scores)
      if (score.object == object) scores.push_back(&score);
  return scores;
}

// Whether the threshold of its own object decides the verdict.
bool is_movable(const ScoredImage& image) {
  const Verdict said = image.decision();
  return (said == Verdict::ok || said == Verdict::defect) &&
         (image.predicted_object.empty() || image.predicted_object == image.object);
}

ThresholdPanel panel_of(const RunFolder& run, size_t index) {
  const std::string& name = run.metrics.objects[index];
  ThresholdPanel panel{.object = name, .id = join("cost-", count(index))};
  for (const ScoredImage* image : scores_of(run, name)) {
    panel.images.push_back({.score = image->score,
                            .truth = image->defect ? SortedImage::Truth::defect : SortedImage::Truth::normal,
                            .verdict = image->decision(),
                            .movable = is_movable(*image)});
    if (panel.images.back().movable) panel.threshold = image->threshold;
  }
  if (!panel.threshold) panel.threshold = result_of(run.metrics, name).value_or(ObjectResult{}).threshold;
  return panel;
}

// Every test image of an object in a table, the highest scores first.
std::string image_list(const std::vector<const ScoredImage*>& scores, const ThresholdPanel& panel, size_t most) {
  std::vector<const ScoredImage*> listed = scores;
  std::ranges::stable_sort(listed, [](const ScoredImage* a, const ScoredImage* b) {
    return std::isnan(b->score) ? !std::isnan(a->score) : a->score > b->score;  // not judged: last
  });
  if (listed.size() > most)  // wrong verdicts and the highest scores stay
    std::stable_partition(listed.begin(), listed.end(),
                          [](const ScoredImage* image) { return Outcome(*image).wrong(); });
  const size_t left_out = listed.size() - std::min(listed.size(), most);
  listed.resize(listed.size() - left_out);
  std::string rows;
  for (const ScoredImage* image : listed) {
    const std::string file = image->file.substr(image->file.find_last_of('/') + 1);
    const std::string kind = image->label_name.empty() ? image->defect ? "defect" : "normal" : image->label_name;
    const std::string score = std::isnan(image->score) ? "" : score_text(image->score, panel.threshold);
    rows += join(
        "<tr", is_movable(*image) ? join(" data-s='", score, "' data-defect='", image->defect ? "1" : "0", "'") : "",
        ">", row_head(escape(file)), "<td>", escape(kind), "</td><td data-v='", score, "'>", number_text(image->score),
        "</td><td>", image->predicted_object == image->object ? "" : escape(image->predicted_object), "</td><td>",
        Outcome(*image).label(), "</td></tr>\n");
  }
  return join("<details class='list'><summary>All ", count(scores.size()), " test images as a list</summary>",
              table("Test images", "sortable images", {"image", "kind", "score", "taken for", "verdict"}, rows),
              left_out ? note(join(plural(left_out, "more image is", "more images are"), " in scores.csv.")) : "",
              "</details>\n");
}

std::string object_section(const RunFolder& run, size_t index, const Pictures& pictures) {
  const RunMetrics& metrics = run.metrics;
  const std::string& name = metrics.objects[index];
  const ObjectResult result = result_of(metrics, name).value_or(ObjectResult{});
  const std::vector<const ScoredImage*> scores = scores_of(run, name);
  Tally tally;
  for (const ScoredImage* score : scores) tally.add(*score);

  std::string text = join("<div class='object' id='object-", count(index), "'><header><h3>", escape(name),
                          "</h3><a href='#objects'>all objects</a></header>\n<p class='intro'>Learned in step ",
                          count(run.image.learned[index] + 1), ". AUROC in percent: image ",
                          percent_text(result.image.auroc), ", pixel ", percent_text(result.pixel.auroc), ".",
                          scores.empty() ? "" : join(" ", tally.text(), "."), "</p>\n");
  if (!scores.empty()) {
    const ThresholdPanel panel = panel_of(run, index);
    text += join("<div class='pair'><div><h4>Scores of the test images</h4>", threshold_panel(panel),
                 "</div><div><h4>By kind, at the model's threshold</h4>", kinds_table(scores), "</div></div>\n",
                 image_list(scores, panel, kMostListed / metrics.objects.size()));
  } else if (run.scores) {
    text += note("scores.csv has no test images of this object.");
  }
  if (run.gallery) text += gallery_text(run, name, pictures);
  return text + "</div>\n";
}

std::string thresholds_section(const RunFolder& run) {
  std::vector<ThresholdPanel> panels;
  for (size_t i = 0; i < run.metrics.objects.size(); ++i) panels.push_back(panel_of(run, i));
  return threshold_table(panels);
}

}  // namespace

std::string objects_section(const RunFolder& run, const Pictures& pictures) {
  std::string text = join(R"(<section id='objects'><h2>Objects after the last step</h2>
<p>Figures in percent, but for the threshold and the numbers of test images. Recognised: the share of test images whose
object the model named correctly.</p>
)",
                          object_table(run));
  if (!run.scores) text += note("This run has no scores.csv: score histograms are left out.");
  if (!run.gallery) text += note("This run has no gallery: example images are left out.");
  text += "</section>\n" + thresholds_section(run);
  if (run.scores || run.gallery)
    for (size_t i = 0; i < run.metrics.objects.size(); ++i) text += object_section(run, i, pictures);
  return text;
}

}  // namespace iuf::report
