// libpq, loaded at the first connection and not at the start of the program,
// for the reasons of docs/decisions/0003-libcurl-at-first-request.md.
//
//   RETURN_IF_ERROR(LoadLibpq());
//   PGconn* connection = Libpq().connect_start_params(keys, values, 0);
//
// The members are named as libpq names its functions, without "PQ" and in our
// spelling.
#ifndef HOWDAH_BACKEND_SQL_LIBPQ_LIBRARY_H_
#define HOWDAH_BACKEND_SQL_LIBPQ_LIBRARY_H_

#include <postgresql/libpq-fe.h>

#include "absl/status/status.h"

namespace howdah::sql {

struct LibpqLibrary {
  decltype(&PQclear) clear;
  decltype(&PQconnectPoll) connect_poll;
  decltype(&PQconnectStartParams) connect_start_params;
  decltype(&PQconsumeInput) consume_input;
  decltype(&PQerrorMessage) error_message;
  decltype(&PQfinish) finish;
  decltype(&PQflush) flush;
  decltype(&PQgetResult) get_result;
  decltype(&PQgetisnull) getisnull;
  decltype(&PQgetvalue) getvalue;
  decltype(&PQisBusy) is_busy;
  decltype(&PQnfields) nfields;
  decltype(&PQntuples) ntuples;
  decltype(&PQresultErrorField) result_error_field;
  decltype(&PQresultStatus) result_status;
  decltype(&PQsendQueryParams) send_query_params;
  decltype(&PQsetnonblocking) setnonblocking;
  decltype(&PQsocket) socket;
  decltype(&PQstatus) status;
};

// Loads libpq, once; FAILED_PRECONDITION if this machine has none. Threads:
// safe.
absl::Status LoadLibpq();

// Limits: only after LoadLibpq has said OK.
const LibpqLibrary& Libpq();

}  // namespace howdah::sql

#endif  // HOWDAH_BACKEND_SQL_LIBPQ_LIBRARY_H_
