// libpq, loaded at the first connection and not at the start of the program,
// for the reasons of docs/decisions/0003-libcurl-at-first-request.md.
//
//   RETURN_IF_ERROR(LoadLibpq());
//   PGconn* connection = Libpq().connectStartParams(keys, values, 0);
//
// The members are named as libpq names its functions, without "PQ".
#ifndef HOWDAH_BACKEND_SQL_LIBPQ_LIBRARY_H_
#define HOWDAH_BACKEND_SQL_LIBPQ_LIBRARY_H_

#include <postgresql/libpq-fe.h>

#include "absl/status/status.h"

namespace howdah::sql {

struct LibpqLibrary {
  decltype(&PQclear) clear;
  decltype(&PQconnectPoll) connectPoll;
  decltype(&PQconnectStartParams) connectStartParams;
  decltype(&PQconsumeInput) consumeInput;
  decltype(&PQerrorMessage) errorMessage;
  decltype(&PQfinish) finish;
  decltype(&PQflush) flush;
  decltype(&PQgetResult) getResult;
  decltype(&PQgetisnull) getisnull;
  decltype(&PQgetvalue) getvalue;
  decltype(&PQisBusy) isBusy;
  decltype(&PQnfields) nfields;
  decltype(&PQntuples) ntuples;
  decltype(&PQresultErrorField) resultErrorField;
  decltype(&PQresultStatus) resultStatus;
  decltype(&PQsendQueryParams) sendQueryParams;
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
