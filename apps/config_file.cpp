#include "apps/config_file.h"

#include <charconv>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "apps/flag_values.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

// The text of a file, read from the front.
class Reader {
 public:
  Reader(std::string text, std::string file) : text_(std::move(text)), file_(std::move(file)) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // some editors' mark of UTF-8
  }

  template <class... Parts>
  [[noreturn]] void error(const Parts&... parts) const {
    std::ostringstream text;
    ((text << file_ << ":" << line_ << ": ") << ... << parts);
    throw CLI::ConfigError(text.str());
  }
  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\n' : text_[at_]; }
  bool take(char c) {
    if (done() || text_[at_] != c) return false;
    next();
    return true;
  }
  void skip_blanks() { skip(" \t\r"); }
  void skip_lines() { skip(" \t\r\n"); }
  // Up to a blank, a comment, the end of the line, or one of `ends`.
  std::string word(std::string_view ends) {
    std::string text;
    while (!done() && std::string_view(" \t\r\n#").find(peek()) == std::string_view::npos &&
           ends.find(peek()) == std::string_view::npos)
      text += next();
    return text;
  }
  std::string value(std::string_view ends) {
    if (peek() != '"' && peek() != '\'') {
      std::string text = word(ends);
      if (text.empty()) error("a value is missing");
      return text;
    }
    const char quote = next();
    std::string text;
    while (!take(quote)) {
      if (peek() == '\n') error("the closing ", quote, " is missing");
      const char c = next();
      text += c == '\\' && quote == '"' ? escaped() : c;
    }
    return text;
  }

 private:
  // Comments, too.
  void skip(std::string_view blanks) {
    while (!done()) {
      if (peek() == '#') {
        while (peek() != '\n') next();
      } else if (blanks.find(peek()) != std::string_view::npos) {
        next();
      } else {
        return;
      }
    }
  }
  char next() {
    line_ += text_[at_] == '\n';
    return text_[at_++];
  }
  char escaped() {
    switch (const char c = next()) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case '"':
      case '\\':
        return c;
      default:
        error("'\\", c, "' is not known; write '\\\\' for a backslash, or single quotes around the text");
    }
  }

  std::string text_, file_;
  size_t at_ = 0, line_ = 1;
};

bool is_bare(const std::string& value) {
  if (value == "true" || value == "false") return true;
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() && end == value.data() + value.size();
}

std::string spelled(const std::string& value) {
  if (is_bare(value)) return value;
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string(1, c);
  }
  return text + "\"";
}

std::string key_of(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_name(true) : option.get_lnames().front();
}

// Whether the flag accepts what the file says.
void check_values(CLI::Option& option, const CLI::ConfigItem& item, const Reader& in) {
  if (item.inputs.size() != 1 && option.get_items_expected_max() <= 1)
    in.error("'", item.name, "' needs one value, not ", item.inputs.size());
  for (const std::string& value : item.inputs) {
    std::string fault = fault_of(option, value);
    if (option.get_expected_min() == 0 && value != "true" && value != "false") fault = "needs true or false";
    if (!fault.empty()) in.error("'", item.name, "': ", fault);
  }
}

}  // namespace

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  const auto file = app_.get_config_ptr()->as<std::string>();
  std::map<std::string, CLI::Option*> known;
  std::set<std::string> seen;
  std::vector<std::string> names;
  for (CLI::Option* option : app_.get_options())
    if (option->get_configurable() && known.emplace(key_of(*option), option).second) names.push_back(key_of(*option));
  std::vector<CLI::ConfigItem> found;
  Reader in({std::istreambuf_iterator<char>(input), {}}, file);
  for (in.skip_lines(); !in.done(); in.skip_lines()) {
    if (in.peek() == '[') in.error("sections are not used; every line is `flag = value`");
    CLI::ConfigItem item;
    item.name = in.word("=");
    if (!known.contains(item.name))
      in.error("unknown key '", item.name, "'", suggestion(item.name, names), "; the keys are the flags of ",
               app_.get_name());
    if (!seen.insert(item.name).second) in.error("'", item.name, "' is there twice");
    in.skip_blanks();
    if (!in.take('=')) in.error("'", item.name, "' needs a value: ", item.name, " = ...");
    in.skip_blanks();
    if (in.take('[')) {
      for (in.skip_lines(); !in.take(']'); in.skip_lines()) {
        if (in.done()) in.error("the closing ] is missing");
        item.inputs.push_back(in.value(",]"));
        in.skip_lines();
        if (!in.take(',') && in.peek() != ']') in.error("a comma is missing in the list");
      }
    } else {
      item.inputs.push_back(in.value(""));
    }
    in.skip_blanks();
    if (in.peek() != '\n')
      in.error("more than one value; put a text with spaces into quotes, several values into [brackets]");
    check_values(*known.at(item.name), item, in);
    found.push_back(std::move(item));
  }
  return found;
}

std::string ConfigFile::to_config(const CLI::App* app, bool, bool, std::string) const {
  std::string text;
  for (const std::string& group : app->get_groups()) {
    std::string lines;
    for (const CLI::Option* option : app->get_options()) {
      if (!option->get_configurable() || option->get_group() != group) continue;
      std::vector<std::string> values = option->results();
      if (values.empty() && option->get_expected_min() == 0) values = {"false"};
      if (values.empty() && !option->get_default_str().empty()) values = {option->get_default_str()};
      if (values.empty()) continue;
      std::string list;
      for (const std::string& value : values) list += (list.empty() ? "" : ", ") + spelled(value);
      lines += key_of(*option) + " = " + (values.size() == 1 ? list : "[" + list + "]") + "\n";
    }
    if (!lines.empty()) text += "\n# " + group + "\n" + lines;
  }
  return text;
}

}  // namespace iuf
