#include "iuf/report/predictions.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "iuf/image/resize.h"
#include "iuf/learn/recalibration.h"
#include "iuf/report/markup.h"
#include "iuf/report/page.h"
#include "iuf/report/pictures.h"
#include "iuf/report/threshold_panel.h"
#include "iuf/run/text.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

using namespace report;

constexpr size_t kMostShown = 60;     // images with pictures, of all objects together
constexpr size_t kMostListed = 4000;  // rows of all lists together
constexpr size_t kMostErrors = 200;
constexpr int kLargestSide = 320;  // of a picture

constexpr std::string_view prediction_terms = R"(<section id='terms'><h2>Terms</h2>
<dl class='terms'>
<dt>Score and scaled score</dt><dd>The higher an image's score, the less it looks like the normal images of its object.
Scaled, 1 is the object's threshold and 0 what is usual, for every object alike.</dd>
<dt>Verdict</dt><dd>An image above the threshold is a <b>defect</b>, the others are <b>ok</b>. One that as a whole is
unlike every normal image is <b>unknown</b>, whatever its score: another product, no part, no light.</dd>
<dt>Confidence</dt><dd>How sure it is which of the known objects an image shows, 0 to 1.</dd>
</dl></section>
)";

// An object's images, the ones to look at first: unknown ones, then by score.
struct Group {
  const ObjectRecord* object = nullptr;
  std::vector<const Prediction*> images = {};

  size_t with(Verdict verdict) const {
    return static_cast<size_t>(
        std::ranges::count_if(images, [&](const Prediction* p) { return p->decision() == verdict; }));
  }
};

