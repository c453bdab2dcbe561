#include "iuf/learn/log_entry.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace iuf {

double LogEntry::part(std::string_view name) const {
  const auto found = std::ranges::find(parts, name, &LossPart::name);
  return found == parts.end() ? 0 : found->value;
}

nlohmann::json to_json(const LogEntry& e) {
  nlohmann::json parts = nlohmann::json::array();
  for (const LossPart& part : e.parts) parts.push_back({{"name", part.name}, {"value", part.value}});
  return {{"step", e.step}, {"epoch", e.epoch},         {"iteration", e.iteration}, {"loss", e.loss},
          {"parts", parts}, {"grad_norm", e.grad_norm}, {"lr", e.learning_rate},    {"seconds", e.seconds}};
}

LogEntry log_entry(const nlohmann::json& json) {
  LogEntry e{
      .step = json.at("step"), .epoch = json.at("epoch"), .iteration = json.at("iteration"), .loss = json.at("loss")};
  for (const nlohmann::json& part : json.at("parts")) e.parts.push_back({part.at("name"), part.at("value")});
  e.grad_norm = json.at("grad_norm");
  e.learning_rate = json.at("lr");
  e.seconds = json.at("seconds");
  return e;
}

}  // namespace iuf
