#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "apps/command.h"
#include "apps/config_file.h"
#include "apps/flag_values.h"
#include "apps/help_pages.h"
#include "iuf/features/interrupted.h"
#include "tensor/cpu_choice.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr int kFailed = 1, kUsage = 2, kInterrupted = 130;

struct Entry {
  std::string group, name, summary;
  Command* declare;
  bool continues = false;  // the same command again goes on where it was
  // What --help shows of many flags; --help-all shows all. Empty: no difference.
  std::vector<std::string> first = {};
  bool ends_batch = false;  // a signal lets it end its batch and save
};

const std::vector<Entry>& commands() {
  static const std::vector<Entry> entries = {
      {"Start", "demo", "the whole job on generated data: train, compare, report", demo_command, true},
      {"Start", "doctor", "is everything here that the program needs?", doctor_command},
      {"Start", "data", "what a folder of images is taken for, and what is left out", data_command},
      {"Start", "synth", "generate photographs of products, with defects and masks", synth_command},
      {"Learn",
       "train",
       "learn objects step by step from a data set",
       train_command,
       true,
       {"out", "steps", "stream", "profile", "method", "cache", "json", "backbone", "image-size", "views", "epochs",
        "seed", "false-alarms"},
       true},
      {"Learn", "add", "learn one more object from its normal images", add_command, true, {}, true},
      {"Learn", "update", "learn more normal images of a known object", update_command, true, {}, true},
      {"Learn", "remove", "have a model forget an object", remove_command},
      {"Learn", "rename", "call an object of a model otherwise", rename_command},
      {"Learn", "calibrate", "change thresholds: false alarms, or later normal images", calibrate_command},
      {"Learn", "history", "what changed a model, when, and which predecessors are kept", history_command},
      {"Learn", "rollback", "bring a predecessor of a model back", rollback_command},
      {"Look",
       "compare",
       "every method on the same steps: one table",
       compare_command,
       true,
       {"out", "steps", "stream", "methods", "seeds", "quick", "jobs", "profile", "cache", "json", "wide", "backbone",
        "image-size", "views", "epochs", "false-alarms"}},
      {"Look", "eval", "measure a model on test images", eval_command},
      {"Look", "predict", "score images and draw heatmaps", predict_command, true},
      {"Look", "watch", "judge images as they arrive in a folder", watch_command, true},
      {"Look", "serve", "answer requests, and show a web page", serve_command, true},
      {"Look", "report", "make the report of a run again", report_command},
      {"Files", "info", "what a model or weights file holds", info_command},
      {"Files", "verify", "is every file whole, and made by what from what?", verify_command},
      {"Files", "convert", "PyTorch or other weights to safetensors", convert_command},
      {"Files", "selfcheck", "compare this program with a reference, on its golden files", selfcheck_command},
  };
  return entries;
}

/// A flag's help as one line: name, kind of value, meaning, (default).
class HelpText : public CLI::Formatter {
 public:
  HelpText() { column_width(34); }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    const std::string fallback = option->get_required() ? "required" : option->get_default_str();
    const std::string& text = option->get_description();
    return text + (fallback.empty() ? "" : (text.empty() ? "(" : " (") + fallback + ")");
  }
  // One blank line between groups.
  std::string make_group(std::string group, bool positional, std::vector<const CLI::Option*> options) const override {
    return CLI::Formatter::make_group(group, positional, std::move(options)).substr(1) + (positional ? "\n" : "");
  }
  std::string make_usage(const CLI::App* app, std::string name) const override {
    return CLI::Formatter::make_usage(app, name) + "\n";
  }
};

