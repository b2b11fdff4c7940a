#include "backend/services/direct_list.h"

#include <algorithm>

#include "backend/kubernetes/continue_token.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

using kubernetes::ContinueAfter;
using kubernetes::ObjectKey;

// As large as those of the watch cache's first list.
constexpr size_t kLargestPage = 500;

// Reads the pages of one list. Threads: one.
class Pages {
 public:
  Pages(kubernetes::ControlPlane& plane, const kubernetes::Resource& resource,
        const ListRange& range, const kubernetes::Call& call)
      : plane_(plane),
        resource_(resource),
        namespace_name_(range.namespace_name),
        call_(call),
        last_(range.after) {
    if (last_) options_.continue_token = ContinueAfter(*last_, namespace_name_);
  }

  // What it gives is valid until the next call.
  absl::StatusOr<const kubernetes::RawPage*> Next(size_t limit) {
    options_.limit = static_cast<int64_t>(limit);
    absl::Status read = Read();
    if (is_first_ && last_ && absl::IsInvalidArgument(read)) {
      // Not a token of this server.
      in_order_ = false;
      options_.continue_token.clear();
      read = Read();
    } else if (in_order_ && last_ && absl::IsOutOfRange(read)) {
      // The version of the first page is forgotten; the newest is not.
      options_.continue_token = ContinueAfter(*last_, namespace_name_);
      read = Read();
    }
    RETURN_IF_ERROR(read);
    ASSIGN_OR_RETURN(page_, reader_.ReadPage(text_));
    is_first_ = false;
    options_.continue_token = page_.continue_token;
    for (const kubernetes::RawObject& object : page_.objects) {
      in_order_ = in_order_ && (!last_ || object.key > *last_);
      last_ = object.key;
    }
    if (!page_.continue_token.empty()) {
      in_order_ = in_order_ && last_ &&
                  GoesOnAfter(page_.continue_token, *last_, namespace_name_);
    }
    return &page_;
  }

  // Whether there may be more; before the first page there may.
  bool has_more() const {
    return is_first_ || !options_.continue_token.empty();
  }
  // Whether pages come in the order of ObjectKey, as far as it is known.
  bool in_order() const { return in_order_; }

 private:
  absl::Status Read() {
    return plane_.ListRaw(resource_, namespace_name_, options_, call_, text_);
  }

  kubernetes::ControlPlane& plane_;
  const kubernetes::Resource& resource_;
  const std::string& namespace_name_;
  const kubernetes::Call& call_;

  kubernetes::ListOptions options_;
  // Where the pages so far have come to.
  std::optional<ObjectKey> last_;
  bool is_first_ = true;
  bool in_order_ = true;

  kubernetes::RawObjectReader reader_;
  std::string text_;
  kubernetes::RawPage page_;
};

}  // namespace

absl::Status ListEach(
    kubernetes::ControlPlane& plane, const kubernetes::Resource& resource,
    const ListRange& range, const kubernetes::Call& call,
    absl::FunctionRef<absl::StatusOr<bool>(const kubernetes::RawObject&)>
        take) {
  Pages pages(plane, resource, range, call);
  size_t left = range.most;
  // Who leaves something out has to look at more than he wants.
  bool all_wanted = true;
  while (pages.has_more() && (left > 0 || !pages.in_order())) {
    const bool just_so_many = all_wanted && pages.in_order();
    const size_t limit =
        just_so_many ? std::min(left, kLargestPage) : kLargestPage;
    ASSIGN_OR_RETURN(const kubernetes::RawPage* page, pages.Next(limit));
    for (const kubernetes::RawObject& object : page->objects) {
      if (left == 0 && pages.in_order()) break;
      bool wanted = range.Includes(object.key);
      if (wanted) {
        ASSIGN_OR_RETURN(wanted, take(object));
      }
      all_wanted = all_wanted && wanted;
      if (wanted && left > 0) --left;
    }
  }
  return absl::OkStatus();
}

}  // namespace howdah::services
