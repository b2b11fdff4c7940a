#include "backend/sql/libpq_library.h"

#include "backend/net/shared_library.h"

namespace howdah::sql {
namespace {

class Loader {
 public:
  Loader() {
    file_.Find("PQclear", library_.clear);
    file_.Find("PQconnectPoll", library_.connect_poll);
    file_.Find("PQconnectStartParams", library_.connect_start_params);
    file_.Find("PQconsumeInput", library_.consume_input);
    file_.Find("PQerrorMessage", library_.error_message);
    file_.Find("PQfinish", library_.finish);
    file_.Find("PQflush", library_.flush);
    file_.Find("PQgetResult", library_.get_result);
    file_.Find("PQgetisnull", library_.getisnull);
    file_.Find("PQgetvalue", library_.getvalue);
    file_.Find("PQisBusy", library_.is_busy);
    file_.Find("PQnfields", library_.nfields);
    file_.Find("PQntuples", library_.ntuples);
    file_.Find("PQresultErrorField", library_.result_error_field);
    file_.Find("PQresultStatus", library_.result_status);
    file_.Find("PQsendQueryParams", library_.send_query_params);
    file_.Find("PQsetnonblocking", library_.setnonblocking);
    file_.Find("PQsocket", library_.socket);
    file_.Find("PQstatus", library_.status);
  }

  const absl::Status& status() const { return file_.status(); }
  const LibpqLibrary& library() const { return library_; }

 private:
  net::SharedLibrary file_{{.file = "libpq.so.5",
                            .purpose = "talks to PostgreSQL",
                            .package = "libpq5",
                            .reason = "SQL_LIBRARY_MISSING"}};
  LibpqLibrary library_ = {};
};

const Loader& TheLoader() {
  static const Loader* const kLoader = new Loader;
  return *kLoader;
}

}  // namespace

absl::Status LoadLibpq() { return TheLoader().status(); }

const LibpqLibrary& Libpq() { return TheLoader().library(); }

}  // namespace howdah::sql
