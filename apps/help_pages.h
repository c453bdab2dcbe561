#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>

namespace iuf {

/// What the help says of one command.
struct CommandHelp {
  std::string group, name, summary;
  const CLI::App* flags = nullptr;
};

// The help in other forms, so that none of it is written twice.

/// A manual page of section 1 (man(7)): the overview, then every command with all its flags.
std::string man_page(std::span<const CommandHelp> commands, const std::string& overview);
/// Commands, flags and the words that a flag takes, for bash and zsh.
std::string bash_completion(std::span<const CommandHelp> commands);
std::string zsh_completion(std::span<const CommandHelp> commands);

}  // namespace iuf