std::string overview() {
  std::string text = "iuf " IUF_VERSION
                     ": finds defects in photographs of products; learns new products one after the other\n\n"
                     "Usage: iuf COMMAND ...        iuf COMMAND --help: what it takes\n"
                     "                              iuf --version: which one this is\n";
  std::string group;
  for (const Entry& entry : commands()) {
    if (entry.group != group) text += "\n" + entry.group + "\n";
    group = entry.group;
    text += "  " + entry.name + std::string(10 - entry.name.size(), ' ') + entry.summary + "\n";
  }
  return text +
         "\nExample\n"
         "  iuf synth data\n"
         "  iuf train data --stream 4-1x2 --out run\n"
         "  iuf add run/model.safetensors photographs_of_a_new_product\n"
         "  iuf eval run/model.safetensors data\n"
         "  iuf predict run/model.safetensors photographs --out found\n\n"
         "Exit codes: 0 done, 1 something failed, 2 the command line or a --config file is wrong, 130 interrupted\n"
         "iuf help --man, --bash, --zsh: a manual page, and completions for these shells\n";
}

int usage_error(const std::string& text) {
  std::cerr << "iuf: " << plain_text(text) << "\n";
  return kUsage;
}

// Printable UTF-8 on one line, whatever a message holds of files and their names.
std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  return plain_text(text);
}

int failed(const std::string& text) {
  std::cerr << "iuf: error: " << one_line(text) << "\n";
  return kFailed;
}

volatile std::sig_atomic_t continues = 0, ends_batch = 0;  // what the command that runs does (Entry)
volatile std::sig_atomic_t stop_asked = 0;

void say_interrupted() {
  static constexpr char some[] =
      "\niuf: interrupted; what is complete is kept, and the same command goes on from there\n";
  static constexpr char none[] = "\niuf: interrupted\n";
  [[maybe_unused]] const auto written =
      continues ? ::write(STDERR_FILENO, some, sizeof some - 1) : ::write(STDERR_FILENO, none, sizeof none - 1);
}

extern "C" void on_interrupt(int) {
  if (ends_batch && !stop_asked) {
    stop_asked = 1;
    static constexpr char soon[] = "\niuf: stopping after the current batch; a second signal stops at once\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, soon, sizeof soon - 1);
    return;
  }
  say_interrupted();
  ::_exit(kInterrupted);
}

// The unknown flag that a message should name first, with the nearest known one.
std::string unknown_flag(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  for (const std::string& word : app.remaining()) {
    if (word == "--") break;  // names follow
    std::error_code absent;
    if (word.size() > 1 && word.front() == '-' && std::filesystem::exists(word, absent))
      return "'" + word + "' is taken for a flag; files whose names begin with a dash stand behind -- (or as ./" +
             word + ")";
    if (word.size() > 1 && word.front() == '-')
      return "unknown flag '" + word + "'" + suggestion(word.substr(0, word.find('=')), flags);
  }
  for (const std::string& word : app.remaining())
    if (word != "--") return "'" + word + "' is one argument too many";
  return "";
}

// Leaves those that matter most.
void hide_flags(CLI::App& app, const Entry& entry) {
  if (entry.first.empty()) return;
  int hidden = 0;
  for (CLI::Option* option : app.get_options()) {
    if (option->get_positional() || option->get_group() == "General" ||
        std::ranges::find(entry.first, option->get_lnames().front()) != entry.first.end())
      continue;
    option->group("");
    ++hidden;
  }
  app.footer(app.get_footer() + "\n`iuf " + entry.name + " --help-all` shows every flag: " + std::to_string(hidden) +
             " more.");
}

// A command and its flags, which fill in the members.
struct Declared {
  explicit Declared(const Entry& entry) : app(entry.summary, "iuf " + entry.name) {
    app.formatter(std::make_shared<HelpText>());
    app.option_defaults()->group("General")->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.set_help_flag("-h,--help", entry.first.empty() ? "this text" : "this text: what matters most");
    if (!entry.first.empty()) app.set_help_all_flag("--help-all", "every flag");
    app.set_config("--config", "", "read flags from this file, as lines `flag = value`")->type_name("FILE");
    app.config_formatter(std::make_shared<ConfigFile>(app));
    app.add_flag("--quiet", quiet, "no progress, only remarks and errors");
    app.add_option("--threads", threads, "0: as OMP_NUM_THREADS says, or one per core")
        ->type_name("N")
        ->default_str("0")
        ->check(within(range(0, 4096)));
    app.option_defaults()->group("Options");
    action = entry.declare(app);
    require_numbers(app);
  }

