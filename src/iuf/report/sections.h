#pragma once

#include <string>

#include "iuf/report/run_folder.h"

/// The parts of the report, each as HTML. A part whose data the run lacks is a heading with a note.
namespace iuf::report {

std::string headline(const RunFolder& run, const std::string& title);
std::string matrix_section(const RunFolder& run);      // what each step left of each object
std::string forgetting_section(const RunFolder& run);  // the same as curves
std::string comparison_section(const RunFolder& run);  // other methods
/// The table, the forgetting curves and the heatmaps of all methods, from the comparison's folder. `own` is the id or
/// the name of the row to mark.
std::string comparison_text(const Comparison& comparison, const std::filesystem::path& folder, const std::string& own);
std::string objects_section(const RunFolder& run);  // figures, score histograms, galleries
std::string loss_section(const RunFolder& run);
std::string settings_section(const RunFolder& run);

}  // namespace iuf::report
