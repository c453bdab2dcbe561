#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "apps/progress.h"

namespace iuf {

/// What a command does once its flags are parsed: results go to standard output, progress to standard error; the return
/// value is the exit code, errors are exceptions.
using Action = std::function<int(ProgressLine&)>;

/// A command, one file each: declares its flags on `app` and returns its action.
using Command = Action(CLI::App& app);
Command add_command, calibrate_command, compare_command, convert_command, data_command, demo_command, doctor_command,
    eval_command, history_command, info_command, predict_command, remove_command, rename_command, report_command,
    rollback_command, selfcheck_command, serve_command, synth_command, train_command, update_command, verify_command,
    watch_command;

}  // namespace iuf
