#include "iuf/synthetic/data_set.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "iuf/image/mask.h"
#include "iuf/synthetic/math.h"
#include "nn/file.h"
#include "support/synth_hash.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> kinds_and_good(const std::string& object) {
  std::vector<std::string> kinds = synthetic_defect_kinds(object);
  kinds.insert(kinds.begin(), "good");
  return kinds;
}

/// The files below a folder, relative to it, in order.
uint64_t hash_of_folder(const fs::path& folder) {
  uint64_t value = kHashStart;
  for (const std::string& file : files_below(folder)) {
    if (!file.ends_with(".png")) continue;
    value = synth_hash(std::vector<uint8_t>(file.begin(), file.end()), value);
    const Image image = file.ends_with("_mask.png") ? read_mask(folder / file).image : read_image(folder / file);
    value = synth_hash(image.pixels, value);
  }
  return value;
}

void write(const fs::path& out, const SynthOptions& options) {
  write_synthetic(out, options, {});
}

}  // namespace

TEST_CASE("synthetic objects are at least eight, each with at least six kinds of defects", "[data][synthetic]") {
  std::set<std::string> kinds;
  CHECK(synthetic_object_names().size() >= 8);
  CHECK(std::is_sorted(synthetic_object_names().begin(), synthetic_object_names().end()));
  for (const std::string& object : synthetic_object_names()) {
    const std::vector<std::string> own = synthetic_defect_kinds(object);
    CHECK(std::set(own.begin(), own.end()).size() >= 6);
    CHECK(std::is_sorted(own.begin(), own.end()));
    kinds.insert(own.begin(), own.end());
  }
  CHECK(kinds.size() >= 12);
}

TEST_CASE("the arithmetic of synthetic images agrees with the C library", "[data][synthetic]") {
  float sine = 0, angle = 0;
  for (int i = -5000; i <= 5000; ++i) {
    const float t = static_cast<float>(i) / 2000;
    const double turns = 6.283185307179586 * static_cast<double>(t);
    sine = std::max(sine, static_cast<float>(std::abs(static_cast<double>(synthetic::sin_turns(t)) - std::sin(turns))));
    const synthetic::Vec2 point{static_cast<float>(3 * std::cos(turns)), static_cast<float>(3 * std::sin(turns))};
    const double expected = std::atan2(static_cast<double>(point.y), static_cast<double>(point.x)) / 6.283185307179586;
    const double error = static_cast<double>(synthetic::angle_turns(point)) - expected;
    angle = std::max(angle, static_cast<float>(std::abs(error - std::round(error))));  // -0.5 and 0.5 are one angle
  }
  CHECK(sine < 5e-6F);
  CHECK(angle < 2e-6F);
}

