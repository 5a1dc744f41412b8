// Internal: the states that a KeyedFunction may have as members. Each is a view of its table at the key of the current call.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "operators/process/state_members.h"
#include "state/state_store.h"

namespace weir {
namespace internal {

/// The key that the current call is about.
template <class K>
struct CurrentKey {
  const K* key = nullptr;
  uint64_t hash = 0;
};

template <class K>
class KeyedState : public StateMember {
 public:
  using StateMember::StateMember;
  /// Adds its table. `current` outlives it.
  virtual void Bind(StateStore& store, const CurrentKey<K>& current) = 0;
};

/// Whether a broadcast state may be changed just now.
struct BroadcastAccess {
  bool writable = false;
};

class BroadcastMember : public StateMember {
 public:
  using StateMember::StateMember;
  virtual void Bind(StateStore& store, const BroadcastAccess& access) = 0;

 protected:
  [[noreturn]] void ThrowNotWritable() const;
};

template <class K, class V>
class KeyedValueState final : public KeyedState<K> {
 public:
  using KeyedState<K>::KeyedState;

  /// Null while the key has none. Dies at the next call of this state.
  const V* Get() const { return table().Find(*current_->key, current_->hash); }
  /// The value to change, value-initialised where there was none. The reference dies at the next call of this state.
  V& Mutable() { return table().Mutable(*current_->key, current_->hash); }
  void Clear() { table().Erase(*current_->key, current_->hash); }

  void Bind(StateStore& store, const CurrentKey<K>& current) override {
    if constexpr (RequireStateValue<V>()) table_ = &store.AddValue<K, V>(this->name());
    current_ = &current;
  }

 private:
  ValueTable<K, V>& table() const {
    if (table_ == nullptr || current_->key == nullptr) [[unlikely]] this->ThrowUnbound();
    return *table_;
  }
  ValueTable<K, V>* table_ = nullptr;
  const CurrentKey<K>* current_ = nullptr;
};

template <class K, class E>
class KeyedListState final : public KeyedState<K> {
 public:
  using KeyedState<K>::KeyedState;

  void Append(E element) { table().Append(*current_->key, current_->hash, std::move(element)); }
  uint64_t size() const { return table().size(*current_->key); }
  bool empty() const { return size() == 0; }
  /// Calls visit(const E&) for each, in the order they were appended. `visit` must not call this state.
  template <class Visit>
  void ForEach(Visit visit) const {
    table().ForEach(*current_->key, current_->hash, std::move(visit));
  }
  /// Makes these the list: all of it is written again.
  void Assign(std::vector<E> elements) { table().Assign(*current_->key, current_->hash, std::move(elements)); }
  void Clear() { table().Clear(*current_->key, current_->hash); }

  void Bind(StateStore& store, const CurrentKey<K>& current) override {
    if constexpr (RequireStateValue<E>()) table_ = &store.AddList<K, E>(this->name());
    current_ = &current;
  }

 private:
  ListTable<K, E>& table() const {
    if (table_ == nullptr || current_->key == nullptr) [[unlikely]] this->ThrowUnbound();
    return *table_;
  }
  ListTable<K, E>* table_ = nullptr;
  const CurrentKey<K>* current_ = nullptr;
};

template <class K, class S, class V>
class KeyedMapState final : public KeyedState<K> {
 public:
  using KeyedState<K>::KeyedState;

  /// Null where there is none. Dies at the next call of this state.
  const V* Get(const S& sub) const { return table().Find(*current_->key, current_->hash, sub); }
  void Put(const S& sub, V value) { table().Mutable(*current_->key, current_->hash, sub) = std::move(value); }
  /// Calls change(V&), with a value-initialised value where there was none. `change` must not call this state.
  template <class Change>
  void Update(const S& sub, Change change) {
    change(table().Mutable(*current_->key, current_->hash, sub));
  }
  /// False where there was none.
  bool Erase(const S& sub) { return table().Erase(*current_->key, current_->hash, sub); }
  uint64_t size() const { return table().size(*current_->key); }
  bool empty() const { return size() == 0; }
  /// Calls visit(const S&, const V&) in ascending order of sub-keys. `visit` must not call this state.
  template <class Visit>
  void ForEach(Visit visit) const {
    table().ForEach(*current_->key, current_->hash, std::move(visit));
  }
  /// Erases all for which gone(const S&, const V&) is true.
  template <class Gone>
  void EraseIf(Gone gone) {
    table().EraseIf(*current_->key, current_->hash, std::move(gone));
  }
  void Clear() { table().Clear(*current_->key, current_->hash); }

  void Bind(StateStore& store, const CurrentKey<K>& current) override {
    constexpr bool kFits = RequireStateKey<S>() && RequireStateValue<V>();
    if constexpr (kFits) table_ = &store.AddMap<K, S, V>(this->name());
    current_ = &current;
  }

 private:
  MapTable<K, S, V>& table() const {
    if (table_ == nullptr || current_->key == nullptr) [[unlikely]] this->ThrowUnbound();
    return *table_;
  }
  MapTable<K, S, V>* table_ = nullptr;
  const CurrentKey<K>* current_ = nullptr;
};

template <class S, class V>
class BroadcastMapState final : public BroadcastMember {
 public:
  using BroadcastMember::BroadcastMember;

  /// Null where there is none.
  const V* Get(const S& key) const { return table().Find(key); }
  uint64_t size() const { return table().keys(); }
  /// Calls visit(const S&, const V&) for each, in no order that means anything. `visit` must not call this state.
  template <class Visit>
  void ForEach(Visit visit) const {
    table().ForEach(std::move(visit));
  }
  // The rest may be called in OnBroadcast only: there every task sees the same rows.
  void Put(const S& key, V value) { Writable().Mutable(key) = std::move(value); }
  template <class Change>
  void Update(const S& key, Change change) {
    change(Writable().Mutable(key));
  }
  bool Erase(const S& key) { return Writable().Erase(key); }

  void Bind(StateStore& store, const BroadcastAccess& access) override {
    constexpr bool kFits = RequireStateKey<S>() && RequireStateValue<V>();
    if constexpr (kFits) table_ = &store.AddBroadcast<S, V>(name());
    access_ = &access;
  }

 private:
  ValueTable<S, V>& table() const {
    if (table_ == nullptr) [[unlikely]] ThrowUnbound();
    return *table_;
  }
  ValueTable<S, V>& Writable() const {
    ValueTable<S, V>& found = table();
    if (!access_->writable) [[unlikely]] ThrowNotWritable();
    return found;
  }
  ValueTable<S, V>* table_ = nullptr;
  const BroadcastAccess* access_ = nullptr;
};

}  // namespace internal
}  // namespace weir
