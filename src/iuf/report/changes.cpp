#include "iuf/report/markup.h"
#include "iuf/report/sections.h"

namespace iuf::report {
namespace {

std::string change_rows(const std::vector<WrittenChange>& changes) {
  std::string rows;
  for (const WrittenChange& change : changes)
    rows += join("<tr>", row_head(count(change.version)), cell(change.time.empty() ? "n/a" : escape(change.time)),
                 cell(escape(change.command)), cell(escape(change.what)), "</tr>\n");
  return rows;
}

std::string object_rows(const LaterModel& later) {
  std::string rows;
  for (size_t o = 0; o < later.objects.size(); ++o) {
    const ObjectRecord& object = later.objects[o];
    const auto auroc = [&](const std::vector<std::optional<double>>& values) {
      return cell(percent_text(o < values.size() ? values[o] : std::nullopt));
    };
    rows += join("<tr>", row_head(breakable(object.name)), cell(count(object.train_images + object.held_out_images)),
                 cell(number_text(object.threshold)), cell(count(object.scores.size())),
                 auroc(later.measured.image_auroc), auroc(later.measured.pixel_auroc), "</tr>\n");
  }
  return rows;
}

}  // namespace

std::string changes_text(const RunFolder& run) {
  if (!run.later) return "";
  const size_t objects = run.later->objects.size();
  return join(" Since then its model was changed ", plural(run.later->changes.size(), "time", "times"), ": it knows ",
              plural(objects, "object", "objects"), " now.");
}

std::string changes_section(const RunFolder& run) {
  if (!run.later) return "";
  const bool measured = !run.later->measured.image_auroc.empty();
  return join("<section id='changes'><h2>Since the run</h2>\n",
              note("What commands made of the run's model after its last step. All other parts of this page are of the "
                   "run itself."),
              table("Changes of the model", "matrix", {"version", "time", "command", "what it did"},
                    change_rows(run.later->changes)),
              "<h3>What it knows now</h3>\n",
              table("Objects of the model", "matrix",
                    {"object", "images", "threshold", "normal scores", "image AUROC, %", "pixel AUROC, %"},
                    object_rows(*run.later)),
              measured ? "" : note("Not measured since: <code>iuf eval RUN DATA --record</code> does."),
              "</section>\n");
}

}  // namespace iuf::report
