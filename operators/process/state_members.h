// How the engine finds the states that a function has as members: a state reports itself when it is made or copied while
// somebody on its thread looks. Each task makes its copy of the function under such a look.
#pragma once

#include <string>
#include <vector>

namespace weir {

class StateStore;

namespace internal {

/// A state as a member of a function. Until it is bound it must not be used.
class StateMember {
 public:
  explicit StateMember(std::string name) : name_(std::move(name)) { Report(); }
  StateMember(const StateMember& other) : name_(other.name_) { Report(); }
  StateMember& operator=(const StateMember&) = delete;
  virtual ~StateMember() = default;

  const std::string& name() const { return name_; }

 protected:
  /// For whoever finds itself unbound.
  [[noreturn]] void ThrowUnbound() const;

 private:
  void Report();
  const std::string name_;
};

/// Collects the states that are made on this thread as long as it lives. Such looks may be nested.
class StateMembers {
 public:
  StateMembers();
  ~StateMembers();
  StateMembers(const StateMembers&) = delete;

  const std::vector<StateMember*>& found() const { return found_; }
  /// What is wrong with the names, empty if nothing.
  std::string Problem(const std::string& operator_id) const;

 private:
  friend class StateMember;
  StateMembers* const outer_;
  std::vector<StateMember*> found_;
};

}  // namespace internal
}  // namespace weir
