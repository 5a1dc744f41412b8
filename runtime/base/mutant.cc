#include "runtime/base/mutant.h"

#ifdef WEIR_MUTANTS
namespace weir {
namespace {

Mutant planted = Mutant::kNone;

}  // namespace

void Plant(Mutant mutant) { planted = mutant; }
bool Planted(Mutant mutant) { return planted == mutant; }

}  // namespace weir
#endif
