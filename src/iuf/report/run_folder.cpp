#include "iuf/report/run_folder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "iuf/run/text.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf::report {
namespace {

using nlohmann::json;
constexpr double not_available = std::numeric_limits<double>::quiet_NaN();

/// A JSON value that knows where it stands, so that every complaint names file and key.
class Node {
 public:
  Node(const json& value, std::string place) : value_(&value), place_(std::move(place)) {}

  [[noreturn]] void complain(const std::string& what) const { fail(place_, place_.back() == ' ' ? "" : ": ", what); }
  bool is_null() const { return value_->is_null(); }
  bool has(const char* key) const { return value_->is_object() && value_->contains(key); }

  Node operator[](const char* key) const {
    if (!value_->is_object()) complain("an object is expected");
    const auto found = value_->find(key);
    if (found == value_->end()) complain(std::string("key '") + key + "' is missing");
    return {*found, join(place_, place_.back() == ' ' ? "" : ".", key)};
  }
  std::vector<Node> list() const {
    if (!value_->is_array()) complain("a list is expected");
    std::vector<Node> nodes;
    for (size_t i = 0; i < value_->size(); ++i)
      nodes.emplace_back((*value_)[i], place_ + '[' + std::to_string(i) + ']');
    return nodes;
  }
  std::vector<Node> list(size_t size) const {
    std::vector<Node> nodes = list();
    if (nodes.size() != size)
      complain(join("has ", std::to_string(nodes.size()), " entries, ", std::to_string(size), " are expected"));
    return nodes;
  }
  std::map<std::string, Node> members() const {
    if (!value_->is_object()) complain("an object is expected");
    std::map<std::string, Node> nodes;
    for (const auto& [key, value] : value_->items()) nodes.emplace(key, Node(value, place_ + '.' + key));
    return nodes;
  }
  std::string text() const {
    if (!value_->is_string()) complain("a string is expected");
    return value_->get<std::string>();
  }
  /// NaN for null.
  double number() const {
    if (value_->is_null()) return not_available;
    if (!value_->is_number()) complain("a number or null is expected");
    return value_->get<double>();
  }
  double number(double low, double high) const {
    const double value = number();
    if (value < low || value > high) complain(join("the value ", value_->dump(), " is out of range"));
    return value;
  }
  double fraction() const { return number(-1e-9, 1 + 1e-9); }  // with room for rounding
  double count() const { return number(0, 9e15); }
  double finite() const {
    const double value = number();
    if (!std::isfinite(value)) complain("a number is expected");
    return value;
  }
  size_t index() const {
    const double value = finite();
    if (value < 0 || value > 1e6 || value != std::floor(value)) complain("a whole number is expected");
    return static_cast<size_t>(value);
  }
  bool label() const {
    const double value = finite();
    if (value != 0 && value != 1) complain("0 or 1 is expected");
    return value == 1;
  }

 private:
  const json* value_;
  std::string place_;
};

/// Keys that an older or newer program may leave out.
double optional_number(const Node& node, const char* key) {
  return node.has(key) ? node[key].number() : not_available;
}
std::string optional_text(const Node& node, const char* key) {
  return node.has(key) && !node[key].is_null() ? node[key].text() : "";
}

json parse(std::string_view text, const std::string& place) {
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    fail(place, ": not valid JSON (", error.what(), ")");
  }
}

Summary read_summary(const Node& node) {
  const auto change = [&](const char* key) { return node[key].number(-1 - 1e-9, 1 + 1e-9); };
  return {node["image_acc"].fraction(), node["pixel_acc"].fraction(), change("image_fm"), change("pixel_fm")};
}

size_t index_of(const std::vector<std::string>& names, const Node& node) {
  const auto found = std::find(names.begin(), names.end(), node.text());
  if (found == names.end()) node.complain(join("'", node.text(), "' is none of the objects in metrics.json"));
  return static_cast<size_t>(found - names.begin());
}

std::vector<std::vector<double>> read_matrix(const Node& node, size_t steps, size_t objects) {
  std::vector<std::vector<double>> matrix;
  for (const Node& row : node.list(steps)) {
    matrix.emplace_back();
    for (const Node& cell : row.list(objects)) matrix.back().push_back(cell.fraction());
  }
  return matrix;
}