std::vector<Group> groups_of(const Model& model, const std::vector<Prediction>& list) {
  std::vector<Group> groups;
  for (const ObjectRecord& object : model.objects()) {
    Group group{&object};
    for (const Prediction& p : list)
      if (p.error.empty() && p.object == object.name) group.images.push_back(&p);
    std::ranges::stable_sort(group.images, [](const Prediction* a, const Prediction* b) {
      const bool first = a->decision() == Verdict::unknown, second = b->decision() == Verdict::unknown;
      return first != second ? first : a->score > b->score;
    });
    if (!group.images.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

std::string label(const Prediction& p) {
  const Verdict said = p.decision();
  const char* style = said == Verdict::ok        ? "right"
                      : said == Verdict::defect  ? "wrong"
                      : said == Verdict::unknown ? "unknown"
                                                 : "none";
  return join("<span class='verdict ", style, "'>", name_of(said), "</span>");
}

ThresholdPanel panel_of(const Group& group) {
  const ObjectRecord& object = *group.object;
  const bool scaled =
      std::ranges::all_of(group.images, [](const Prediction* p) { return p->scaled_score.has_value(); });
  ThresholdPanel panel{.object = object.name, .threshold = object.threshold};
  if (scaled && object.threshold) {
    const double below = *scaled_score(object, *object.threshold - 1);
    panel.unit = 1 / (1 - below);
    panel.zero = *object.threshold - panel.unit;
    panel.threshold = 1;
    panel.x_name = "scaled score";
  }
  for (const Prediction* p : group.images) {
    const Verdict said = p->decision();
    double shown = scaled ? *p->scaled_score : p->score;
    // Scaling rounds: what is a defect stays above the threshold.
    if (scaled && said == Verdict::defect) shown = std::max(shown, std::nextafter(1.0, 2.0));
    if (scaled && said == Verdict::ok) shown = std::min(shown, 1.0);
    panel.images.push_back(
        {.score = shown, .verdict = said, .movable = said == Verdict::ok || said == Verdict::defect});
  }
  return panel;
}

// How many of a group are shown: each object has its share, and what one does not need others get.
std::vector<size_t> shown_counts(const std::vector<Group>& groups) {
  std::vector<size_t> counts(groups.size(), 0);
  for (size_t left = kMostShown, before = 0; left != before;) {
    before = left;
    for (size_t g = 0; g < groups.size() && left > 0; ++g)
      if (counts[g] < groups[g].images.size()) ++counts[g], --left;
  }
  return counts;
}

// The photograph of a row, or its heatmap; what is gone since is no picture.
class Previews {
 public:
  Previews(const PredictionFiles& files, const Model& model) : files_(files), model_(model) {}

  void add(const Prediction& p) {
    keep(p.file, [&] { return model_.extractor().read(p.file).image; });
    if (!p.heatmap.empty()) keep(p.heatmap, [&] { return read_image(files_.folder / p.heatmap); });
  }
  Pictures pictures() const {
    std::vector<PictureSource> sources;
    for (const auto& [name, image] : images_)
      sources.push_back({.name = name, .read = [&image = image] { return image; }});
    return Pictures(sources);
  }

 private:
  template <class Read>
  void keep(const std::string& name, const Read& read) {
    try {
      images_.emplace(name, fitted(read(), kLargestSide));
    } catch (const Error&) {
    }
  }

  const PredictionFiles& files_;
  const Model& model_;
  std::map<std::string, Image> images_ = {};
};

std::string file_name(const Prediction& p) {
  return escape(escaped(p.file.substr(p.file.find_last_of('/') + 1)));
}

std::string shot(const Prediction& p, const Pictures& pictures) {
  const PictureMarks marks{p.width, p.height, p.regions};
  const auto panel = [&](const std::string& name, std::string_view what) {
    return pictures.has(name) ? pictures.panel(name, what, "", marks) : pictures.panel("", what, "not there any more");
  };
  return join("<li class='shot'><button type='button' class='panels", p.heatmap.empty() ? " one" : " two",
              "' aria-label='Enlarge ", file_name(p), "'>", panel(p.file, "photograph"),
              p.heatmap.empty() ? "" : panel(p.heatmap, "heatmap"), "</button><div class='facts'>", label(p), "<span>",
              p.scaled_score ? join("scaled ", number_text(*p.scaled_score)) : "", "</span><span class='score'>score ",
              number_text(p.score), " \u00B7 threshold ", number_text(p.threshold),
              p.regions.empty() ? "" : join(" \u00B7 ", plural(p.regions.size(), "region", "regions")),
              p.decision() == Verdict::unknown ? join(" \u00B7 novelty ", number_text(p.novelty)) : "",
              "</span><span class='file'>", file_name(p), "</span></div></li>\n");
}

std::string list_of(const Group& group, const ThresholdPanel& panel, size_t most) {
  std::string rows;
  const size_t listed = std::min(most, group.images.size());
  for (size_t i = 0; i < listed; ++i) {
    const Prediction& p = *group.images[i];
    const std::string shown = score_text(panel.images[i].score, panel.threshold);
    rows += join("<tr", panel.images[i].movable ? join(" data-s='", shown, "'") : "", ">", row_head(file_name(p)),
                 "<td data-v='", p.scaled_score ? score_text(*p.scaled_score, 1.0) : "", "'>",
                 number_text(p.scaled_score), "</td><td data-v='", score_text(p.score, p.threshold), "'>",
                 number_text(p.score), "</td><td>", fixed_text(p.confidence, 2), "</td><td>", label(p), "</td></tr>\n");
  }
  return join(
      "<details class='list'><summary>",
      listed < group.images.size() ? join("The ", count(listed), " highest of ", count(group.images.size()))
                                   : join("All ", count(listed)),
      " images as a list</summary>",
      table("Images", "sortable predictions", {"image", "scaled score", "score", "confidence", "verdict"}, rows),
      "</details>\n");
}

std::string object_section(const Group& group, size_t number, size_t shown, size_t listed, const Pictures& pictures) {
  const ThresholdPanel panel = panel_of(group);
  std::string shots;
  for (size_t i = 0; i < shown; ++i) shots += shot(*group.images[i], pictures);
  const size_t rejected = group.with(Verdict::defect) + group.with(Verdict::unknown);
  return join("<div class='object' id='object-", count(number), "'><header><h3>", escape(group.object->name),
              "</h3><a href='#verdicts'>all objects</a></header>\n<p class='intro'>",
              plural(group.images.size(), "image was", "images were"), " judged against it, ", count(rejected),
              " rejected.</p>\n<h4>Scores</h4>", threshold_panel(panel), list_of(group, panel, listed),
              "<div class='bar-head'><h4>The highest scores</h4></div>\n<ul class='gallery'>\n", shots,
              "</ul></div>\n");
}

std::string verdicts_section(const std::vector<Group>& groups) {
  std::string rows;
  for (size_t g = 0; g < groups.size(); ++g) {
    const Group& group = groups[g];
    const size_t rejected = group.with(Verdict::defect) + group.with(Verdict::unknown);
    rows += join("<tr>", row_head(join("<a href='#object-", count(g), "'>", breakable(group.object->name), "</a>")),
                 cell(count(group.images.size())), cell(count(group.with(Verdict::ok))),
                 cell(count(group.with(Verdict::defect))), cell(count(group.with(Verdict::unknown))),
                 cell(percent_text(static_cast<double>(rejected) / static_cast<double>(group.images.size()))),
                 cell(number_text(group.object->threshold)), "</tr>\n");
  }
  return join("<section id='verdicts'><h2>Verdicts</h2>\n<p>By the object that an image was judged against.</p>\n",
              table("Verdicts by object", "sortable",
                    {"object", "images", "ok", "defect", "unknown", "rejected, %", "threshold"}, rows),
              "</section>\n");
}

std::string errors_section(const std::vector<Prediction>& list) {
  std::string rows;
  size_t errors = 0;
  for (const Prediction& p : list)
    if (!p.error.empty() && errors++ < kMostErrors) rows += join("<li>", escape(plain_text(p.error)), "</li>\n");
  if (errors == 0) return "";
  return join("<section id='unread'><h2>Not judged</h2>\n<p>", plural(errors, "image", "images"),
              " could not be read or judged",
              errors > kMostErrors ? join(", the first ", count(kMostErrors), ":") : ":", "</p>\n<ul class='plain'>",
              rows, "</ul></section>\n");
}

std::string headline(const Model& model, const std::vector<Group>& groups, size_t errors, const std::string& name) {
  std::map<Verdict, size_t> counts;
  size_t images = 0;
  for (const Group& group : groups)
    for (const Prediction* p : group.images) ++counts[p->decision()], ++images;
  std::vector<std::string> names;
  for (const ObjectRecord& object : model.objects()) names.push_back(object.name);
  const auto tile = [&](const char* what, size_t value, const char* about) {
    return join("<li class='tile'><div class='name'>", what, "</div><div class='value'>", count(value),
                "</div><div class='about'>", about, "</div></li>\n");
  };
  return join(
      "<header class='band'><div class='inner'><p class='kicker'>Predictions</p>\n<h1>", escape(name),
      "</h1>\n<p class='lead'>", plural(images, "image was", "images were"), " judged by a model that knows ",
      escape(joined(names)), ".</p>\n<ul class='tags'><li>method ", escape(model.method_name()),
      "</li></ul></div></header>\n<div class='inner'><ul class='tiles'>\n", tile("Images", images, "judged"),
      tile("Ok", counts[Verdict::ok], "not above the threshold"),
      tile("Defect", counts[Verdict::defect], "above the threshold of their object"),
      tile("Unknown", counts[Verdict::unknown], "as a whole unlike every normal image"),
      counts[Verdict::no_threshold] ? tile("No threshold", counts[Verdict::no_threshold], "without a verdict") : "",
      errors ? tile("Not judged", errors, "could not be read or judged") : "", "</ul></div>\n");
}

}  // namespace

void write_prediction_report(const PredictionFiles& files, const Model& model, const std::vector<Prediction>& list,
                             const Progress& progress) {
  const std::vector<Group> groups = groups_of(model, list);
  const std::vector<size_t> shown = shown_counts(groups);
  Previews previews(files, model);
  int64_t done = 0, all = 0;
  for (const size_t number : shown) all += static_cast<int64_t>(number);
  for (size_t g = 0; g < groups.size(); ++g)
    for (size_t i = 0; i < shown[g]; ++i) {
      previews.add(*groups[g].images[i]);
      progress("pictures of the report", ++done, all);
    }
  const Pictures pictures = previews.pictures();
  std::string body = verdicts_section(groups);
  for (size_t g = 0; g < groups.size(); ++g)
    body += object_section(groups[g], g, shown[g], kMostListed / groups.size(), pictures);
  body += errors_section(list) + std::string(prediction_terms);
  const auto errors =
      static_cast<size_t>(std::ranges::count_if(list, [](const Prediction& p) { return !p.error.empty(); }));
  const std::string name = escaped(std::filesystem::weakly_canonical(files.folder).filename().string());
  write_file(files.report(), page(escape(name) + " \u2013 predictions",
                                  join("<a class='skip' href='#verdicts'>Skip to the results</a>\n",
                                       headline(model, groups, errors, name), navigation(body),
                                       "<main class='inner'>\n", body, "</main>\n"),
                                  IUF_VERSION));
}

}  // namespace iuf
