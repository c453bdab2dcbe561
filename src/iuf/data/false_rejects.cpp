#include "iuf/data/false_rejects.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "tensor/text.h"

namespace iuf {
namespace {

using Set = std::set<std::string_view>;

bool is_false_verdict(std::string_view text) {
  static const Set verdicts = {"reject",   "rejects", "rejected",  "rejection", "rejections", "ng",       "nok",
                               "nio",      "ko",      "bad",       "fail",      "fails",      "failed",   "failure",
                               "failures", "defect",  "defects",   "alarm",     "alarms",     "positive", "positives",
                               "call",     "calls",   "ausschuss", "fehler",    "scrap",      "rejet",    "rejets",
                               "defaut",   "défaut",  "rechazo",   "rechazos",  "scarto",     "scarti"};
  for (const std::string_view wrong : {"false", "pseudo", "falsch", "falscher", "faux", "falso", "falsi"})
    if (text.starts_with(wrong) && verdicts.contains(text.substr(wrong.size()))) return true;
  return false;
}

}  // namespace

bool say_false_reject(const Words& words) {
  static const Set alone = {"overkill", "overkills", "overkilled", "overreject", "overrejects", "overrejected",
                            "pseudo",   "pseudos",   "fehlalarm",  "fehlalarme", "过杀",        "過殺",
                            "误判",     "誤判",      "虚報",       "과검"};
  for (size_t i = 0; i < words.size(); ++i) {
    if (alone.contains(words[i]) || is_false_verdict(words[i])) return true;
    if (i + 1 < words.size() && (is_false_verdict(words[i] + words[i + 1]) || words[i] + words[i + 1] == "overreject"))
      return true;
  }
  return false;
}

std::string false_rejects(const Dataset& data, const std::string& object) {
  size_t count = 0;
  const Sample* first = nullptr;
  for (const Sample& sample : data.samples) {
    if (sample.object != object || !sample.defect) continue;
    if (!say_false_reject(fine_words_of(sample.label_name)) &&
        !say_false_reject(fine_words_of(sample.file.stem().string())))
      continue;
    if (count++ == 0) first = &sample;
  }
  if (count == 0) return "";
  return std::to_string(count) +
         (count == 1 ? " image that counts as a defect is" : " images that count as defects are") +
         " called as good parts that were rejected by mistake (first: " +
         escaped((first->file.parent_path().filename() / first->file.filename()).string()) +
         "): if they are good, move them to the normal test images";
}

}  // namespace iuf