Metrics read_metrics(const std::filesystem::path& path) {
  const std::string place = path.string();
  const json document = parse(read_text(path), place);
  const Node node(document, place + ": ");
  if (node["format"].finite() != 1) node["format"].complain("only format 1 is known; make the report with a newer iuf");

  Metrics metrics;
  metrics.method = node["method"].text();
  metrics.profile = optional_text(node, "profile");
  metrics.version = optional_text(node, "version");
  metrics.backbone = optional_text(node, "backbone");
  metrics.cpu = optional_text(node, "cpu");
  for (const Node& object : node["objects"].list()) {
    const std::string name = object.text();
    if (std::count(metrics.objects.begin(), metrics.objects.end(), name))
      object.complain(join("'", name, "' comes twice"));
    metrics.objects.push_back(name);
  }
  const size_t unknown = std::numeric_limits<size_t>::max();
  metrics.learned.assign(metrics.objects.size(), unknown);
  for (const Node& step : node["steps"].list()) {
    metrics.steps.emplace_back();
    for (const Node& object : step.list()) {
      size_t& learned = metrics.learned[index_of(metrics.objects, object)];
      if (learned != unknown) object.complain(join("'", object.text(), "' is learned twice"));
      learned = metrics.steps.size() - 1;
      metrics.steps.back().push_back(object.text());
    }
  }
  for (size_t i = 0; i < metrics.objects.size(); ++i)
    if (metrics.learned[i] == unknown)
      node["objects"].list()[i].complain(join("'", metrics.objects[i], "' is in no step"));

  metrics.image_auroc = read_matrix(node["image_auroc"], metrics.steps.size(), metrics.objects.size());
  metrics.pixel_auroc = read_matrix(node["pixel_auroc"], metrics.steps.size(), metrics.objects.size());
  metrics.summary = read_summary(node["summary"]);

  const double na = not_available;
  metrics.per_object.assign(metrics.objects.size(), {na, na, na, na, na, na, na, na, na, na, na});
  for (const Node& row : node["per_object"].list())
    metrics.per_object[index_of(metrics.objects, row["object"])] = {
        row["image_auroc"].fraction(), row["image_ap"].fraction(),  row["image_f1_max"].fraction(),
        row["pixel_auroc"].fraction(), row["pixel_ap"].fraction(),  row["pixel_f1_max"].fraction(),
        row["aupro"].fraction(),       row["threshold"].number(),   row["test_normal"].count(),
        row["test_defect"].count(),    row["recognised"].fraction()};
  metrics.seed = optional_number(node, "seed");
  metrics.seconds = optional_number(node, "seconds");
  metrics.peak_memory_bytes = optional_number(node, "peak_memory_bytes");
  metrics.threads = optional_number(node, "threads");
  return metrics;
}

std::vector<LogEntry> read_log(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  std::vector<LogEntry> log;
  size_t line_number = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    // The log grows while training runs: a last line without its end is still being written.
    if (end == std::string::npos) break;
    const std::string_view line = std::string_view(text).substr(start, end - start);
    start = end + 1;
    const std::string place = join(path.string(), ": line ", std::to_string(++line_number));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const json document = parse(line, place);
    const Node node(document, place + ": ");
    log.push_back({node["step"].index(), node["iteration"].finite(), optional_number(node, "epoch"),
                   node["loss"].number(), optional_number(node, "mse"), optional_number(node, "ce"),
                   optional_number(node, "scl"), optional_number(node, "grad_norm"), optional_number(node, "lr"),
                   optional_number(node, "seconds")});
  }
  // A resumed run logs some iterations again: the later line counts.
  std::stable_sort(log.begin(), log.end(), [](const LogEntry& a, const LogEntry& b) {
    return a.step != b.step ? a.step < b.step : a.iteration < b.iteration;
  });
  std::vector<LogEntry> unique;
  for (const LogEntry& entry : log) {
    if (!unique.empty() && unique.back().step == entry.step && unique.back().iteration == entry.iteration)
      unique.pop_back();
    unique.push_back(entry);
  }
  return unique;
}

