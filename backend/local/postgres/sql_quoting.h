// Quoting of names and texts in SQL, so that pure code can build statements.
//
//   absl::StrCat("DROP ROLE ", quote.Identifier(role));
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_SQL_QUOTING_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_SQL_QUOTING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::local::postgres {

// Implemented by Connection with libpq, which knows the encoding.
class SqlQuoting {
 public:
  virtual ~SqlQuoting() = default;
  virtual std::string Identifier(absl::string_view name) const = 0;
  virtual std::string Literal(absl::string_view text) const = 0;
};

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_SQL_QUOTING_H_