  CLI::App app;
  bool quiet = false;
  int threads = 0;
  Action action;
};

// `words`: the flags, without the command.
int run_command(const Entry& entry, std::vector<std::string> words) {
  Declared command(entry);
  CLI::App& app = command.app;
  try {
    std::ranges::reverse(words);  // as the parser takes them
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    hide_flags(app, entry);
    std::cout << app.help();
    return 0;
  } catch (const CLI::CallForAllHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& e) {
    const std::string unknown = unknown_flag(app);
    return usage_error(entry.name + ": " + one_line(unknown.empty() ? e.what() : unknown) + "; see iuf " + entry.name +
                       " --help");
  }
  if (command.threads > 0) set_thread_count(command.threads);
  flush_denormals();
  continues = entry.continues;
  ends_batch = entry.ends_batch;
  ProgressLine progress(command.quiet ? ProgressLine::Shown::remarks : ProgressLine::Shown::all, &stop_asked);
  const int code = command.action(progress);
  progress.finish();
  return code;
}

// The help as another file: `iuf help --man` and the like. Empty for another option.
std::string help_page(const std::string& option) {
  if (option != "--man" && option != "--bash" && option != "--zsh") return "";
  std::vector<std::unique_ptr<Declared>> declared;
  std::vector<CommandHelp> helps;
  for (const Entry& entry : commands()) {
    declared.push_back(std::make_unique<Declared>(entry));
    helps.push_back({entry.group, entry.name, entry.summary, &declared.back()->app});
  }
  if (option == "--man") return man_page(helps, overview());
  return option == "--bash" ? bash_completion(helps) : zsh_completion(helps);
}

int run(int argc, char** argv) {
  if (const std::string fault = cpu_choice_fault(); !fault.empty()) return usage_error(fault);
  const std::string name = argc > 1 ? argv[1] : "";
  if (name.empty()) {
    std::cerr << overview();
    return kUsage;
  }
  const bool is_help = name == "--help" || name == "-h" || name == "help";
  if (is_help && (argc < 3 || argv[2][0] == '-')) {
    const std::string page = help_page(argc < 3 ? "" : argv[2]);
    std::cout << (page.empty() ? overview() : page);
    return 0;
  }
  if (name == "--version" || name == "-V") {
    std::cout << "iuf " IUF_VERSION "\n";
    return 0;
  }
  const std::string command = is_help ? argv[2] : name;
  std::vector<std::string> words(argv + (is_help ? 3 : 2), argv + argc), names;
  if (is_help) words.push_back("--help");
  for (const Entry& entry : commands()) {
    if (entry.name == command) return run_command(entry, std::move(words));
    names.push_back(entry.name);
  }
  return usage_error("unknown command '" + command + "'" + suggestion(command, names) + "; see iuf --help");
}

}  // namespace
}  // namespace iuf

int main(int argc, char** argv) {
  using namespace iuf;
  for (const int number : {SIGINT, SIGTERM})
    if (std::signal(number, on_interrupt) == SIG_IGN) std::signal(number, SIG_IGN);
  try {
    const int code = run(argc, argv);
    if (!std::cout.flush()) fail("standard output: cannot write the results; is the disk full?");
    return code;
  } catch (const Interrupted&) {
    say_interrupted();
    return kInterrupted;
  } catch (const UsageError& e) {
    failed(e.what());
    return kUsage;
  } catch (const std::bad_alloc&) {
    return failed("out of memory: use a smaller --batch or --image-size, or fewer --threads");
  } catch (const std::filesystem::filesystem_error& e) {
    return failed(e.path1().string() + ": " + e.code().message() + ": check the path and its permissions");
  } catch (const std::exception& e) {
    return failed(e.what());
  }
}
