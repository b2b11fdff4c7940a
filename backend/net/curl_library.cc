#include "backend/net/curl_library.h"

#include <dlfcn.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::net {
namespace {

constexpr char kFile[] = "libcurl.so.4";

absl::Status Unusable(absl::string_view why) {
  return support::ErrorBuilder(absl::StatusCode::kUnavailable,
                               "HTTP_LIBRARY_MISSING", support::kHowdahDomain)
      .Message(absl::StrCat(kFile,
                            ", with which the backend talks HTTP, cannot "
                            "be used: ",
                            why,
                            ". Install it (on Debian: apt-get install "
                            "libcurl4) and start the backend again."))
      .With("library", kFile)
      .Build();
}

class Loader {
 public:
  Loader() {
    // Never closed: libcurl's threads and exit handlers may outlive its users.
    handle_ = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) {
      status_ = Unusable(dlerror());
      return;
    }
    Find("curl_easy_cleanup", library_.easy_cleanup);
    Find("curl_easy_getinfo", library_.easy_getinfo);
    Find("curl_easy_init", library_.easy_init);
    Find("curl_easy_pause", library_.easy_pause);
    Find("curl_easy_setopt", library_.easy_setopt);
    Find("curl_easy_strerror", library_.easy_strerror);
    Find("curl_free", library_.free);
    Find("curl_global_init", library_.global_init);
    Find("curl_multi_add_handle", library_.multi_add_handle);
    Find("curl_multi_cleanup", library_.multi_cleanup);
    Find("curl_multi_info_read", library_.multi_info_read);
    Find("curl_multi_init", library_.multi_init);
    Find("curl_multi_perform", library_.multi_perform);
    Find("curl_multi_poll", library_.multi_poll);
    Find("curl_multi_remove_handle", library_.multi_remove_handle);
    Find("curl_multi_setopt", library_.multi_setopt);
    Find("curl_multi_wakeup", library_.multi_wakeup);
    Find("curl_share_cleanup", library_.share_cleanup);
    Find("curl_share_init", library_.share_init);
    Find("curl_share_setopt", library_.share_setopt);
    Find("curl_slist_append", library_.slist_append);
    Find("curl_slist_free_all", library_.slist_free_all);
    Find("curl_url", library_.url);
    Find("curl_url_cleanup", library_.url_cleanup);
    Find("curl_url_get", library_.url_get);
    Find("curl_url_set", library_.url_set);
    if (!status_.ok()) return;
    if (library_.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      status_ = Unusable("it does not initialise");
    }
  }

  const absl::Status& status() const { return status_; }
  const CurlLibrary& library() const { return library_; }

 private:
  template <typename Function>
  void Find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle_, name));
    if (function == nullptr && status_.ok()) {
      status_ = Unusable(absl::StrCat("it has no function ", name));
    }
  }

  void* handle_ = nullptr;
  absl::Status status_;
  CurlLibrary library_ = {};
};

const Loader& TheLoader() {
  static const Loader* const loader = new Loader;
  return *loader;
}

}  // namespace

absl::Status LoadCurl() { return TheLoader().status(); }

const CurlLibrary& Curl() { return TheLoader().library(); }

}  // namespace howdah::net
