#include <algorithm>
#include <map>

#include "iuf/data/name_words.h"

namespace iuf {
namespace {

// Without separators, in lower case. Words that are usual names of products (label, plate, positive, vis) are none.
constexpr std::pair<Word, std::string_view> lists[] = {
    {Word::normal,
     "good ok okay normal normals pass passed io gut gutteil gutteile fehlerfrei bon bons bonne bonnes "
     "conforme conformes buono buoni buona buone bueno buenos buena buenas bom bons goed dobry dobre "
     "healthy intact nondefective nondefect nodefect nodefects defectfree anomalyfree noanomaly "
     "nonanomalous flawless accept accepted perfect undamaged correct 合格 良品 正常 정상 "
     "양품"},
    {Word::defect,
     "ng nok nook notok ko bad defect defects defective defectives anomaly anomalies anomalous "
     "abnormal abnormals abnormality fail failed fails failure failures fault faults faulty reject "
     "rejects rejected scrap nogood notgood notnormal damaged damage broken flaw flaws flawed nio "
     "schlecht schlechtteil schlechtteile fehler fehlerhaft defekt defekte ausschuss mauvais mauvaise "
     "defaut defauts défaut défauts defectueux défectueux nonconforme nonconformes malo malos mala "
     "malas defecto defectos defectuoso defectuosos difetto difetti difettoso difettosi scarto scarti "
     "defeito defeitos defeituoso ruim slecht wada wady feil 不良 不良品 缺陷 异常 異常 "
     "불량"},
    {Word::mask,
     "mask masks groundtruth groundtruths gt gts maske masken masque masques mascara mascaras maschera "
     "maschere annotation annotations segmentation segmentations"},
    {Word::train, "train training trn learn learning"},
    {Word::test, "test tests testing testpublic tst validation validate valid val eval evaluation"},
    {Word::unlabelled, "testprivate testprivatemixed unlabelled unlabeled"},
    {Word::normal, "inordnung freigegeben ohnefehler ohnedefekt withoutdefect withoutdefects"},
    {Word::normal, "hyvä hyvät годный годные годен норма 通过 通過 合格品 합격"},
    {Word::defect, "nichtinordnung nichtok nichtio aussortiert gesperrt huono huonot"},
    {Word::defect, "брак дефект дефекты дефекта дефектов негодные wad 欠陥 불합격"},
    {Word::defect, "失败 失敗 不合格 不合格品 不通过 不通過 次品"},
    {Word::normal, "ok品 ok件 ok片 ok板 goedgekeurd goedgekeurde godkjent godkendt"},
    {Word::normal, "conform conforming aware dobra sağlam saglam"},
    {Word::defect,
     "nonconform nonconforming nonconformity nonconformities reklamation reklamationen reklamiert bware zle złe zły "
     "hatali hatalı kusurlu"},
    {Word::train, "lernen apprentissage"},
    {Word::test, "prüfen pruefen prüfung pruefung essai essais"},
    {Word::golden, "golden goldensample goldensamples goldmuster goldenes"},
    {Word::normal, "einwandfrei mangelfrei conformi sano sanos sani vlekkeloos"},
    {Word::flaw,
     "scratch scratches scratched scratching crack cracks cracked cracking dent dents dented rust "
     "rusty rusted corrosion corroded bent torn chipped stain stains stained contamination "
     "contaminated burr burrs deformed deformation misaligned misprint misprints kratzer kratzern "
     "zerkratzt verkratzt riss risse rissig gerissen delle dellen beule beulen rost rostig verrostet "
     "fleck flecken bruch gebrochen verschmutzt verschmutzung verbogen verformt beschädigt "
     "beschaedigt beschädigung mangel mängel maengel mangelhaft kaputt defekten fehlern"},
    {Word::flaw,
     "rayure rayures fissure fissures bosse bosses rouille rouillé cassé cassés tache taches "
     "abîmé abime endommagé endommage arañazo arañazos rayado rayadura grieta grietas abolladura "
     "oxidado roto rotos mancha manchas dañado graffio graffi graffiato crepa ammaccatura ammaccature "
     "ruggine rotto rotti macchia macchie danneggiato danneggiati arranhão arranhao rachadura trinca "
     "amassado ferrugem quebrado kras krassen barst deuk roest gebroken beschadigd rysa rysy "
     "zarysowanie pęknięcie wgniecenie rdza uszkodzony uszkodzone царапина царапины "
     "трещина трещины вмятина ржавчина 划痕 裂纹 凹陷 污渍 破损 "
     "傷 キズ 割れ 汚れ 균열 흠집 스크래치"},
    {Word::sorted_out,
     "rework reworks reworked donotuse dontuse nottouse donotlearn dontlearn donottrain trash trashed "
     "garbage rubbish junk discard discards discarded deleted delete todelete tobedeleted recyclebin "
     "quarantine quarantined sortedout suspect suspects suspicious doubtful questionable unclear "
     "unsure excluded exclude nacharbeit nacharbeiten nachgearbeitet nachzuarbeiten nichtverwenden "
     "nichtbenutzen nichtnutzen nichtlernen müll muell papierkorb gelöscht geloescht quarantäne "
     "quarantaene aussortieren ausgesondert ausgemustert ausgeschlossen verworfen abfall verdächtig "
     "verdaechtig fraglich unklar"},
    {Word::sorted_out,
     "retouche retouches nepasutiliser poubelle corbeille supprimé supprimés supprime supprimes "
     "rebut rebuts écarté écartés ecarte ecartes douteux exclu exclus retrabajo retrabajos nousar "
     "basura papelera eliminado eliminados borrado borrados descartado descartados sospechoso "
     "sospechosos rilavorazione rilavorati nonusare cestino eliminati cancellati scartato scartati "
     "sospetto sospetti retrabalho lixo lixeira descarte prullenbak verwijderd kosz usunięte "
     "удалено удаленные мусор 返工 返修 废品 报废 垃圾 删除 削除 "
     "ゴミ 手直し 재작업 폐기 휴지통"},
    {Word::leftover,
     "old older obsolete outdated deprecated archive archived backup backups bak unused wrong removed "
     "check tocheck review toreview hold onhold blocked pending unknown undecided maybe uncertain alt "
     "alte altes archiv sicherung falsch entfernt prüfen unbekannt ancien anciens vieux viejo viejos "
     "vecchio vecchi velho velhos oud oude stary stare старые hole holes spot spots "
     "cut cuts fold folds missing bump bumps loch löcher fehlt fehlend"},
    {Word::derived,
     "thumb thumbs thumbnail thumbnails preview previews overlay overlays heatmap heatmaps anomalymap "
     "anomalymaps scoremap scoremaps result results prediction predictions visualization "
     "visualizations visualisation visualisations viz vorschau vorschaubilder ergebnis ergebnisse "
     "vignettes miniatures resultats résultats aperçu aperçus miniaturas resultado resultados "
     "miniature anteprima anteprime risultati"},
    {Word::normal, "✓ ✔ ✅ ☑ 👍 🆗"},
    {Word::defect, "✗ ✘ ✕ ✖ ❌ ❎ ☒ ⛔ 👎 🚫 🆖 ×"},
    {Word::defect, "vadný vadná vadné vadny vada vady zmetek zmetky"},
    {Word::flaw, "rayé rayée rayés rayées バリ"},
    {Word::defect, "ng品 ng件 ng片 ng板 ng图 ng圖 ng画像 ng제품 불합격품 不適合 不適合品 不合格件 坏品 壞品"},
    {Word::defect,
     "afgekeurd afgekeurde afkeur hibás hibas hibásak selejt selejtes hurda hatalılar bozuk arızalı arizali "
     "wybrakowane wybrakowany wybrakowana wybraki odrzut odrzuty odrzucone odrzucony odrzucona wadliwy wadliwe "
     "wadliwa neshodný neshodná neshodné vyřazeno kasserad kasserade kasseret kasserede kassert underkänd underkend "
     "hylätty hylätyt viallinen vialliset reprovado reprovados reprovada rejeitado rejeitados rechazado rechazados "
     "rechazada rechazadas rejeté rejetés rejetée rejetées respinto respinti respinta škart skart škarta defektan "
     "defektny defektní rebutat respins respinse praak praagid brāķis brokas"},
    {Word::flaw,
     "pęknięty pęknięta pęknięte pekniety peknieta pekniete pęknięcia porysowany porysowane złamany złamane "
     "uszkodzona karcos karcolás karcolas repedt repedés repedes törött torott sérült serult çatlak catlak çizik cizik "
     "kırık kirik kapot bekrast gekrast gescheurd prasklý prasklá prasklé škrábanec poškozený poškozené poškozená "
     "repor spricka sprickor trasig skadad ridse ridser revne naarmu naarmut särö säröt zgârietură crăpat"},
    {Word::sorted_out, "verdacht verdachtig gesp"},
    {Word::none, "バリエーション バリア バリュー バリデーション"},  // longer than the flaw that they begin with
};

using Table = std::map<std::string_view, Word>;

Table read_lists() {
  Table all;
  for (auto [meaning, text] : lists)
    while (!text.empty()) {
      const size_t end = std::min(text.find(' '), text.size());
      all.emplace(text.substr(0, end), meaning);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  return all;
}

const Table& table() {
  static const Table words = read_lists();
  return words;
}

// They say nothing beside a word that does.
constexpr std::string_view fillers[] = {"image",    "images", "img",     "imgs",     "photo", "photos", "picture",
                                        "pictures", "pic",    "pics",    "part",     "parts", "sample", "samples",
                                        "piece",    "pieces", "product", "products", "data",  "set",    "dataset",
                                        "folder",   "only",   "teile",   "bilder"};

constexpr std::string_view kLost = "\uFFFD";

// Bytes at the beginning that stand for lost ones.
size_t lost_size(std::string_view text) {
  size_t size = 0;
  while (size < text.size())
    if (text[size] == '?')
      ++size;
    else if (text.substr(size).starts_with(kLost))
      size += kLost.size();
    else
      break;
  return size;
}

// Of "besch?digt" and "beschädigt": one letter, of however many bytes.
bool fits(std::string_view damaged, std::string_view word) {
  while (!damaged.empty() && !word.empty()) {
    const size_t lost = lost_size(damaged);
    if (lost > 0 ? static_cast<unsigned char>(word[0]) < 0x80 : damaged[0] != word[0]) return false;
    damaged.remove_prefix(std::max<size_t>(lost, 1));
    word.remove_prefix(1);
    while (lost > 0 && !word.empty() && (static_cast<unsigned char>(word[0]) & 0xc0) == 0x80) word.remove_prefix(1);
  }
  return damaged.empty() && word.empty();
}

Word damaged_meaning(std::string_view word) {
  constexpr std::ptrdiff_t fewest = 4;  // letters that are left
  if (word.find('?') == std::string_view::npos && word.find(kLost) == std::string_view::npos) return Word::none;
  if (std::ranges::count_if(word, [](char c) { return c >= 'a' && c <= 'z'; }) < fewest) return Word::none;
  const auto found = std::ranges::find_if(table(), [&](const auto& entry) { return fits(word, entry.first); });
  return found == table().end() ? Word::none : found->second;
}

}  // namespace

Word word_meaning(std::string_view word) {
  const auto found = table().find(word);
  return found == table().end() ? damaged_meaning(word) : found->second;
}

std::string_view word_beginning(std::string_view begin) {
  std::string_view best;
  int least = 3;
  for (auto at = table().lower_bound(begin); at != table().end() && at->first.starts_with(begin); ++at) {
    const Word word = at->second;
    const int rank = word == Word::defect ? 0 : word == Word::flaw ? 1 : 2;
    if (rank >= least) continue;
    least = rank;
    best = at->first;
  }
  return best;
}

std::string_view east_asian_word(std::string_view text) {
  std::string_view best;
  for (const auto& [word, meaning] : table())
    if (static_cast<unsigned char>(word.front()) >= 0xe3 && word.size() > best.size())
      if (const size_t at = text.find(word); at != std::string_view::npos) best = text.substr(at, word.size());
  return best;
}

size_t verdict_mark_size(std::string_view text) {
  static constexpr std::string_view marks[] = {"✓", "✔", "✅", "☑", "👍", "🆗", "✗", "✘", "✕",
                                               "✖", "❌", "❎", "☒", "⛔", "👎", "🚫", "🆖", "×"};
  for (const std::string_view mark : marks)
    if (text.starts_with(mark)) return mark.size();
  return 0;
}

bool is_filler(std::string_view word) {
  return std::ranges::count(fillers, word) > 0;
}

}  // namespace iuf
