#include "iuf/paper/protocol.h"

#include <algorithm>
#include <optional>
#include <set>

#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr std::string_view blank = " \t\r\n";

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

// At the separators that stand outside of quoted names. `what`: the flag, for messages.
std::vector<std::string_view> split(std::string_view text, char separator, std::string_view what) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  char open = 0;         // the quote that is open
  bool at_start = true;  // of a name
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool closes = open && c == open;
    if (closes) {
      open = 0;  // a doubled one ends and begins again
    } else if (!open && at_start && is_quote(c)) {
      open = c;
    }
    if (!open && c == separator) {
      parts.push_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
    if (blank.find(c) != std::string_view::npos) continue;
    at_start = c == ',' || c == ';' || (closes && i + 1 < text.size() && text[i + 1] == c);
  }
  if (open) fail(what, ": a quote in \"", text, "\" is not closed");
  parts.push_back(trim(text.substr(begin)));
  return parts;
}

std::string unquoted(std::string_view text, std::string_view what) {
  if (text.empty() || !is_quote(text[0])) return std::string(text);
  const char quote = text[0];
  std::string name;
  size_t i = 1;
  for (; i < text.size(); ++i) {
    if (text[i] == quote && (i + 1 == text.size() || text[++i] != quote)) break;  // of two, one is meant
    name += text[i];
  }
  if (i != text.size() - 1 || text[i] != quote) fail(what, ": something follows the quoted name in ", text);
  return name;
}

[[noreturn]] void fail_unknown(std::string_view name, std::span<const std::string> known) {
  if (known.empty()) fail("steps: unknown object '", name, "': the data holds no object");
  fail("steps: unknown object '", name, "'", suggestion(name, known), "; known: ", joined(known));
}

struct NamedForm {
  size_t base = 0, per_step = 0, steps = 0;
};

/// "X-YxN", "X-Y" or "YxN" with numbers of 1 to 6 digits.
std::optional<NamedForm> named_form(std::string_view text) {
  const auto number = [&]() -> size_t {  // 0: none
    size_t value = 0, digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && digits < 6; ++digits) {
      value = value * 10 + static_cast<size_t>(text[digits] - '0');
    }
    text.remove_prefix(digits);
    return value;
  };
  const auto skip = [&](char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  };
  text = trim(text);
  NamedForm form{.base = 0, .per_step = number(), .steps = 1};
  const bool has_base = skip('-');
  if (has_base) {
    form.base = form.per_step;
    form.per_step = number();
    if (form.base == 0) return std::nullopt;
  }
  const bool has_steps = skip('x');
  if (has_steps) form.steps = number();
  if (!has_base && !has_steps) return std::nullopt;
  if (form.per_step == 0 || form.steps == 0 || !text.empty()) return std::nullopt;
  return form;
}

}  // namespace

std::string quoted_object(const std::string& name) {
  if (name.find_first_of(",;") == std::string::npos && trim(name) == name && !name.empty() && !is_quote(name[0]))
    return name;
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::vector<std::string> parse_objects(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view part : split(text, ',', "objects")) {
    names.push_back(unquoted(part, "objects"));
    if (names.back().empty()) fail("objects: '", text, "' has an empty name: write \"a,b,c\"");
  }
  return names;
}

std::vector<std::string> Stream::objects() const {
  std::vector<std::string> all;
  for (const auto& step : steps) all.insert(all.end(), step.begin(), step.end());
  return all;
}

Stream parse_steps(std::string_view text, std::span<const std::string> known) {
  Stream stream;
  std::set<std::string> seen;
  for (const std::string_view step : split(text, ';', "steps")) {
    const size_t number = stream.steps.size() + 1;
    if (step.empty()) fail("steps: step ", number, " of '", text, "' is empty: write \"a,b,c; d; e\"");
    auto& objects = stream.steps.emplace_back();
    for (const std::string_view part : split(step, ',', "steps")) {
      const std::string object = unquoted(part, "steps");
      if (object.empty()) fail("steps: step ", number, " ('", step, "') has an empty name: write \"a,b,c; d; e\"");
      if (std::ranges::find(known, object) == known.end()) fail_unknown(object, known);
      if (!seen.insert(object).second) fail("steps: object '", object, "' is given twice: each is learned in one step");
      objects.push_back(object);
    }
  }
  return stream;
}

Stream named_stream(std::string_view name, std::span<const std::string> objects) {
  const auto form = named_form(name);
  if (!form)
    fail("stream '", name, "': expected X-YxN (X base objects, then N steps of Y), X-Y or YxN, such as 10-1x5");
  const size_t needed = form->base + form->per_step * form->steps;
  if (objects.size() < needed) {
    fail("stream '", name, "' needs ", needed, " objects, the data has ", objects.size(), ": ", joined(objects));
  }
  std::vector<std::string> sorted(objects.begin(), objects.end());
  std::ranges::sort(sorted);
  if (const auto twin = std::ranges::adjacent_find(sorted); twin != sorted.end()) {
    fail("stream '", name, "': object '", *twin, "' is in the data twice");
  }
  Stream stream;
  auto next = sorted.begin();
  const auto take = [&](size_t count) {
    const auto end = next + static_cast<std::ptrdiff_t>(count);
    stream.steps.emplace_back(next, end);
    next = end;
  };
  if (form->base > 0) take(form->base);
  for (size_t step = 0; step < form->steps; ++step) take(form->per_step);
  return stream;
}

Stream parse_stream(std::string_view text, std::span<const std::string> known) {
  const bool is_object = std::ranges::find(known, trim(text)) != known.end();
  return !is_object && named_form(text) ? named_stream(text, known) : parse_steps(text, known);
}

Stream joint(const Stream& stream) {
  return {.steps = {stream.objects()}};
}

std::string to_string(const Stream& stream) {
  std::vector<std::string> steps;
  for (const auto& step : stream.steps) {
    std::vector<std::string> names;
    for (const std::string& name : step) names.push_back(quoted_object(name));
    steps.push_back(joined(names, ","));
  }
  return joined(steps, "; ");
}

}  // namespace iuf
