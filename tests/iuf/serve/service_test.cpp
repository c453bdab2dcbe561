#include "iuf/serve/service.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/run/prediction.h"
#include "iuf/serve/refusal.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "support/small_model.h"

using namespace iuf;
using Catch::Contains;
using Json = nlohmann::ordered_json;

namespace fs = std::filesystem;

namespace {

// A service of a model of two objects, in a folder.
struct Served {
  SmallModel small{"gaussian"};
  fs::path model = small.folder / "served" / "model.safetensors", log = small.folder / "served" / "verdicts.jsonl";
  std::unique_ptr<Service> service = {};

  Served() {
    make_folder(model.parent_path());
    small.model->save(model);
    start();
  }
  void start() {
    service.reset();
    service = std::make_unique<Service>(ServiceOptions{.model = model, .log = log}, Progress());
  }
  std::string image(const std::string& object, size_t number = 0) const {
    return read_text(small.images(object).at(number));
  }
  Json judge(const std::string& object, const JudgeRequest& request = {}) const {
    const std::string bytes = image(object);
    return service->judge(std::as_bytes(std::span(bytes)), request);
  }
  // Waits until a job has ended.
  Json end_of(int64_t job) const {
    for (int i = 0; i < 600; ++i) {
      const Json json = service->jobs().get(job);
      if (json["state"] == "done" || json["state"] == "failed") return json;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return {{"state", "never ended"}};
  }
};

int status_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Refusal& e) {
    return e.status;
  }
  return 200;
}

}  // namespace

TEST_CASE("a served verdict is that of predict to the last bit, and is kept", "[serve]") {
  Served served;
  const std::string file = served.small.images("gear").front();
  predict(*served.small.model, {.inputs = {file}, .out = served.small.folder / "found"}, {}, {});
  const Json row = Json::parse(read_text(served.small.folder / "found" / "predictions.jsonl"));
  const Json answer = served.judge("gear", {.name = "../../a<b>.png", .heatmap = true});
  for (const char* key : {"score", "threshold", "scaled_score", "verdict", "object", "confidence", "novelty", "width"})
    CHECK(answer.at(key) == row.at(key));
  CHECK(answer["file"] == "../../a<b>.png");
  CHECK(answer["heatmap_png"].get<std::string>().starts_with("iVBOR"));
  const std::vector<std::byte> heatmap = read_file(served.small.folder / "found" / row["heatmap"].get<std::string>());
  CHECK(answer["heatmap_png"].get<std::string>().size() == (heatmap.size() + 2) / 3 * 4);
  CHECK_FALSE(served.judge("gear").contains("heatmap_png"));
  CHECK(served.judge("gear", {.object = "biscuit"})["object"] == "biscuit");
  CHECK(status_of([&] { served.judge("gear", {.object = "gaer"}); }) == 404);

  const auto pictures = served.service->history().pictures(answer["id"].get<int64_t>());
  REQUIRE(pictures);
  CHECK(pictures->photograph.starts_with("\x89PNG"));
  CHECK(pictures->heatmap.starts_with("\x89PNG"));
  CHECK(served.service->history().last(100).size() == 3);
  CHECK(served.service->history().last(100)[2]["id"] == answer["id"]);
  const std::string log = read_text(served.log);
  CHECK(std::ranges::count(log, '\n') == 3);
  served.start();  // the history outlives the process
  CHECK(served.service->history().last(100).size() == 3);
  CHECK(served.service->history().last(100)[2]["score"] == row["score"]);
  CHECK(served.service->history().last(100)[2]["id"].is_null());
}

TEST_CASE("what is no image gets the verdict error, in the log and in the numbers", "[serve]") {
  Served served;
  const Json answer = served.service->judge(std::as_bytes(std::span("no image")), {});
  CHECK(answer["verdict"] == "error");
  CHECK_THAT(answer["error"].get<std::string>(), Contains("not a PNG"));
  served.judge("gear");
  served.service->count_request(200);
  const std::string metrics = served.service->metrics();
  CHECK_THAT(metrics, Contains("iuf_verdicts_total{object=\"\",verdict=\"error\"} 1\n"));
  CHECK_THAT(metrics, Contains("iuf_verdicts_total{object=\"gear\",verdict=\"ok\"} 1\n"));
  CHECK_THAT(metrics, Contains("iuf_judge_seconds_count 2\n"));
  CHECK_THAT(metrics, Contains("iuf_requests_total{status=\"200\"} 1\n"));
  const Json hours = served.service->history().hours();
  REQUIRE(hours.size() == 2);
  CHECK(hours[0]["error"] == 1);
  CHECK(hours[1]["ok"] == 1);
}

