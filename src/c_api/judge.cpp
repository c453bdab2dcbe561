#include <algorithm>
#include <bit>
#include <span>
#include <type_traits>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "iuf/image/image_formats.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

using namespace iuf;
using namespace iuf::c_api;

static_assert(std::is_same_v<real, float>);
static_assert(int{IUF_VERDICT_OK} == int(Verdict::ok) && int{IUF_VERDICT_DEFECT} == int(Verdict::defect) &&
              int{IUF_VERDICT_UNKNOWN} == int(Verdict::unknown) &&
              int{IUF_VERDICT_NO_THRESHOLD} == int(Verdict::no_threshold));

namespace {

// Pixels as a caller has them in memory.
struct PixelFormat {
  int bytes;             // of a pixel
  int red, green, blue;  // places of the colours
};

PixelFormat format_of(int32_t format) {
  switch (format) {
    case IUF_GRAY8:
      return {1, 0, 0, 0};
    case IUF_RGB8:
      return {3, 0, 1, 2};
    case IUF_BGR8:
      return {3, 2, 1, 0};
    case IUF_RGBA8:
      return {4, 0, 1, 2};
    case IUF_BGRA8:
      return {4, 2, 1, 0};
    case IUF_GRAY16:
      return {2, 0, 0, 0};
  }
  throw WrongUse{"format: " + std::to_string(format) + " is none of iuf_pixels"};
}

// Bytes from one row to the next.
size_t checked_stride(int64_t width, int64_t height, int bytes, size_t stride) {
  if (width < 1 || height < 1 || width > default_max_pixels / height)
    throw WrongUse{"pixels: " + std::to_string(width) + " x " + std::to_string(height) + " is not within 1 and " +
                   std::to_string(default_max_pixels) + " pixels"};
  const auto row = static_cast<size_t>(width) * static_cast<size_t>(bytes);
  if (stride == 0) return row;
  if (stride < row)
    throw WrongUse{"stride: " + std::to_string(stride) + " bytes are less than a row, which has " +
                   std::to_string(row)};
  return stride;
}

// RGB of 8 bits, as a decoded file.
Image image_from(const void* pixels, int width, int height, size_t stride, const PixelFormat& format) {
  Image image = blank_image(width, height, 3);
  for (int y = 0; y < height; ++y) {
    const auto* from = static_cast<const uint8_t*>(pixels) + static_cast<size_t>(y) * stride;
    uint8_t* to = image.row(y);
    for (int x = 0; x < width; ++x, from += format.bytes, to += 3) {
      to[0] = from[format.red];
      to[1] = from[format.green];
      to[2] = from[format.blue];
    }
  }
  return image;
}

// The same from 16 bits, by the model's window.
Image deep_image_from(const void* pixels, int width, int height, size_t stride, const ValueWindow& window) {
  Raster raster{.width = width, .height = height, .sample_bytes = 2};
  raster.samples.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 6);
  constexpr bool low_first = std::endian::native == std::endian::little;
  uint8_t* to = raster.samples.data();
  for (int y = 0; y < height; ++y) {
    const auto* from = static_cast<const uint8_t*>(pixels) + static_cast<size_t>(y) * stride;
    for (int x = 0; x < width; ++x, from += 2)
      for (int c = 0; c < 3; ++c, to += 2) {
        to[0] = from[low_first ? 1 : 0];
        to[1] = from[low_first ? 0 : 1];
      }
  }
  return image_of(std::move(raster), window);
}

// Judges what `read` makes an image of; the file that is judged is called `name`.
template <class Read>
void judge(const iuf_model* model, const char* object, iuf_judgement** out, const std::string& name, const Read& read) {
  given(out, "judgement") = nullptr;
  const auto current = given(model, "model").current();
  if (current->objects().empty()) fail(model->path.string(), ": has not learned any object yet");
  std::optional<int64_t> expected;
  if (object) expected = current->expected_object(object);
  const Image image = read(*current);
  auto judgement = std::make_unique<iuf_judgement>();
  try {
    judgement->map = judge_image(*current, image, expected, judgement->said);
  } catch (const Error& e) {
    fail(name, ": ", e.what());
  }
  *out = judgement.release();
}

}  // namespace

