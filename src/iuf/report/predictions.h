#pragma once

#include <vector>

#include "iuf/features/progress.h"
#include "iuf/learn/model.h"
#include "iuf/run/prediction.h"
#include "iuf/run/run_files.h"

namespace iuf {

/// Makes the report of predictions on images of which nobody says what they show (PredictionFiles::report): verdicts,
/// the scores of each object with a slider for its threshold, the images with the highest scores, and lists. The
/// photographs shown are read again, and heatmaps from the output folder where they were drawn; what is gone is left
/// out. One file that needs no network.
void write_prediction_report(const PredictionFiles& files, const Model& model, const std::vector<Prediction>& list,
                             const Progress& progress);

}  // namespace iuf
