#include <sstream>

#include "iuf/serve/service.h"

namespace iuf {
namespace {

// In double quotes.
std::string label(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') quoted += '\\';
    if (c == '\n')
      quoted += "\\n";
    else
      quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string Service::metrics() const {
  std::ostringstream text;
  text.precision(17);
  const auto head = [&](const char* name, const char* type, const char* help) {
    text << "# HELP " << name << " " << help << "\n# TYPE " << name << " " << type << "\n";
  };
  const auto one = [&](const char* name, const char* type, const char* help, double value) {
    head(name, type, help);
    text << name << " " << value << "\n";
  };
  const std::shared_ptr<const ModelVersion> version = model_.current();
  const std::map<std::string, VerdictCounts> totals = history_.totals();
  head("iuf_verdicts_total", "counter", "Verdicts by object; no object: the image could not be judged.");
  for (const auto& [object, counts] : totals)
    for (size_t i = 0; i < counts.size(); ++i)
      text << "iuf_verdicts_total{object=" << label(object) << ",verdict=" << label(kVerdictNames[i]) << "} "
           << counts[i] << "\n";
  const std::lock_guard lock(numbers_);
  head("iuf_requests_total", "counter", "Requests by status.");
  for (const auto& [status, count] : requests_)
    text << "iuf_requests_total{status=\"" << status << "\"} " << count << "\n";
  head("iuf_judge_seconds", "summary", "Time that an image takes, from when it is its turn.");
  text << "iuf_judge_seconds_sum " << judge_seconds_ << "\niuf_judge_seconds_count " << judged_ << "\n";
  head("iuf_threshold", "gauge", "Scores above it are a defect.");
  for (const ObjectRecord& object : version->model.objects())
    if (object.threshold) text << "iuf_threshold{object=" << label(object.name) << "} " << *object.threshold << "\n";
  head("iuf_model_info", "gauge", "The model that judges.");
  text << "iuf_model_info{model=" << label(version->by.model) << ",method=" << label(version->model.method_name())
       << "} 1\n";
  one("iuf_model_usable", "gauge", "0: the model file that is there now cannot be used, the one from before goes on.",
      model_.problem().empty());
  one("iuf_model_replaced_total", "counter", "How often a new model was used.", static_cast<double>(replaced_));
  one("iuf_uptime_seconds", "gauge", "Since the server began.",
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count());
  return text.str();
}

}  // namespace iuf
