#include "iuf/synthetic/painting.h"
#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {
namespace {

enum class Part { Chip, QuadChip, Resistor, Capacitor, Can, Crystal, Header, Led };
struct Placed {
  Part part;
  Vec2 at;
  bool upright;  // turned by a quarter
};
constexpr Placed layout[] = {{Part::Chip, {-0.34F, -0.16F}, false},      {Part::QuadChip, {0.36F, -0.20F}, false},
                             {Part::Can, {0.66F, 0.42F}, false},         {Part::Crystal, {0.30F, 0.24F}, false},
                             {Part::Header, {-0.40F, 0.53F}, false},     {Part::Led, {0.10F, 0.55F}, false},
                             {Part::Resistor, {-0.74F, -0.38F}, true},   {Part::Resistor, {-0.74F, -0.16F}, true},
                             {Part::Resistor, {-0.74F, 0.06F}, true},    {Part::Resistor, {0.02F, 0.10F}, false},
                             {Part::Resistor, {0.02F, 0.22F}, false},    {Part::Resistor, {0.70F, -0.50F}, false},
                             {Part::Capacitor, {0.74F, -0.14F}, true},   {Part::Capacitor, {-0.02F, -0.52F}, false},
                             {Part::Capacitor, {0.22F, -0.54F}, false},  {Part::Capacitor, {0.36F, 0.50F}, true},
                             {Part::Capacitor, {-0.56F, -0.53F}, false}, {Part::Resistor, {0.10F, 0.36F}, false}};
constexpr int part_count = static_cast<int>(std::size(layout));

constexpr struct {
  Vec2 from, to;
} traces[] = {
    {{-0.18F, -0.34F}, {0.02F, -0.34F}},  {{0.02F, -0.34F}, {0.10F, -0.28F}},   {{0.10F, -0.28F}, {0.18F, -0.28F}},
    {{-0.18F, -0.25F}, {-0.02F, -0.25F}}, {{-0.02F, -0.25F}, {0.04F, -0.22F}},  {{0.04F, -0.22F}, {0.18F, -0.22F}},
    {{-0.18F, -0.16F}, {0.18F, -0.16F}},  {{-0.18F, -0.07F}, {0.06F, -0.07F}},  {{0.06F, -0.07F}, {0.10F, -0.10F}},
    {{0.10F, -0.10F}, {0.18F, -0.10F}},   {{-0.50F, -0.34F}, {-0.74F, -0.31F}}, {{-0.50F, -0.16F}, {-0.74F, -0.09F}},
    {{-0.50F, -0.07F}, {-0.62F, -0.07F}}, {{-0.62F, -0.07F}, {-0.74F, 0.00F}},  {{-0.50F, 0.02F}, {-0.60F, 0.12F}},
    {{-0.60F, 0.12F}, {-0.60F, 0.50F}},   {{-0.60F, 0.30F}, {-0.80F, 0.30F}},   {{-0.80F, 0.30F}, {-0.80F, 0.60F}},
    {{-0.05F, 0.10F}, {-0.20F, 0.20F}},   {{-0.20F, 0.20F}, {-0.20F, 0.50F}},   {{-0.05F, 0.22F}, {-0.12F, 0.28F}},
    {{-0.12F, 0.28F}, {-0.12F, 0.58F}},   {{0.09F, 0.10F}, {0.24F, -0.02F}},    {{0.09F, 0.22F}, {0.20F, 0.22F}},
    {{0.40F, 0.24F}, {0.52F, 0.12F}},     {{0.52F, 0.12F}, {0.52F, -0.02F}},    {{0.36F, 0.42F}, {0.48F, 0.30F}},
    {{0.48F, 0.30F}, {0.64F, 0.30F}},     {{0.74F, -0.07F}, {0.74F, 0.32F}},    {{0.54F, -0.28F}, {0.66F, -0.28F}},
    {{0.66F, -0.28F}, {0.74F, -0.22F}},   {{0.63F, -0.50F}, {0.50F, -0.50F}},   {{0.50F, -0.50F}, {0.42F, -0.38F}},
    {{0.29F, -0.54F}, {0.36F, -0.46F}},   {{0.36F, -0.46F}, {0.36F, -0.38F}},   {{-0.09F, -0.52F}, {-0.34F, -0.52F}},
    {{-0.34F, -0.52F}, {-0.49F, -0.53F}}, {{0.05F, -0.52F}, {0.15F, -0.54F}},   {{0.17F, 0.36F}, {0.30F, 0.36F}},
    {{0.03F, 0.36F}, {-0.04F, 0.44F}},    {{-0.04F, 0.44F}, {-0.04F, 0.62F}},   {{0.17F, 0.55F}, {0.30F, 0.58F}}};

constexpr Finish tin{0.75F, 0.3F, 4};

/// How far along a row of pins a coordinate is from the nearest one; `reach` is half the row's length.
float pin_offset(float x, float pitch, int count) {
  const float last = static_cast<float>(count - 1), i = std::clamp(std::floor(x / pitch + last / 2 + 0.5F), 0.0F, last);
  return x - (i - last / 2) * pitch;
}

enum class Mounted { no, yes };  // without the part, only its pads are there

/// Paints one part in its own frame.
class PartPainter {
 public:
  PartPainter(Texel& texel, Vec2 p, Mounted mounted, float pixel, uint32_t key)
      : texel_(texel), p_(p), pixel_(pixel), grain_(noise(60.0F * p, key)), mounted_(mounted == Mounted::yes) {}