struct Record {
  size_t line;  // where it starts
  std::vector<std::string> fields;
};

/// RFC 4180: quoted fields may hold commas, line ends and doubled quotes. Line ends are CRLF or LF.
std::vector<Record> parse_csv(std::string_view text, const std::string& place) {
  std::vector<Record> records;
  size_t line = 1;
  for (size_t i = 0; i < text.size();) {
    Record record{line, {}};
    for (bool more = true; more;) {
      std::string field;
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          if (i == text.size()) fail(place, ": line ", record.line, ": a quote is not closed");
          if (text[i] == '"' && (++i == text.size() || text[i] != '"')) break;
          line += text[i] == '\n';
          field += text[i];
        }
        if (i < text.size() && text[i] != ',' && text[i] != '\r' && text[i] != '\n')
          fail(place, ": line ", line, ": text after a closing quote");
      } else {
        while (i < text.size() && text[i] != ',' && text[i] != '\n' && text[i] != '\r') field += text[i++];
      }
      record.fields.push_back(std::move(field));
      more = i < text.size() && text[i] == ',';
      if (more) ++i;
    }
    if (i < text.size() && text[i] == '\r') ++i;
    if (i < text.size() && text[i] == '\n')
      ++i, ++line;
    else if (i < text.size())
      fail(place, ": line ", line, ": a carriage return inside a line");
    if (record.fields.size() > 1 || !record.fields[0].empty()) records.push_back(std::move(record));
  }
  return records;
}

std::vector<Score> read_scores(const std::filesystem::path& path) {
  const std::string place = path.string();
  const std::string text = read_text(path);
  const std::vector<Record> records = parse_csv(text, place);
  if (records.empty()) fail(place, ": the header line is missing");
  const std::vector<std::string>& header = records[0].fields;

  std::vector<Score> scores;
  for (size_t i = 1; i < records.size(); ++i) {
    const auto& [line, fields] = records[i];
    const std::string row = join(place, ": line ", std::to_string(line));
    if (fields.size() != header.size()) fail(row, ": has ", fields.size(), " fields, the header ", header.size());
    const auto field = [&, &values = fields](const char* name) -> const std::string& {
      const auto found = std::find(header.begin(), header.end(), name);
      if (found == header.end()) fail(place, ": column '", name, "' is missing");
      return values[static_cast<size_t>(found - header.begin())];
    };
    const auto value = [&](const char* name) {
      const std::string& digits = field(name);
      if (digits.empty()) return not_available;
      double number = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      if (error != std::errc() || end != digits.data() + digits.size())
        fail(row, ": ", name, " '", digits, "' is no number");
      return number;
    };
    const double label = value("label");
    if (label != 0 && label != 1) fail(row, ": label '", field("label"), "' must be 0 or 1");
    scores.push_back({field("object"), field("file"), field("label_name"), field("predicted_object"), label == 1,
                      value("score"), value("threshold"), value("confidence")});
  }
  return scores;
}

Gallery read_gallery(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "index.json";
  const std::string place = path.string();
  const json document = parse(read_text(path), place);
  const Node node(document, place + ": ");
  const auto picture = [&](const Node& name) {
    const std::filesystem::path file = name.text();
    if (file.empty() || file != file.filename() || file == "." || file == "..")
      name.complain(join("'", name.text(), "' must be a file name without folders"));
    return folder / file;
  };
  const auto optional_picture = [&](const Node& name) {
    return name.is_null() ? std::filesystem::path() : picture(name);
  };
  Gallery gallery;
  for (const auto& [object, scale] : node["scale"].members())
    gallery.scales[object] = {scale["low"].number(), scale["high"].number()};
  for (const Node& item : node["items"].list())
    gallery.items.push_back({item["object"].text(), item["file"].text(), optional_text(item, "label_name"),
                             item["label"].label(), item["score"].number(), item["threshold"].number(),
                             picture(item["input"]), optional_picture(item["heat"]), optional_picture(item["mask"])});
  return gallery;
}

}  // namespace

