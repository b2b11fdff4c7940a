#include "adapter/mcp/answer.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace howdah::mcp {

void AnswerSlot::Deliver(int status, std::string body) {
  if (batch == nullptr) {
    if (exchange != nullptr) exchange->Finish({status, std::move(body)});
    return;
  }
  if (!body.empty()) {
    absl::StrAppend(&batch->answers, batch->answers.empty() ? "[" : ",", body);
  }
  if (--batch->outstanding > 0) return;
  std::unique_ptr<Batch> last(batch);
  if (last->exchange == nullptr) return;
  if (last->answers.empty()) {
    last->exchange->Finish({kHttpAccepted, {}});
  } else {
    last->answers += ']';
    last->exchange->Finish({kHttpOk, std::move(last->answers)});
  }
}

void AnswerSlot::Drop() {
  exchange = nullptr;
  if (batch != nullptr) batch->exchange = nullptr;
}

}  // namespace howdah::mcp
