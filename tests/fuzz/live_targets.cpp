#include <nlohmann/json.hpp>

#include "fuzz/targets.h"
#include "iuf/data/json_fields.h"
#include "iuf/image/image_header.h"
#include "iuf/image/mask.h"
#include "iuf/live/broker.h"
#include "iuf/live/watch_journal.h"
#include "iuf/run/checked_lines.h"
#include "iuf/run/model_history.h"
#include "iuf/run/verdict_log.h"
#include "iuf/serve/verdict_history.h"
#include "nn/bytes.h"
#include "nn/file.h"

// What the commands that run for years read back, and what their users give them.
namespace iuf::fuzz {
namespace {

namespace fs = std::filesystem;
using Input = std::vector<std::byte>;

constexpr const char* kFolder = "/";  // whose journal it is

Input input_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void watch_journal(Bytes bytes, const fs::path& scratch) {
  write_file(scratch / "journal", bytes);
  WatchJournal journal(scratch / "journal", kFolder);
  journal.add({.number = journal.next_number(), .name = "a.png"});
  WatchJournal(scratch / "journal", kFolder);
}
std::vector<Input> watch_journals() {
  const std::string head = checked_line({{"format", 1}, {"folder", kFolder}, {"next", 3}});
  const WatchEntry judged{.phase = WatchEntry::judged, .number = 2, .name = "b.png", .line = "{}\n", .row = "{}"};
  const WatchEntry gone{.phase = WatchEntry::gone, .name = "a.png"};
  return {input_of(head + checked_line(to_json(WatchEntry{.number = 1, .name = "a.png", .content = 7})) +
                   checked_line(to_json(judged)) + checked_line(to_json(gone)))};
}

void model_changes(Bytes bytes, const fs::path& scratch) {
  const ModelVersions versions(scratch / "model");
  fs::create_directories(versions.folder());
  write_file(versions.history(), bytes);
  model_history(scratch / "model");
}
std::vector<Input> histories() {
  WrittenChange change;
  change.version = 2;
  change.time = "2026-01-31T12:00:00Z";
  change.hash = "0123456789abcdef";
  return {input_of(checked_line(to_json(change)))};
}

// The last rows are the history of a server.
void verdict_log(Bytes bytes, const fs::path& scratch) {
  const fs::path path = scratch / (!bytes.empty() && bytes[0] == std::byte{'{'} ? "log.jsonl" : "log.csv");
  write_file(path, bytes);
  VerdictLog log(path, Links::follow);
  VerdictHistory history;
  for (const std::string& line : log.last(VerdictHistory::kMost, 1 << 20)) history.recall(line);
  history.last(VerdictHistory::kMost).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  history.hours().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  log.add_missing({"{}\n"});
}
std::vector<Input> logs() {
  const Prediction row{.file = "a.png", .width = 8, .height = 8, .score = 2, .threshold = 3, .object = "gear"};
  const JudgedBy by{};
  std::vector<Input> seeds = {input_of(VerdictLog::json_line(row, by) + VerdictLog::json_line(row, by))};
  return seeds;
}

void mask(Bytes bytes, const fs::path& scratch) {
  const ImageHeader header = header_of(bytes);
  if (header.width > 1024 || header.height > 1024) return;
  write_file(scratch / "mask", bytes);
  read_mask(scratch / "mask");
}
void login(Bytes bytes, const fs::path& scratch) {
  write_file(scratch / "login", bytes);
  Broker broker;
  read_login(broker, scratch / "login");
  set_address(broker, broker.user);
  check_topic(broker.password);
  topic_of(broker, broker.user);
}

}  // namespace

// Lines keep what is not of their kind.
void mend_lines(std::vector<std::byte>& bytes) {
  std::string mended;
  for (std::string_view rest = to_view(bytes); !rest.empty();) {
    const std::string_view line = rest.substr(0, std::min(rest.find('\n') + 1, rest.size()));
    rest.remove_prefix(line.empty() ? rest.size() : line.size());
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("hash") && json.contains("value"))
      mended += checked_line(json["value"]);
    else
      mended += line;
  }
  bytes = input_of(mended);
}

const std::vector<Target>& live_targets() {
  static const std::vector<Target> all = {
      {"watch-journal", watch_journal, {}, {}, mend_lines, watch_journals},
      {"history", model_changes, {}, {}, mend_lines, histories},
      {"verdict-log", verdict_log, {"fuzz/seeds/predictions.csv"}, {}, nullptr, logs},
      {"mask", mask, {"iuf/image/files/gray1.png", "fuzz/seeds/small.bmp"}},
      {"login", login, {}, {"line7:1883\nfactory/line7\n", "[::1]:8883\r\nsecret"}}};
  return all;
}

}  // namespace iuf::fuzz
