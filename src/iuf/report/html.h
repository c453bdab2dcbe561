#pragma once

#include <filesystem>

#include "iuf/features/progress.h"
#include "iuf/settings/setting.h"

namespace iuf {

/// Where the pictures of a report are: as previews in its file, which is then all there is to it, or the run's own
/// ones beside it.
enum class PicturePlace { inside, beside };
inline Choices<PicturePlace> choices(PicturePlace) {
  return {{"inside", PicturePlace::inside}, {"beside", PicturePlace::beside}};
}

/// Makes the report of a run's folder (RunFiles) out of what the run left there; only metrics.json must be there. It is
/// one file that needs no network. An optional file that is missing leaves its section out, with a note; a malformed
/// one is an Error that names the file and the key or line. What sets the run's model apart from its figures is noted,
/// too.
void write_run_report(const std::filesystem::path& run, PicturePlace place = PicturePlace::inside,
                      const Progress& progress = {});

/// Makes the report of a comparison's folder (ComparisonFiles): the table, forgetting curves and heatmaps of every
/// method.
void write_comparison_report(const std::filesystem::path& folder, PicturePlace place = PicturePlace::inside);

/// Either of them: that of a comparison where the folder has its results and no run's. Returns the report's path.
std::filesystem::path write_report(const std::filesystem::path& folder, PicturePlace place = PicturePlace::inside,
                                   const Progress& progress = {});

}  // namespace iuf