TEST_CASE("the pixels of every synthetic object and kind are what they always were", "[data][synthetic][golden]") {
  // Changed pixels change every result that was measured on them: on purpose only, and with a new table from this test.
  const std::map<std::string, uint64_t> expected = {
      {"biscuit/broken", 0x297742DE0B29D148U},
      {"biscuit/burn", 0xE177F14698B88F85U},
      {"biscuit/contamination", 0xF84A5EE4BFBCCBE9U},
      {"biscuit/crack", 0xF44487FCAFB5548DU},
      {"biscuit/good", 0x7ED511C30BBC7CD0U},
      {"biscuit/missing_hole", 0xB57170F8A7B12A9AU},
      {"biscuit/pale_spot", 0x05BACB04C84D21A9U},
      {"bottle_cap/dent", 0xD2D09EA0D1847A43U},
      {"bottle_cap/flat_flute", 0xC402999190D6056FU},
      {"bottle_cap/good", 0x159FA49680381B85U},
      {"bottle_cap/misprint", 0x2407898798852E3DU},
      {"bottle_cap/rust", 0x7189C1F8BDDBE1D6U},
      {"bottle_cap/scratch", 0xB2E7B20F5D0686C1U},
      {"bottle_cap/spot", 0x57489029309A7CECU},
      {"capsule/crack", 0x862F2F5DE586AED6U},
      {"capsule/good", 0x9467DD6977CB3F65U},
      {"capsule/hole", 0xD280FE6E803D073DU},
      {"capsule/misprint", 0x56AC92BDF1332978U},
      {"capsule/open", 0xAF35B70968C312BDU},
      {"capsule/scratch", 0x99A34BFF7928436FU},
      {"capsule/spot", 0xF880869AD3027219U},
      {"circuit/burn", 0x8D2CF409E42626D6U},
      {"circuit/good", 0x5F2F96E188682E8DU},
      {"circuit/missing_part", 0x8453DF8889014F5DU},
      {"circuit/scratch", 0xBAB3065E1D01EC00U},
      {"circuit/solder_bridge", 0x69ED9CCE84184655U},
      {"circuit/tilted_part", 0x41CAFEBF5B3CC56CU},
      {"circuit/wrong_part", 0xC1755992BB2FE176U},
      {"fabric/cut", 0x80A1477981D7BA19U},
      {"fabric/good", 0x84BD535A300E5D82U},
      {"fabric/hole", 0x3D21F5583569F82DU},
      {"fabric/loose_thread", 0x19AC8D7507AD48FBU},
      {"fabric/missing_thread", 0xBA609F7D624697EFU},
      {"fabric/spot", 0x0C0FFEEAE295096CU},
      {"fabric/stain", 0x293A04FC92DC0ECAU},
      {"gear/bent_tooth", 0xF59B780B66B640ADU},
      {"gear/crack", 0x1F3287137C3095CFU},
      {"gear/good", 0x4A9248FB9F433F16U},
      {"gear/missing_hole", 0x7D68DEDD30253727U},
      {"gear/missing_tooth", 0xBFF261D584F23467U},
      {"gear/rust", 0x56DEC1041187C8A6U},
      {"gear/scratch", 0xE21232CCCB10B735U},
      {"grid/bent", 0xE0D0001D065F2F9EU},
      {"grid/blocked_hole", 0x09B47D29AC87D55DU},
      {"grid/contamination", 0x2899F03ADD14D8FEU},
      {"grid/good", 0x82299C11FADD8DAFU},
      {"grid/shifted_hole", 0xCDDE72B70FB9DB51U},
      {"grid/stain", 0x460DC54D55B73EE4U},
      {"grid/torn_web", 0xFCF0E5581CBAA91FU},
      {"metal/crack", 0xE7C7FDAB151A6AA7U},
      {"metal/dent", 0x073F3C9D933A35B7U},
      {"metal/good", 0x56DD94D7A30182CAU},
      {"metal/heat_tint", 0x2AAE7595FE013337U},
      {"metal/pit", 0x1EE982060802F9E9U},
      {"metal/scratch", 0xA30F247FC6AC992BU},
      {"metal/stain", 0xCAA83ADD8C951831U},
      {"tile/chip", 0xC218068A47B8F3CFU},
      {"tile/crack", 0xE075ACE003104EBBU},
      {"tile/dull_patch", 0x791AD3CE1F7E70F3U},
      {"tile/good", 0xF4A5E4FB7E069DEAU},
      {"tile/scratch", 0x0E8D9DABDD618285U},
      {"tile/spot", 0x4C0BAB721D1DE9E8U},
      {"tile/stain", 0xA2234E77234C7EB2U},
      {"wood/crack", 0x74472A2D9525F8F7U},
      {"wood/dent", 0x27B7CD7157BA2954U},
      {"wood/good", 0xD9C7B90FF90B66C3U},
      {"wood/hole", 0x1F25AD2E8BF9822EU},
      {"wood/scratch", 0xE85006E32FD2EBB1U},
      {"wood/spot", 0xA31D7575D08184F4U},
      {"wood/stain", 0xF028ACEF6FBB2769U},
  };
  std::string differing;
  size_t count = 0;
  for (const std::string& object : synthetic_object_names())
    for (const std::string& kind : kinds_and_good(object)) {
      const uint64_t value = synth_hash(render_synthetic(object, kind, 7, 3, 48));
      const std::string name = object + "/" + kind;
      const auto found = expected.find(name);
      ++count;
      if (found != expected.end() && found->second == value) continue;
      char line[160];
      std::snprintf(line, sizeof line, "      {\"%s\", 0x%016llXU},\n", name.c_str(),
                    static_cast<unsigned long long>(value));
      differing += line;
    }
  INFO("now:\n" << differing);
  CHECK(differing.empty());
  CHECK(count == expected.size());
}

TEST_CASE("a synthetic mask marks exactly the pixels that a defect changed visibly", "[data][synthetic]") {
  for (const std::string& object : synthetic_object_names())
    for (const std::string& kind : synthetic_defect_kinds(object))
      for (const uint64_t index : {0U, 4U, 7U}) {
        INFO(object << "/" << kind << " " << index);
        const SynthImage picture = render_synthetic(object, kind, 1, index, 64);
        CHECK(picture.kind == kind);
        REQUIRE(picture.mask.pixels.size() == 64 * 64);
        REQUIRE(picture.image.pixels.size() == 64 * 64 * 3);
        REQUIRE(picture.good_twin.pixels.size() == 64 * 64 * 3);
        size_t wrong = 0, marked = 0;
        for (size_t i = 0; i < 64 * 64; ++i) {
          bool visible = false;
          for (size_t c = 0; c < 3; ++c)
            visible = visible || std::abs(picture.image.pixels[3 * i + c] - picture.good_twin.pixels[3 * i + c]) >=
                                     synthetic_visible_levels;
          wrong += picture.mask.pixels[i] != (visible ? 255 : 0);
          marked += visible;
        }
        CHECK(wrong == 0);
        CHECK(marked >= 4);
        CHECK(marked < 64 * 64 / 3);
      }
}