extern "C" {

iuf_status iuf_judge_file(const iuf_model* model, const char* path, const char* object, iuf_judgement** judgement) {
  return guarded([&] {
    const std::string name = &given(path, "path");
    judge(model, object, judgement, name, [&](const Model& m) { return m.extractor().read(name).image; });
  });
}

iuf_status iuf_judge_encoded(const iuf_model* model, const void* bytes, size_t size, const char* object,
                             iuf_judgement** judgement) {
  return guarded([&] {
    require(bytes, "bytes");
    judge(model, object, judgement, "image", [&](const Model& m) {
      return m.extractor().decode({static_cast<const std::byte*>(bytes), size}, "image").image;
    });
  });
}

iuf_status iuf_judge_pixels(const iuf_model* model, const void* pixels, int32_t width, int32_t height, size_t stride,
                            int32_t format, const char* object, iuf_judgement** judgement) {
  return guarded([&] {
    require(pixels, "pixels");
    const PixelFormat layout = format_of(format);
    const size_t row = checked_stride(width, height, layout.bytes, stride);
    judge(model, object, judgement, "image", [&](const Model& m) {
      if (format != IUF_GRAY16) return image_from(pixels, width, height, row, layout);
      return deep_image_from(pixels, width, height, row, m.extractor().reading().window.value_or(ValueWindow{}));
    });
  });
}

void iuf_judgement_free(iuf_judgement* judgement) {
  delete judgement;
}

iuf_status iuf_judgement_summary(const iuf_judgement* judgement, iuf_summary* summary, size_t size) {
  return guarded([&] {
    const auto& [said, map] = given(judgement, "judgement");
    const Verdict verdict = said.decision();
    const iuf_summary own = {
        .verdict = static_cast<int32_t>(verdict),
        .width = said.width,
        .height = said.height,
        .map_side = map.scores.defined() ? static_cast<int32_t>(map.scores.dim(0)) : 0,
        .score = said.score,
        .threshold = or_nan(said.threshold),
        .scaled_score = or_nan(said.scaled_score),
        .confidence = said.confidence,
        .novelty = or_nan(said.novelty),
        .map_low = map.low,
        .map_high = map.high,
        .regions = said.regions.size(),
        .verdict_name = name_of(verdict),
        .object = said.object.c_str(),
        .fits_better = said.fits_better.empty() ? nullptr : said.fits_better.c_str(),
    };
    fill(summary, size, &own, sizeof own, "summary");
  });
}

iuf_status iuf_judgement_region(const iuf_judgement* judgement, size_t i, iuf_region* region, size_t size) {
  return guarded([&] {
    const std::vector<DefectRegion>& regions = given(judgement, "judgement").said.regions;
    if (i >= regions.size())
      throw WrongUse{"region number " + std::to_string(i) + ": there are " + std::to_string(regions.size())};
    const DefectRegion& r = regions[i];
    const iuf_region own = {.x = r.x,
                            .y = r.y,
                            .width = r.width,
                            .height = r.height,
                            .area = r.area,
                            .peak_x = r.peak_x,
                            .peak_y = r.peak_y,
                            .peak = r.peak};
    fill(region, size, &own, sizeof own, "region");
  });
}

const float* iuf_judgement_map(const iuf_judgement* judgement) {
  return judgement && judgement->map.scores.defined() ? judgement->map.scores.data() : nullptr;
}

iuf_status iuf_judgement_paint(const iuf_judgement* judgement, void* rgb, size_t stride) {
  return guarded([&] {
    const auto& [said, map] = given(judgement, "judgement");
    require(rgb, "rgb");
    const size_t row = checked_stride(said.width, said.height, 3, stride);
    if (!map.scores.defined()) fail("judgement: the model's method draws no map");
    const Image painted = map.over(image_from(rgb, said.width, said.height, row, format_of(IUF_RGB8)));
    for (int y = 0; y < said.height; ++y)
      std::copy_n(painted.row(y), static_cast<size_t>(said.width) * 3,
                  static_cast<uint8_t*>(rgb) + static_cast<size_t>(y) * row);
  });
}

}  // extern "C"
