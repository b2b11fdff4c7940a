// How an object or a list goes out: whole, as a Table, or only its metadata.
//
//   ASSIGN_OR_RETURN(Representation as, Representation::FromAccept(accept));
//   body = as.OfList(info, items, list_metadata, now);
#ifndef HOWDAH_BACKEND_LOCAL_API_REPRESENTATION_H_
#define HOWDAH_BACKEND_LOCAL_API_REPRESENTATION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/api/resource_catalogue.h"

namespace howdah::local {

// Threads: immutable; safe.
class Representation {
 public:
  // `include` is the query parameter includeObject of tables: Metadata (also
  // when empty), Object or None. 406 if no accepted type can be served.
  static absl::StatusOr<Representation> FromAccept(absl::string_view accept,
                                                   absl::string_view include);

  Json OfObject(const ResourceInfo& info, const Json& object,
                absl::Time now) const;
  // `metadata` is the ListMeta.
  Json OfList(const ResourceInfo& info, const std::vector<Json>& items,
              const Json& metadata, absl::Time now) const;

  // Whether what is asked for, one object's metadata or a list's, is there.
  absl::Status CheckFits(const ResourceInfo& info, bool is_list) const;

  bool is_table() const { return form_ == Form::kTable; }

 private:
  enum class Form { kWhole, kTable, kMetadata, kMetadataList };

  Json Table(const ResourceInfo& info, const std::vector<const Json*>& objects,
             const Json& metadata, absl::Time now) const;
  Json Row(const ResourceInfo& info, const Json& object, absl::Time now) const;

  Form form_ = Form::kWhole;
  std::string version_ = "v1";
  std::string include_ = "Metadata";
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_REPRESENTATION_H_