TEST_CASE("thresholds are set for the next image, and undone", "[serve]") {
  Served served;
  const double before = served.judge("gear")["threshold"].get<double>();
  const std::string model = served.judge("gear")["model"];
  const Json answer = served.service->calibrate({{"object", "gear"}, {"threshold", 0.25}});
  CHECK(answer["objects"][0]["threshold"] == 0.25);
  CHECK(served.judge("gear")["threshold"] == 0.25);
  CHECK(served.judge("gear")["verdict"] == "defect");
  CHECK(served.judge("gear")["model"] != model);
  served.service->calibrate({{"object", "gear"}, {"back", true}});
  CHECK(served.judge("gear")["threshold"] == before);
  served.service->calibrate({{"false_alarms", 0.3}});
  CHECK(served.service->objects()["objects"][1]["false_alarms_asked"] == 0.3);
  for (const char* wrong :
       {"[]", "{}", R"({"threshold": "1"})", R"({"false_alarms": 2})", R"({"object": 1, "back": true})",
        R"({"back": true, "threshold": 1})", R"({"back": true, "path": "/etc/passwd"})"})
    CHECK(status_of([&] { served.service->calibrate(nlohmann::json::parse(wrong)); }) == 400);
  CHECK(status_of([&] { served.service->calibrate({{"object", "gaer"}, {"back", true}}); }) == 422);
}

TEST_CASE("a product is learned from uploaded images while others are judged", "[serve]") {
  Served served;
  LearningJobs& jobs = served.service->jobs();
  CHECK(status_of([&] { jobs.begin("a/b"); }) == 400);
  CHECK(status_of([&] { jobs.get(1); }) == 404);
  const int64_t job = jobs.begin("third")["id"];
  CHECK(status_of([&] { jobs.start(job, {}); }) == 409);
  CHECK(status_of([&] { jobs.add_image(job, std::as_bytes(std::span("no image"))); }) == 422);
  Image image = blank_image(64, 64, 3);
  for (size_t n = 0; n < 6; ++n) {
    for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>((i * (n + 7)) % 251);
    jobs.add_image(job, encode_png(image));
  }
  CHECK(jobs.start(job, {.alike = Alike::accepted})["state"] != "collecting");
  CHECK(status_of([&] { jobs.add_image(job, encode_png(image)); }) == 409);
  while (jobs.busy()) CHECK(served.judge("gear")["object"] == "gear");
  const Json ended = served.end_of(job);
  CHECK(ended["state"] == "done");
  CHECK(ended["images"] == 6);
  CHECK(served.service->objects()["objects"].size() == 3);
  CHECK(served.service->health()["objects"] == 3);
  const std::vector<std::byte> bytes = encode_png(image);
  CHECK(served.service->judge(bytes, {})["object"] == "third");

  const int64_t again = jobs.begin("gear")["id"];  // known already
  jobs.add_image(again, bytes);
  jobs.start(again, {});
  CHECK(served.end_of(again)["state"] == "failed");
  CHECK_FALSE(served.end_of(again)["error"].get<std::string>().empty());
  CHECK(served.service->objects()["objects"].size() == 3);
  CHECK(jobs.remove(again)["state"] == "failed");
  CHECK(jobs.all().size() == 1);
}

TEST_CASE("a product is learned from uploaded images with a mask of what they ignore", "[serve]") {
  Served served;
  LearningJobs& jobs = served.service->jobs();
  Image half = blank_image(64, 64, 1);
  CHECK(status_of([&] { jobs.set_mask(7, encode_png(half)); }) == 404);
  const int64_t job = jobs.begin("third")["id"];
  CHECK(status_of([&] { jobs.set_mask(job, encode_png(half)); }) == 422);  // black everywhere
  CHECK(status_of([&] { jobs.set_mask(job, std::as_bytes(std::span("no image"))); }) == 422);
  CHECK(jobs.get(job)["mask"] == false);
  CHECK(jobs.get(job)["bytes"] == 0);
  std::fill(half.pixels.begin(), half.pixels.begin() + 64 * 8, uint8_t{255});
  jobs.set_mask(job, encode_png(half));
  std::fill(half.pixels.begin(), half.pixels.begin() + 64 * 32, uint8_t{255});  // instead
  const std::vector<std::byte> mask = encode_png(half);
  const Json taken = jobs.set_mask(job, mask);
  CHECK(taken["mask"] == true);
  CHECK(taken["bytes"] == mask.size());
  CHECK(taken["images"] == 0);
  CHECK(status_of([&] { jobs.start(job, {}); }) == 409);  // it is no image
  Image image = blank_image(64, 64, 3);
  for (size_t n = 0; n < 6; ++n) {
    for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>((i * (n + 7)) % 251);
    jobs.add_image(job, encode_png(image));
  }
  jobs.start(job, {.alike = Alike::accepted});
  CHECK(status_of([&] { jobs.set_mask(job, mask); }) == 409);
  const Json done = served.end_of(job);
  CHECK(done["state"] == "done");
  CHECK(done["notes"].dump().find("that the mask marks") != std::string::npos);
  CHECK(done.dump().find(std::filesystem::temp_directory_path().string()) == std::string::npos);
  const Model learned = Model::load(served.model);
  REQUIRE(learned.ignored(2));
  CHECK(learned.ignored(2)->share() == 0.5);
  CHECK_FALSE(learned.ignored(0));
}

