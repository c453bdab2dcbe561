#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iuf {

/// The task stream of an incremental run: step n trains on the normal images of steps[n] and of no other object, with
/// one model for all; steps[0] holds the base objects.
struct Stream {
  std::vector<std::vector<std::string>> steps;

  /// Every object, in the order in which it is learned.
  std::vector<std::string> objects() const;
  bool operator==(const Stream&) const = default;
};

/// Reads steps written out: ';' between steps, ',' between objects, spaces around names ignored: "a,b,c; d; e". A name
/// that holds one of these stands in double (or single) quotes, its own quotes of that kind doubled: "\"nut, big\",c".
/// Errors: an unknown object (lists the known ones and names the nearest), an object twice, an empty step or name, an
/// open quote, a letter behind a closed one.
Stream parse_steps(std::string_view text, std::span<const std::string> known);

/// Names alone, "a,b,c", quoted in the same way; whether they are known is the caller's to say.
std::vector<std::string> parse_objects(std::string_view text);
/// A name as both read it: in double quotes where it needs some.
std::string quoted_object(const std::string& name);

/// A stream by the paper's names: "X-YxN" (X base objects, then N steps of Y), "X-Y" (one such step) or "YxN" (N steps
/// of Y, no larger base): "10-1x5", "14-1", "1x15". Objects are taken in alphabetical (byte) order; those beyond X + Y
/// * N are left out. Errors: another form, or too few objects (how many are needed and how many there are).
Stream named_stream(std::string_view name, std::span<const std::string> objects);

/// A stream given on a command line: a name as above, or else steps written out. An object that is called like a
/// stream ("3-1") counts as the object.
Stream parse_stream(std::string_view text, std::span<const std::string> known);

/// The same objects in a single step: training on everything at once, the upper bound of any stream.
Stream joint(const Stream& stream);

/// "a,b,c; d; e": what parse_steps reads.
std::string to_string(const Stream& stream);

}  // namespace iuf
