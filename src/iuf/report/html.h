#pragma once

#include <filesystem>

namespace iuf {

/// Makes run/report.html out of what a run left in its folder: metrics.json (required), comparison.json, log.jsonl,
/// scores.csv, gallery/index.json with its PNGs, config.toml. It is one file that needs no network. An optional file
/// that is missing leaves its section out, with a note; a malformed one is an Error that names the file and the key or
/// line. An image counts as called defective when its score is above its threshold.
void write_report(const std::filesystem::path& run);

/// Makes folder/report.html out of the comparison.json that `iuf compare` leaves in its folder: the table, forgetting
/// curves and heatmaps of every method.
void write_comparison_report(const std::filesystem::path& folder);

}  // namespace iuf
