#pragma once

#include <string>
#include <vector>

#include "iuf/report/pictures.h"
#include "iuf/report/run_folder.h"

/// The parts of the report, each as HTML. A part of which there is nothing to say is empty; one whose data the run
/// lacks is a heading with a note.
namespace iuf::report {

std::string headline(const RunFolder& run, const std::string& title);
/// What was done to the run's model since, for the headline; empty where nothing was, as is the section.
std::string changes_text(const RunFolder& run);
std::string changes_section(const RunFolder& run);
std::string matrix_section(const RunFolder& run);      // what each step left of each object; empty for a single step
std::string forgetting_section(const RunFolder& run);  // the same as curves
std::string comparison_section(const RunFolder& run, const Pictures& pictures);  // other methods
/// The table, the forgetting curves and the heatmaps of all methods, from the comparison's folder. `own` is the id or
/// the name of the row to mark.
std::string comparison_text(const Comparison& comparison, const std::filesystem::path& folder, const std::string& own,
                            const Pictures& pictures);
std::string objects_section(const RunFolder& run, const Pictures& pictures);  // figures, scores, galleries
std::string gallery_text(const RunFolder& run, const std::string& object, const Pictures& pictures);
std::string loss_section(const RunFolder& run);
std::string settings_section(const RunFolder& run);

/// The pictures that these parts show.
std::vector<PictureSource> gallery_sources(const RunFolder& run);
std::vector<PictureSource> comparison_sources(const Comparison& comparison, const std::filesystem::path& folder);

/// Why the rows of a comparison rank as they do, in sentences from its figures alone; empty for fewer than two rows.
std::string ranking_reason(const Comparison& comparison);

}  // namespace iuf::report
