// Times of paths, said shortly.
#pragma once

#include "runtime/time/path_time.h"

namespace weir::test {

inline PathTime At(int64_t millis) { return {EventTime{millis}, false}; }
inline PathTime IdleAt(int64_t millis) { return {EventTime{millis}, true}; }

}  // namespace weir::test