TEST_CASE("a known product learns uploaded images while others are judged", "[serve]") {
  Served served;
  CHECK(status_of([&] { served.service->begin_job("gaer", LearningJobs::Kind::update); }) == 404);
  const std::vector<std::byte> later = encode_png(render_synthetic("gear", "good", 7, 0, 64).image);
  const Json before = served.service->judge(later, {.object = "gear"});
  const Json biscuit = served.judge("biscuit", {.object = "biscuit"});
  const auto learn = [&](const std::string& object, const LearningJobs::Terms& terms) {
    LearningJobs& jobs = served.service->jobs();
    const int64_t job = served.service->begin_job("gear", LearningJobs::Kind::update)["id"];
    for (uint64_t i = 0; i < 5; ++i) jobs.add_image(job, encode_png(render_synthetic(object, "good", 7, i, 64).image));
    CHECK(jobs.start(job, terms)["kind"] == "update");
    while (jobs.busy()) CHECK(served.judge("biscuit")["object"] == "biscuit");
    return served.end_of(job);
  };
  CHECK(learn("gear", {})["state"] == "done");
  const Json after = served.service->judge(later, {.object = "gear"});
  CHECK(after["score"].get<double>() < before["score"].get<double>());
  CHECK(after["model"] != before["model"]);
  CHECK(served.judge("biscuit", {.object = "biscuit"})["score"] == biscuit["score"]);
  CHECK(served.service->objects()["objects"][1]["normal_scores"] == 11);

  const Json again = learn("gear", {.later = LaterImages::replace});
  CHECK(again["state"] == "done");
  CHECK_THAT(again["notes"].dump(), Contains("nothing to do"));
  const Json other = learn("biscuit", {});  // another product
  CHECK(other["state"] == "failed");
  CHECK_THAT(other["error"].get<std::string>(), Contains("are these images of that one?"));
  CHECK(served.judge("gear")["model"] == after["model"]);
}

TEST_CASE("a model file that cannot be used is told, and the one from before goes on", "[serve]") {
  Served served;
  write_file(served.model, std::string_view("damaged"));
  served.service->refresh();
  CHECK(served.service->health()["status"] == "degraded");
  CHECK_THAT(served.service->health()["problem"].get<std::string>(), Contains("cannot be used"));
  CHECK_THAT(served.service->metrics(), Contains("iuf_model_usable 0\n"));
  CHECK(served.judge("gear")["object"] == "gear");
  served.small.model->save(served.model);
  served.service->refresh();
  CHECK(served.service->health()["status"] == "ok");
}

TEST_CASE("the history is bounded", "[serve]") {
  VerdictHistory history;
  int64_t first = 0, last = 0;
  for (int i = 0; i < 130; ++i) {
    const std::string hour = "2026-01-0" + std::to_string(1 + i / 24) + "T" + std::to_string(10 + i % 24);
    last = history.add({{"time", hour + ":00:00.000Z"}, {"verdict", "ok"}, {"object", "a"}}, {.photograph = "x"});
    if (first == 0) first = last;
  }
  CHECK(history.last(1000).size() == VerdictHistory::kMost);
  CHECK(history.last(2)[0]["id"] == last);
  CHECK(history.hours().size() == VerdictHistory::kMostHours);
  CHECK_FALSE(history.pictures(first));
  CHECK(history.pictures(last));
  CHECK(history.totals().at("a")[0] == 130);
  history.recall("no JSON");
  history.recall("{\"verdict\":\"ok\"}");
  CHECK(history.last(2)[0]["id"] == last);
}
