#include "connectors/generator/generator.h"

namespace weir::generator {
namespace {

class Splits final : public SplitSource {
 public:
  Splits(int64_t rows, int64_t splits) : rows_(rows), splits_(splits) {}
  Result<std::vector<SplitAssignment>> ListSplits(StartPoint, EndPoint) override {
    std::vector<SplitAssignment> assignments;
    for (int64_t s = 0; s < splits_; ++s) {
      const int64_t of_split = rows_ / splits_ + (s < rows_ % splits_ ? 1 : 0);
      assignments.push_back({SplitId{std::to_string(s)}, Position{}, Offset{of_split}});
    }
    return assignments;
  }
  bool bounded() const override { return true; }
  std::string Identity() const override { return "generator"; }
  uint32_t Placement(const SplitId& split) const override { return static_cast<uint32_t>(std::stoul(split.value())); }

 private:
  const int64_t rows_;
  const int64_t splits_;
};

class GeneratorSource final : public SourceConnector {
 public:
  GeneratorSource(int64_t rows, int64_t splits) : rows_(rows), splits_(splits) {}
  std::string Describe() const override { return "generator of " + std::to_string(rows_) + " rows"; }
  bool needs_log() const override { return false; }
  std::string Problem() const override {
    return rows_ >= 0 && splits_ > 0 ? "" : "a generator needs rows >= 0 and splits > 0";
  }
  Result<std::unique_ptr<SplitSource>> Open(const Bindings&) const override {
    return std::unique_ptr<SplitSource>(std::make_unique<Splits>(rows_, splits_));
  }

 private:
  const int64_t rows_;
  const int64_t splits_;
};

}  // namespace

std::shared_ptr<const SourceConnector> NewSourceConnector(int64_t rows, int64_t splits) {
  return std::make_shared<GeneratorSource>(rows, splits);
}

}  // namespace weir::generator
