#include "operators/pipeline.h"

namespace weir {

Pipeline::Pipeline(std::string job) : builder_(std::make_shared<internal::GraphBuilder>(std::move(job))) {}

}  // namespace weir
