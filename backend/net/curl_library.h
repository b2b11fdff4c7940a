// libcurl, loaded at the first request and not at the start of the program: it
// brings some 35 shared libraries, which cost a start more than all else
// (docs/decisions/0003-libcurl-at-first-request.md).
//
//   RETURN_IF_ERROR(LoadCurl());
//   CURL* easy = Curl().easy_init();
//
// The members are named as libcurl names its functions, without "curl_".
#ifndef HOWDAH_BACKEND_NET_CURL_LIBRARY_H_
#define HOWDAH_BACKEND_NET_CURL_LIBRARY_H_

#include <curl/curl.h>

#include "absl/status/status.h"

namespace howdah::net {

struct CurlLibrary {
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_pause) easy_pause;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_free) free;
  decltype(&curl_global_init) global_init;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_setopt) multi_setopt;
  decltype(&curl_multi_wakeup) multi_wakeup;
  decltype(&curl_share_cleanup) share_cleanup;
  decltype(&curl_share_init) share_init;
  decltype(&curl_share_setopt) share_setopt;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  decltype(&curl_url) url;
  decltype(&curl_url_cleanup) url_cleanup;
  decltype(&curl_url_get) url_get;
  decltype(&curl_url_set) url_set;
};

// Loads and initialises libcurl, once; FAILED_PRECONDITION if this machine
// has none.
// Threads: safe.
absl::Status LoadCurl();

// Limits: only after LoadCurl has said OK.
const CurlLibrary& Curl();

}  // namespace howdah::net

#endif  // HOWDAH_BACKEND_NET_CURL_LIBRARY_H_
