// How a call says that it failed: a code named for what the caller should do, and a message that says
// what, where, the values, and the way out. Nothing in the engine throws for an expected failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

enum class Code {
  kOk,
  kInvalidArgument,  ///< The program or its configuration is wrong: fix it. Nothing was changed.
  kNotFound,         ///< What was named does not exist. Nothing was changed.
  kUnavailable,      ///< Try this call again later; it had no effect.
  kAborted,          ///< This engine's work since the last commit is lost: restart from the last checkpoint.
  kFenced,           ///< Another instance owns the job: stop and touch nothing.
  kCorruption,       ///< Bytes on disk are not what was written: this checkpoint is unusable.
  kIoError,          ///< The disk refused. What was being written must not be relied on.
  kOutcomeUnknown,   ///< It may or may not have happened: look before repeating.
  kUserError,        ///< The user's function failed.
  kInternal,         ///< A fault of Weir's.
};

/// The word for a code in messages and exit reports, for example "Aborted".
std::string_view CodeName(Code code);

/// Immutable; safe to copy and pass between threads.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  static Status Ok() { return {}; }

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  /// "Aborted: ..." or "Ok".
  std::string ToString() const;
  /// The same code with `context` and ": " put before the message.
  Status WithContext(std::string_view context) const;

  friend bool operator==(const Status&, const Status&) = default;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

inline Status InvalidArgument(std::string m) { return {Code::kInvalidArgument, std::move(m)}; }
inline Status NotFound(std::string m) { return {Code::kNotFound, std::move(m)}; }
inline Status Unavailable(std::string m) { return {Code::kUnavailable, std::move(m)}; }
inline Status Aborted(std::string m) { return {Code::kAborted, std::move(m)}; }
inline Status Fenced(std::string m) { return {Code::kFenced, std::move(m)}; }
inline Status Corruption(std::string m) { return {Code::kCorruption, std::move(m)}; }
inline Status IoError(std::string m) { return {Code::kIoError, std::move(m)}; }
inline Status OutcomeUnknown(std::string m) { return {Code::kOutcomeUnknown, std::move(m)}; }
inline Status UserError(std::string m) { return {Code::kUserError, std::move(m)}; }
inline Status Internal(std::string m) { return {Code::kInternal, std::move(m)}; }

/// A value or the reason why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}           // NOLINT: implicit, so that `return value;` reads well
  Result(Status status) : status_(std::move(status)) {}   // NOLINT: REQUIRES: !status.ok()

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  /// REQUIRES: ok().
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

namespace internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, std::string_view message);
}

}  // namespace weir

/// Ends the process: an invariant of Weir's is broken, and going on could lose data. Never for input.
#define WEIR_CHECK(condition, message)                                                  \
  do {                                                                                  \
    if (!(condition)) [[unlikely]]                                                      \
      ::weir::internal::CheckFailed(__FILE__, __LINE__, #condition, (message));         \
  } while (false)

#define WEIR_CONCAT_(a, b) a##b
#define WEIR_CONCAT(a, b) WEIR_CONCAT_(a, b)
#define WEIR_RETURN_IF_ERROR(expression)                               \
  do {                                                                 \
    if (::weir::Status weir_status_ = (expression); !weir_status_.ok()) \
      return weir_status_;                                             \
  } while (false)
#define WEIR_ASSIGN_OR_RETURN(lhs, expression) \
  WEIR_ASSIGN_OR_RETURN_(WEIR_CONCAT(weir_result_, __LINE__), lhs, expression)
#define WEIR_ASSIGN_OR_RETURN_(result, lhs, expression) \
  auto result = (expression);                           \
  if (!result.ok()) return result.status();             \
  lhs = std::move(result).value()