  void paint(Part part) {
    switch (part) {
      case Part::Chip:
        return chip();
      case Part::QuadChip:
        return quad_chip();
      case Part::Resistor:
        return resistor();
      case Part::Capacitor:
        return capacitor();
      case Part::Can:
        return can();
      case Part::Crystal:
        return crystal();
      case Part::Header:
        return header();
      case Part::Led:
        return led();
    }
  }

 private:
  void chip() {
    if (std::abs(p_.x) > 0.24F || std::abs(p_.y) > 0.28F) return;
    const float pin = pin_offset(p_.y, 0.09F, 5);
    pad(box_distance({std::abs(p_.x) - 0.175F, pin}, {0.045F, 0.030F}));
    if (!mounted_) return;
    texel_.cover(inside(box_distance({std::abs(p_.x) - 0.15F, pin}, {0.04F, 0.018F}), pixel_), silver, 0.03F, tin);
    block({0.125F, 0.235F}, 0.012F, black, 0.065F, {0, 0.10F, 3});
    texel_.cover(0.8F * ink(rotate(p_, {0, 1}), "IUF24", 0.07F), print, 0.065F, {});
    texel_.cover(inside(length(p_ - Vec2{-0.085F, -0.19F}) - 0.02F, pixel_), display(0x111214), 0.055F, {0, 0.2F, 4});
  }
  void quad_chip() {
    if (std::abs(p_.x) > 0.25F || std::abs(p_.y) > 0.25F) return;
    const float pin = std::min(box_distance({std::abs(p_.x) - 0.195F, pin_offset(p_.y, 0.06F, 5)}, {0.032F, 0.018F}),
                               box_distance({pin_offset(p_.x, 0.06F, 5), std::abs(p_.y) - 0.195F}, {0.018F, 0.032F}));
    pad(pin);
    if (!mounted_) return;
    texel_.cover(inside(pin + 0.005F, pixel_), silver, 0.02F, tin);
    block({0.165F, 0.165F}, 0.01F, display(0x2c2d33), 0.05F, {0, 0.12F, 3});
    texel_.cover(0.75F * ink(p_ - Vec2{0, -0.04F}, "MCU", 0.07F), print, 0.05F, {});
    texel_.cover(0.6F * ink(p_ - Vec2{0, 0.07F}, "A1", 0.05F), print, 0.05F, {});
    texel_.cover(inside(length(p_ - Vec2{-0.12F, 0.12F}) - 0.017F, pixel_), display(0x131417), 0.042F, {0, 0.2F, 4});
  }
  void resistor() {
    if (std::abs(p_.x) > 0.12F || std::abs(p_.y) > 0.06F) return;
    two_pads(0.068F, {0.030F, 0.038F});
    if (!mounted_) return;
    block({0.075F, 0.032F}, 0.004F, silver, 0.03F, tin);
    block({0.048F, 0.032F}, 0.002F, black, 0.034F, {0, 0.15F, 4});
    texel_.cover(0.8F * ink(p_, "102", 0.034F), print, 0.034F, {});
  }
  void capacitor() {
    if (std::abs(p_.x) > 0.12F || std::abs(p_.y) > 0.06F) return;
    two_pads(0.068F, {0.030F, 0.042F});
    if (!mounted_) return;
    block({0.075F, 0.037F}, 0.006F, silver, 0.048F, tin);
    block({0.046F, 0.037F}, 0.002F, display(0xb58a5c), 0.052F, {0, 0.12F, 4});
  }
  void can() {
    if (length(p_) > 0.2F) return;
    pad(box_distance({std::abs(p_.x) - 0.12F, p_.y}, {0.035F, 0.03F}));
    if (!mounted_) return;
    block({0.125F, 0.125F}, 0.03F, black, 0.03F, {0, 0.1F, 3});
    const float d = length(p_) - 0.115F, stripe = inside(0.045F - p_.x, pixel_);
    const float height = 0.16F - 0.02F * bevel(d, 0.03F) - 0.004F * bump((d + 0.035F) / 0.012F);
    texel_.cover(inside(d, pixel_), mix(silver, black, 0.9F * stripe), height, {0.7F * (1 - stripe), 0.25F, 5});
    texel_.cover(0.85F * ink(p_ - Vec2{-0.03F, 0}, "47", 0.07F), black, height, {});
  }
  void crystal() {
    if (std::abs(p_.x) > 0.16F || std::abs(p_.y) > 0.09F) return;
    two_pads(0.10F, {0.035F, 0.03F});
    if (!mounted_) return;
    block({0.115F, 0.058F}, 0.058F, display(0xb4b6b8), 0.055F, {0.85F, 0.2F, 5});
    block({0.090F, 0.036F}, 0.036F, display(0xbfc1c3), 0.065F, {0.85F, 0.2F, 5});
  }
  void header() {
    if (std::abs(p_.x) > 0.34F || std::abs(p_.y) > 0.12F) return;
    const Vec2 pin{pin_offset(p_.x, 0.09F, 7), pin_offset(p_.y, 0.09F, 2)};
    pad(length(pin) - 0.032F);
    texel_.cover(inside(length(pin) - 0.014F, pixel_), display(0x1b1d1b), -0.02F, {});
    if (!mounted_) return;
    block({0.325F, 0.095F}, 0.006F, display(0x1f2023), 0.06F, {0, 0.08F, 3});
    texel_.cover(inside(box_distance(pin, {0.017F, 0.017F}), pixel_), display(0xd9b45a), 0.12F, {0.8F, 0.4F, 5});
  }
  void led() {
    if (std::abs(p_.x) > 0.12F || std::abs(p_.y) > 0.07F) return;
    two_pads(0.070F, {0.028F, 0.042F});
    if (!mounted_) return;
    block({0.072F, 0.040F}, 0.004F, display(0xe9e6dc), 0.03F, {0, 0.2F, 4});
    block({0.042F, 0.034F}, 0.02F, display(0xd23a2c), 0.045F, {0, 0.6F, 6});
  }

