#pragma once

#include <string>
#include <vector>

/// Charts as inline SVG without colours of their own: the style sheet colours by class, so that they follow light, dark
/// and print. Each carries a description for screen readers, and its values for the script's read-out (data-points: a
/// line per value, its x in the drawing, a tab, the text).
namespace iuf::report {

struct Series {
  std::string name;
  std::string style;      // class of the line, from the style sheet
  std::vector<double> y;  // one per x; NaN is a gap
  int part = -1;          // of class `part`: its number, which makes its colour
};

struct LineChart {
  std::string description;
  std::string x_name;                // "step", "iteration"
  std::vector<double> x;             // ascending
  std::vector<std::string> x_notes;  // stands in the read-out before the values, one per x
  std::vector<Series> series;
  double low = 0, high = 1;  // of the y axis
  bool log_scale = false;
  bool whole_x = false;  // ticks at whole numbers only
  bool markers = false;
  int value_digits = -1;  // in the read-out; -1: as many as needed
};
std::string line_chart(const LineChart& chart);

/// A range of the y axis that holds all finite values, with round ends; log when they are positive and far apart.
struct Range {
  double low = 0, high = 1;
  bool log_scale = false;
};
Range value_range(const std::vector<Series>& series);

struct ScoreGroup {
  std::string name;   // "normal"
  std::string style;  // class of the bars, from the style sheet
  std::vector<double> scores;
};

/// Scores of groups of images, one above the other on one axis (log where they are far apart), images a bin, with the
/// threshold as a line across all. Values that are not finite are left out. The axis is there for the script
/// (data-axis: the values at its ends, log or linear, and where the ends are in the drawing).
struct Histogram {
  std::string description;
  std::vector<ScoreGroup> groups;
  double threshold;
  std::string x_name = "image score";
};
std::string histogram(const Histogram& chart);

}  // namespace iuf::report
