#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace iuf {

/// What a command is told of a verdict.
struct VerdictTold {
  std::string row;            // a line of a log as JSON
  std::filesystem::path out;  // the folder where its heatmap lies
};

/// Runs a command of the shell that is told of a verdict: the row on its standard input, and what it says as IUF_FILE,
/// IUF_VERDICT, IUF_OBJECT, IUF_SCORE, IUF_THRESHOLD, IUF_SCALED_SCORE, IUF_HEATMAP, IUF_MODEL and IUF_TIME, empty
/// where it says nothing; so no name of a file is ever read by the shell. What the command prints goes to standard
/// error. Signals that end this program do not reach it. Returns why it failed, or empty; one that is not done after
/// `limit` is killed, with all that it started.
std::string run_command_on(const std::string& command, const VerdictTold& told, std::chrono::milliseconds limit);

}  // namespace iuf