  void pad(float distance) { texel_.cover(inside(distance, pixel_), (1 + 0.1F * grain_) * silver, 0.006F, tin); }
  void two_pads(float x, Vec2 half) { pad(box_distance({std::abs(p_.x) - x, p_.y}, half, 0.008F)); }
  void block(Vec2 half, float radius, Color color, float height, Finish finish) {
    const float d = box_distance(p_, half, radius);
    texel_.cover(inside(d, pixel_), (1 + 0.06F * grain_) * color, height * (1 - 0.25F * bevel(d, 0.022F)), finish);
  }

  static constexpr Color silver = display(0xc4c6c8), black = display(0x26272a), print = display(0xcfcfc9);
  Texel& texel_;
  Vec2 p_;
  float pixel_, grain_;
  bool mounted_;
};

/// Where one board's parts sit, and what a defect changes of it.
struct Assembly {
  Vec2 offset[part_count], turn[part_count];
  int missing = -1, wrong = -1;
  Part instead = Part::Resistor;
  Vec2 bridge[2];
  float bridge_size = 0;

  /// Parts sit a little off their places, each board in its own way.
  Assembly(Random& random, const Flaw* flaw) {
    for (int i = 0; i < part_count; ++i) {
      offset[i] = {random.range(-0.005F, 0.005F), random.range(-0.005F, 0.005F)};
      turn[i] = direction((layout[i].upright ? 0.25F : 0.0F) + random.range(-0.003F, 0.003F));
    }
    if (flaw != nullptr) spoil(*flaw);
  }