TEST_CASE("a good synthetic image has an empty mask and equals its twin", "[data][synthetic]") {
  const SynthImage picture = render_synthetic("gear", "good", 1, 2, 64);
  CHECK(picture.kind == "good");
  CHECK(picture.image.pixels == picture.good_twin.pixels);
  CHECK(std::count(picture.mask.pixels.begin(), picture.mask.pixels.end(), 0) == 64 * 64);
}

TEST_CASE("synthetic defects become harder to see with the index", "[data][synthetic]") {
  // Place and shape are random, so single kinds may stray: per object the sum over all kinds must fall.
  const auto change = [](const std::string& object, uint64_t index) {
    double sum = 0;
    for (const std::string& kind : synthetic_defect_kinds(object)) {
      const SynthImage picture = render_synthetic(object, kind, 5, index, 64);
      for (size_t i = 0; i < picture.image.pixels.size(); ++i)
        sum += std::abs(picture.image.pixels[i] - picture.good_twin.pixels[i]);
    }
    return sum;
  };
  for (const std::string& object : synthetic_object_names()) {
    INFO(object);
    const double easiest = change(object, 0), hardest = change(object, 7);
    CHECK(hardest < 0.6 * easiest);
    CHECK(change(object, 8) > hardest);  // the next round starts with easy ones again
  }
}

TEST_CASE("synthetic images differ by seed and by index, and not between two calls", "[data][synthetic]") {
  const auto pixels = [](uint64_t seed, uint64_t index) {
    return render_synthetic("wood", "good", seed, index, 32).image.pixels;
  };
  CHECK(pixels(0, 0) == pixels(0, 0));
  CHECK(pixels(0, 0) != pixels(0, 1));
  CHECK(pixels(0, 0) != pixels(1, 0));
}

TEST_CASE("a synthetic image of another size shows the same scene", "[data][synthetic]") {
  const auto mean = [](int size) {
    const Image image = render_synthetic("circuit", "good", 0, 0, size).image;
    double sum = 0;
    for (const uint8_t v : image.pixels) sum += v;
    return sum / static_cast<double>(image.pixels.size());
  };
  CHECK(mean(256) == Approx(mean(96)).margin(4));
}

TEST_CASE("unknown names and bad options of synth are errors that say what there is", "[data][synthetic]") {
  CHECK_THROWS_WITH(render_synthetic("banana", "good", 0, 0, 64), Contains("banana") && Contains("capsule"));
  CHECK_THROWS_WITH(render_synthetic("capsule", "flat_tyre", 0, 0, 64), Contains("flat_tyre") && Contains("misprint"));
  CHECK_THROWS_AS(render_synthetic("capsule", "good", 0, 0, 0), Error);
  CHECK_THROWS_AS(render_synthetic("capsule", "good", 0, 0, 1 << 20), Error);
  CHECK_THROWS_AS(synthetic_defect_kinds(""), Error);
  const TemporaryFolder folder;
  const auto with = [&](auto change) {
    SynthOptions options;
    change(options);
    write(folder.path() / "new", options);
  };
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.objects = {"wood", "banana"}; }), Contains("banana"));
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.objects = {"wood", "wood"}; }), Contains("twice"));
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.train = -1; }), Contains("train"));
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.test_good = 1 << 30; }), Contains("test_good"));
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.per_defect = -5; }), Contains("per_defect"));
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.size = 8; }), Contains("size"));
  CHECK_FALSE(fs::exists(folder.path() / "new"));
}