Comparison read_comparison(const std::filesystem::path& path) {
  const std::string place = path.string();
  const json document = parse(read_text(path), place);
  const Node node(document, place + ": ");
  Comparison comparison;
  comparison.version = optional_text(node, "version");
  size_t objects = 0;
  if (node.has("stream"))
    for (const Node& step : node["stream"].list()) {
      comparison.stream.emplace_back();
      for (const Node& object : step.list()) comparison.stream.back().push_back(object.text());
      objects += comparison.stream.back().size();
    }
  const auto figures = [](const Node& values) {
    std::map<std::string, double> read;
    for (const auto& [key, value] : values.members()) read[key] = value.number();
    return read;
  };
  const auto matrix = [&](const Node& row, const char* key) {
    // A row that has not ended has none; joint training has one step only.
    const bool told = row.has(key) && !row[key].list().empty();
    return told ? read_matrix(row[key], row[key].list().size(), objects) : std::vector<std::vector<double>>();
  };
  for (const Node& row : node["rows"].list()) {
    Method& method = comparison.methods.emplace_back();
    method.id = optional_text(row, "id");
    method.name = row["name"].text();
    method.failed = optional_text(row, "failed");
    method.figures = figures(row["summary"]);
    for (const char* key : {"image_acc", "pixel_acc"}) row["summary"][key].fraction();
    if (row.has("seconds")) method.figures["seconds"] = row["seconds"].number();
    if (row.has("spread")) method.spread = figures(row["spread"]);
    method.image_auroc = matrix(row, "image_auroc");
    method.pixel_auroc = matrix(row, "pixel_auroc");
    if (method.image_auroc.size() != method.pixel_auroc.size())
      row["pixel_auroc"].complain(join("has ", std::to_string(method.pixel_auroc.size()), " steps, image_auroc has ",
                                       std::to_string(method.image_auroc.size())));
  }
  const auto picture = [&](const Node& name) {
    const std::filesystem::path file = name.text();
    if (file.empty() || file.is_absolute() || std::find(file.begin(), file.end(), "..") != file.end())
      name.complain(join("'", name.text(), "' must be a file below the comparison's folder"));
    return path.parent_path() / file;
  };
  if (node.has("panel"))
    for (const Node& image : node["panel"].list()) {
      PanelImage& item = comparison.panel.emplace_back();
      item.object = image["object"].text();
      item.file = image["file"].text();
      item.label_name = optional_text(image, "label_name");
      item.input = picture(image["input"]);
      item.mask = picture(image["mask"]);
      for (const auto& [id, heat] : image["heat"].members()) item.heat[id] = picture(heat);
    }
  return comparison;
}

RunFolder read_run_folder(const std::filesystem::path& run) {
  // What exists but cannot be looked at is left to the reader to complain about.
  std::error_code error;
  const auto has = [&](const char* name) {
    return std::filesystem::status(run / name, error).type() != std::filesystem::file_type::not_found;
  };
  if (!std::filesystem::is_directory(run, error))
    fail(run.string(), ": no such folder; give the folder that `iuf train` wrote");
  if (!has("metrics.json"))
    fail(run.string(), ": holds no metrics.json; give the folder of a run that has been evaluated");

  RunFolder folder;
  folder.name = std::filesystem::weakly_canonical(run, error).filename().string();
  folder.metrics = read_metrics(run / "metrics.json");
  for (const char* place : {"comparison.json", "../comparison.json"})
    if (!folder.comparison && has(place)) folder.comparison = read_comparison(run / place);
  if (has("log.jsonl")) folder.log = read_log(run / "log.jsonl");
  if (has("scores.csv")) folder.scores = read_scores(run / "scores.csv");
  if (has("gallery/index.json")) folder.gallery = read_gallery(run / "gallery");
  if (has("config.toml")) folder.config = read_text(run / "config.toml");

  // A step that is still running writes scores and pictures of its objects before metrics.json knows them.
  const auto unknown = [&](const auto& entry) {
    const std::vector<std::string>& known = folder.metrics.objects;
    return std::find(known.begin(), known.end(), entry.object) == known.end();
  };
  if (folder.scores) std::erase_if(*folder.scores, unknown);
  if (folder.gallery) std::erase_if(folder.gallery->items, unknown);
  return folder;
}

}  // namespace iuf::report