 private:
  void spoil(const Flaw& flaw) {
    Random place = flaw.random;
    // Large parts are easy to miss less than small ones: the grade picks from the front or the back of the list.
    const int graded = std::clamp(static_cast<int>(flaw.grade(0, 8)) + place.below(4), 0, part_count - 1);
    if (flaw.is("missing_part")) missing = graded;
    if (flaw.is("tilted_part")) {
      turn[graded] =
          rotate(turn[graded], direction(flaw.grade(0.07F, 0.035F) * (place.uniform() < 0.5F ? -1.0F : 1.0F)));
      offset[graded] = offset[graded] + flaw.grade(0.05F, 0.03F) * direction(place.uniform());
    }
    if (flaw.is("wrong_part")) {
      if (flaw.hard < 0.5F) {
        wrong = 6 + place.below(part_count - 6);
        instead = layout[wrong].part == Part::Resistor ? Part::Led : Part::Crystal;
      } else if (flaw.hard < 0.8F) {
        wrong = 6 + place.below(part_count - 6);
        instead = layout[wrong].part == Part::Resistor ? Part::Capacitor : Part::Resistor;
      } else {  // mounted the wrong way round
        const int which = place.below(3);
        turn[which] = Vec2{} - turn[which];
      }
    }
    if (flaw.is("solder_bridge")) {
      const float side = place.uniform() < 0.5F ? -1.0F : 1.0F;
      const float row = 0.09F * static_cast<float>(place.below(3) - 2);
      const Vec2 chip = layout[0].at + Vec2{side * 0.19F, row};
      bridge[0] = chip, bridge[1] = chip + Vec2{0, flaw.hard < 0.5F ? 0.18F : 0.09F};
      bridge_size = flaw.grade(0.062F, 0.034F);
    }
  }
};

float trace_distance(Vec2 p) {
  float trace = 1e9F;
  for (const auto& t : traces) {
    const Vec2 middle = 0.5F * (t.from + t.to), reach = t.to - middle;
    if (std::abs(p.x - middle.x) > std::abs(reach.x) + 0.06F || std::abs(p.y - middle.y) > std::abs(reach.y) + 0.06F)
      continue;
    trace = std::min(trace, segment_distance(p, t.from, t.to) - 0.011F);
  }
  return trace;
}

/// Printed outlines of the larger parts, and the board's name.
void print_board(Texel& board, Vec2 p, float pixel) {
  const Color silk = display(0xdfe3da);
  for (int i = 0; i < part_count; ++i) {
    if (layout[i].part != Part::Chip && layout[i].part != Part::QuadChip && layout[i].part != Part::Header &&
        layout[i].part != Part::Can)
      continue;
    const Vec2 size = layout[i].part == Part::Chip     ? Vec2{0.245F, 0.27F}
                      : layout[i].part == Part::Header ? Vec2{0.35F, 0.12F}
                      : layout[i].part == Part::Can    ? Vec2{0.17F, 0.17F}
                                                       : Vec2{0.255F, 0.255F};
    board.cover(0.8F * inside(std::abs(box_distance(p - layout[i].at, size)) - 0.005F, pixel), silk, 0.033F, {});
  }
  board.cover(0.85F * ink(p - Vec2{-0.40F, 0.33F}, "IUF2024", 0.055F), silk, 0.033F, {});
}

/// A small circuit board; every part has its place.
void paint_circuit(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const Vec2 half{0.90F, 0.70F};
  const uint32_t key = random.key32();
  const float pixel = surface.pixel() / pose.zoom;
  const Assembly built(random, flaw);
  const Color mask = display(0x1f6b3f), copper = display(0x2f8a55);
  surface.each([&](Vec2 at, Texel& texel) {
    texel = mat(at, display(0x8a8d92), 0.08F, key + 20);
    const Vec2 p = pose(at);
    float edge = box_distance(p, half, 0.04F);
    const float mounting = length(Vec2{std::abs(p.x) - 0.82F, std::abs(p.y) - 0.62F});
    edge = std::max(edge, 0.038F - mounting);
    const float cover = inside(edge, pixel);
    if (cover <= 0) return;
    const float trace = trace_distance(p);
    const float plane =
        std::max(box_distance(p, {0.86F, 0.66F}), 0.035F - trace);  // the ground plane around the traces
    const float weave = 0.03F * noise({70 * p.x, 14 * p.y}, key) + 0.03F * noise({14 * p.x, 70 * p.y}, key + 1);
    Texel board{(1 + weave + 0.05F * fractal(3.0F * p, 2, key + 2)) * mask, 0.03F, {0, 0.16F, 4}, 1};
    board.cover(0.45F * inside(plane, pixel), 1.15F * mask, 0.031F, {0, 0.16F, 4});
    board.cover(inside(trace, pixel), copper, 0.034F, {0.1F, 0.2F, 4});
    board.cover(inside(mounting - 0.068F, pixel), display(0xcfae62), 0.032F, tin);
    print_board(board, p, pixel);
    const float ground = board.height;
    for (int i = 0; i < part_count; ++i) {
      const Vec2 local = rotate(p - layout[i].at - built.offset[i], {built.turn[i].x, -built.turn[i].y});
      const Vec2 pads = rotate(p - layout[i].at, layout[i].upright ? Vec2{0, -1} : Vec2{1, 0});
      if (dot(pads, pads) > 0.2F) continue;
      board.height -= ground;
      PartPainter(board, pads, Mounted::no, pixel, key + 30).paint(layout[i].part);
      if (i != built.missing)
        PartPainter(board, local, Mounted::yes, pixel, key + 30 + static_cast<uint32_t>(i))
            .paint(i == built.wrong ? built.instead : layout[i].part);
      board.height += ground;
    }
    if (built.bridge_size > 0) {
      const float d = segment_distance(p, built.bridge[0], built.bridge[1]) -
                      built.bridge_size * (1 + 0.3F * noise(25.0F * p, key + 9));
      board.cover(inside(d, pixel), display(0xcfd1d3), 0.05F + 0.6F * std::min(-d, 0.03F), {0.85F, 0.5F, 5});
    }
    texel.cover(cover, board.albedo, board.height, board.finish);
    texel.body = cover;
  });
}

}  // namespace

Product circuit() {
  return {.name = "circuit",
          .paint = paint_circuit,
          .shift = 0.02F,
          .turn = 0.004F,
          .zoom = 0.01F,
          .kinds = {{"burn", draw_stain, {display(0x1c1816), 1.1F, 1.25F}},
                    {"missing_part"},
                    {"scratch", draw_scratch, {display(0xc9a56a), 0.75F}},
                    {"solder_bridge"},
                    {"tilted_part"},
                    {"wrong_part"}}};
}

}  // namespace iuf::synthetic
