// The hint that every "unknown name" error ends with.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir {

/// The candidate that a person most likely meant by `word`: the one with the fewest insertions, deletions, changes
/// and swaps of neighbours (Damerau 1964), letter case ignored. Empty where none is near: more than a third of the
/// word's length away. Ties go to the earlier candidate.
std::string Nearest(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean NEAREST?" or, where none is near, nothing: to be put at the end of a message.
std::string DidYouMean(std::string_view word, std::span<const std::string> candidates);

}  // namespace weir
