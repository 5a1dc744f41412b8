#include "operators/process/keyed_function.h"

#include <set>
#include <stdexcept>

#include "runtime/base/ids.h"

namespace weir::internal {
namespace {

/// Of this thread, and only while a function is being copied.
thread_local StateMembers* looking = nullptr;

constexpr const char* kReservedPrefix = "weir.";

}  // namespace

void StateMember::Report() {
  if (looking != nullptr) looking->found_.push_back(this);
}

void StateMember::ThrowUnbound() const {
  throw std::logic_error("state '" + name_ + "' is not one of a running function's: it must be a member of the function, and "
                         "may be used only in calls of the engine");
}

void BroadcastMember::ThrowNotWritable() const {
  throw std::logic_error("broadcast state '" + name() + "' may be changed in OnBroadcast only: elsewhere tasks see different "
                         "rows, and it would become another one in each");
}

StateMembers::StateMembers() : outer_(looking) { looking = this; }
StateMembers::~StateMembers() { looking = outer_; }

std::string StateMembers::Problem(const std::string& operator_id) const {
  std::set<std::string> names;
  for (const StateMember* state : found_) {
    const std::string& name = state->name();
    const std::string who = "operator '" + operator_id + "': state '" + name + "'";
    if (!IsValidName(name)) return who + ": a name is a letter or digit followed by up to 99 of A-Z a-z 0-9 . _ -";
    if (name.starts_with(kReservedPrefix)) return who + ": names that begin with weir. are Weir's own, take another";
    if (!names.insert(name).second) return who + " is there twice: give each state a name of its own";
  }
  return {};
}

}  // namespace weir::internal