TEST_CASE("a synthetic data set has MVTec-AD's layout and the same pixels for any number of threads",
          "[data][synthetic][golden]") {
  const SynthOptions options{
      .seed = 3, .size = 40, .train = 2, .test_good = 1, .per_defect = 1, .objects = {"capsule", "tile"}};
  const int threads = thread_count();
  for (const int count : {1, 4}) {
    const TemporaryFolder folder;
    const fs::path out = folder.path() / "deep" / "data";
    set_thread_count(count);
    int64_t calls = 0, last_total = 0;
    bool in_order = true;
    write_synthetic(out, options, [&](const std::string&, int64_t done, int64_t total) {
      in_order = in_order && done == ++calls;
      last_total = total;
    });
    set_thread_count(threads);
    CHECK(in_order);
    CHECK(calls == 2 * (2 + 1 + 6));
    CHECK(last_total == calls);
    std::set<std::string> expected = {"synth.json"};
    for (const std::string object : {"capsule", "tile"}) {
      expected.insert({object + "/train/good/000.png", object + "/train/good/001.png", object + "/test/good/000.png"});
      for (const std::string& kind : synthetic_defect_kinds(object))
        expected.insert({object + "/test/" + kind + "/000.png", object + "/ground_truth/" + kind + "/000_mask.png"});
    }
    CHECK(files_below(out) == expected);
    CHECK_THAT(read_text(out / "synth.json"), Contains("\"complete\": true"));
    INFO("hash now 0x" << std::hex << hash_of_folder(out));
    CHECK(hash_of_folder(out) == 0x7F5E08306BCE67E5U);
  }
}

TEST_CASE("synth replaces its own output and leaves no file of the earlier one", "[data][synthetic]") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "data";
  write(out, {.size = 32, .train = 2, .test_good = 2, .per_defect = 1, .objects = {"grid", "metal"}});
  write_file(out / "notes.txt", "mine");
  write_file(out / "metal" / "notes.txt", "mine");
  write(out, {.seed = 1, .size = 32, .train = 1, .test_good = 0, .per_defect = 0, .objects = {"grid"}});
  CHECK(files_below(out) ==
        std::set<std::string>{"grid/train/good/000.png", "metal/notes.txt", "notes.txt", "synth.json"});
  CHECK_FALSE(fs::exists(out / "metal" / "train"));
  CHECK_FALSE(fs::exists(out / "grid" / "test"));
  CHECK(read_image(out / "grid/train/good/000.png").pixels == render_synthetic("grid", "good", 1, 0, 32).image.pixels);
}

TEST_CASE("synth refuses a folder that holds anything else", "[data][synthetic]") {
  const SynthOptions options{.size = 32, .train = 1, .test_good = 0, .per_defect = 0, .objects = {"grid"}};
  const TemporaryFolder folder;
  write_file(folder.path() / "thesis.txt", "precious");
  CHECK_THROWS_WITH(write(folder.path(), options), Contains(folder.path().string()) && Contains("another folder"));
  for (const std::string text :
       {"", "{", "[]", "{\"format\": \"other\"}", "{\"format\": \"iuf synth\", \"options\": 3}",
        "{\"format\": \"iuf synth\", \"options\": {\"size\": 1e300, \"train\": 1, \"test_good\": 1, "
        "\"per_defect\": 1, \"objects\": []}}",
        "{\"format\": \"iuf synth\", \"options\": {\"size\": 64, \"train\": 999999999, "
        "\"test_good\": 1, \"per_defect\": 1, \"objects\": []}}",
        "{\"format\": \"iuf synth\", \"options\": {\"size\": 64, \"train\": 1, \"test_good\": 1, "
        "\"per_defect\": 1, \"objects\": [\"../..\"]}}"}) {
    write_file(folder.path() / "synth.json", text);
    INFO(text);
    CHECK_THROWS_WITH(write(folder.path(), options), Contains("synth.json"));
    CHECK(read_text(folder.path() / "synth.json") == text);
  }
  CHECK(files_below(folder.path()) == std::set<std::string>{"synth.json", "thesis.txt"});
}

TEST_CASE("a place where synth cannot write is an error that names it", "[data][synthetic]") {
  const SynthOptions options{.size = 32, .train = 1, .test_good = 0, .per_defect = 0, .objects = {"grid"}};
  const TemporaryFolder folder;
  write_file(folder.path() / "file", "text");
  CHECK_THROWS_WITH(write(folder.path() / "file", options), Contains("file"));
  CHECK_THROWS_WITH(write(folder.path() / "file" / "data", options), Contains("file"));
  CHECK(read_text(folder.path() / "file") == "text");
  // A picture whose name is taken by a folder.
  const fs::path out = folder.path() / "data";
  write(out, options);
  fs::remove(out / "grid/train/good/000.png");
  fs::create_directories(out / "grid/train/good/000.png/inside");
  CHECK_THROWS_WITH(write(out, options), Contains("000.png"));
  CHECK_THAT(read_text(out / "synth.json"), Contains("\"complete\": false"));
}

TEST_CASE("what stops synth's progress stops synth", "[data][synthetic]") {
  const TemporaryFolder folder;
  const SynthOptions options{.size = 32, .train = 30, .test_good = 0, .per_defect = 0, .objects = {"grid"}};
  CHECK_THROWS_WITH(
      write_synthetic(folder.path() / "data", options, [](const std::string&, int64_t, int64_t) { fail("enough"); }),
      "enough");
}
