#include "apps/help_pages.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <vector>

namespace iuf {
namespace {

// Text for troff: a back-slash, a minus that stays one, and a dot that begins no request.
std::string troff(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (safe.empty() || safe.back() == '\n')) safe += "\\&";
    if (c == '\\')
      safe += "\\e";
    else if (c == '-')
      safe += "\\-";
    else
      safe += c;
  }
  return safe;
}

// What is set line by line, such as examples.
std::string as_it_is(const std::string& text) {
  return ".nf\n" + troff(text) + (text.ends_with('\n') ? "" : "\n") + ".fi\n";
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

// "--a", "-b", in the order of declaration, short ones first.
std::vector<std::string> flags_of(const CLI::Option& option) {
  std::vector<std::string> flags;
  for (const std::string& name : option.get_snames()) flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) flags.push_back("--" + name);
  return flags;
}

// The words that the option takes, where its type is a list of them.
std::vector<std::string> words_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  std::vector<std::string> words;
  std::istringstream list(type);
  for (std::string word; std::getline(list, word, '|');) words.push_back(word);
  const bool are_words = words.size() > 1 && std::ranges::none_of(type, [](unsigned char c) {
                           return std::isupper(c) || std::isspace(c) || c == '[';
                         });
  return are_words ? words : std::vector<std::string>{};
}

bool takes_files(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return std::ranges::any_of(std::vector{"FILE", "FOLDER", "DATA", "MODEL", "RUN"},
                             [&](const char* kind) { return type.find(kind) != std::string::npos; });
}

std::string joined_by(const std::vector<std::string>& texts, const std::string& between) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
  return all;
}

// The tag of a paragraph and what stands below it.
std::string man_option(const CLI::Option& option) {
  const bool positional = option.get_positional();
  std::string tag = ".B " + troff(positional ? option.get_type_name() : joined_by(flags_of(option), ", "));
  if (!positional && takes_value(option)) tag += " " + troff(option.get_type_name());
  const std::string fallback = option.get_required() ? "required" : option.get_default_str();
  std::string text = option.get_description();
  if (!fallback.empty()) text += (text.empty() ? "(" : " (") + fallback + ")";
  return ".TP\n" + tag + "\n" + troff(text) + "\n";
}

std::string man_command(const CommandHelp& command) {
  std::string arguments, text;
  for (const CLI::Option* option : command.flags->get_options()) {
    if (option->get_positional())
      arguments += " " + (option->get_required() ? option->get_type_name() : "[" + option->get_type_name() + "]");
    text += man_option(*option);
  }
  const std::string footer = command.flags->get_footer();
  return ".SS " + troff("iuf " + command.name + arguments + " ...") + "\n" + troff(command.summary) + "\n" + text +
         (footer.empty() ? "" : ".PP\n" + as_it_is(footer));
}

// A text between single quotes of a shell.
std::string shell_word(const std::string& text) {
  std::string safe = "'";
  for (const char c : text) safe += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return safe + "'";
}

// Text in an argument of zsh's _arguments.
std::string in_spec(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string zsh_action(const CLI::Option& option) {
  const std::vector<std::string> words = words_of(option);
  if (!words.empty()) return "(" + joined_by(words, " ") + ")";
  return takes_files(option) ? "_files" : "";
}

std::string zsh_specs(const CLI::App& app) {
  std::string specs;
  bool files = false;
  for (const CLI::Option* option : app.get_options()) {
    files |= option->get_positional() && takes_files(*option);
    for (const std::string& flag : flags_of(*option)) {
      std::string spec = flag + "[" + in_spec(option->get_description()) + "]";
      if (takes_value(*option)) spec += ":" + in_spec(option->get_type_name()) + ":" + zsh_action(*option);
      specs += " \\\n        " + shell_word(spec);
    }
  }
  return specs + (files ? " \\\n        '*:file:_files'" : "");
}

}  // namespace

std::string man_page(std::span<const CommandHelp> commands, const std::string& overview) {
  std::string page = ".TH IUF 1 \"\" \"iuf " IUF_VERSION "\" \"\"\n.SH NAME\niuf \\- " +
                     troff(overview.substr(overview.find(": ") + 2, overview.find('\n') - overview.find(": ") - 2)) +
                     "\n.SH SYNOPSIS\n.B iuf\nCOMMAND ...\n.SH DESCRIPTION\n" +
                     as_it_is(overview.substr(overview.find("Usage")));
  std::string group;
  for (const CommandHelp& command : commands) {
    if (command.group != group) page += ".SH " + troff(command.group) + "\n";
    group = command.group;
    page += man_command(command);
  }
  return page;
}

std::string bash_completion(std::span<const CommandHelp> commands) {
  std::string names, values, flags;
  for (const CommandHelp& command : commands) {
    names += (names.empty() ? "" : " ") + command.name;
    std::vector<std::string> all, without_words;
    for (const CLI::Option* option : command.flags->get_options()) {
      const std::vector<std::string> words = words_of(*option);
      for (const std::string& flag : flags_of(*option)) {
        all.push_back(flag);
        if (!words.empty())
          values +=
              "    " + shell_word(command.name + " " + flag) + ") words=" + shell_word(joined_by(words, " ")) + " ;;\n";
        else if (takes_value(*option))
          without_words.push_back(shell_word(command.name + " " + flag));
      }
    }
    if (!without_words.empty()) values += "    " + joined_by(without_words, " | \\\n      ") + ") return ;;\n";
    flags += "    " + command.name + ") flags=" + shell_word(joined_by(all, " ")) + " ;;\n";
  }
  return "# Completion of iuf for bash, made by `iuf help --bash`.\n_iuf() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words='' flags=''\n"
         "  COMPREPLY=()\n"
         "  if [ \"$word\" = = ]; then word=''\n"
         "  elif [ \"$before\" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
         "  local commands='" +
         names +
         "'\n  if [ \"$COMP_CWORD\" = 1 ] || [ \"$COMP_CWORD ${COMP_WORDS[1]}\" = '2 help' ]; then\n"
         "    COMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n    return\n  fi\n"
         "  case \"${COMP_WORDS[1]} $before\" in\n" +
         values +
         "  esac\n"
         "  if [ -z \"$words\" ]; then\n    case $word in -*) ;; *) return ;; esac\n  fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         flags + "  esac\n  COMPREPLY=($(compgen -W \"${words:-$flags}\" -- \"$word\"))\n}\n" +
         "complete -o default -F _iuf iuf\n";
}

std::string zsh_completion(std::span<const CommandHelp> commands) {
  std::string names, cases;
  for (const CommandHelp& command : commands) {
    names += "    " + shell_word(in_spec(command.name) + ":" + command.summary) + "\n";
    cases += "    " + command.name + ")\n      _arguments" + zsh_specs(*command.flags) + " ;;\n";
  }
  return "#compdef iuf\n# Completion of iuf for zsh, made by `iuf help --zsh`.\n_iuf() {\n  local -a commands=(\n" +
         names +
         "  )\n  if ((CURRENT == 2)) || { ((CURRENT == 3)) && [[ $words[2] == help ]]; }; then\n"
         "    _describe command commands\n    return\n  fi\n"
         "  local command=$words[2]\n  shift words\n  ((CURRENT--))\n  case $command in\n" +
         cases + "  esac\n}\n_iuf \"$@\"\n";
}

}  // namespace iuf
