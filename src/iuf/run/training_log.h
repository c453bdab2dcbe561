#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "iuf/learn/log_entry.h"

namespace iuf {

/// log.jsonl: the entries of all steps, one line each. It is written anew after every epoch.
std::string log_lines(const std::vector<LogEntry>& log);
/// In the order of steps and iterations. Of an iteration that was logged twice, the later line counts. A malformed
/// line, a last one without its end, and one without a checksum where others have one, is an Error that names it.
std::vector<LogEntry> read_log(const std::filesystem::path& path);

}  // namespace iuf
