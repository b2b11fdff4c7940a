#include "backend/net/curl_library.h"

#include "backend/net/shared_library.h"

namespace howdah::net {
namespace {

class Loader {
 public:
  Loader() {
    file_.Find("curl_easy_cleanup", library_.easy_cleanup);
    file_.Find("curl_easy_getinfo", library_.easy_getinfo);
    file_.Find("curl_easy_init", library_.easy_init);
    file_.Find("curl_easy_pause", library_.easy_pause);
    file_.Find("curl_easy_setopt", library_.easy_setopt);
    file_.Find("curl_easy_strerror", library_.easy_strerror);
    file_.Find("curl_free", library_.free);
    file_.Find("curl_global_init", library_.global_init);
    file_.Find("curl_multi_add_handle", library_.multi_add_handle);
    file_.Find("curl_multi_cleanup", library_.multi_cleanup);
    file_.Find("curl_multi_info_read", library_.multi_info_read);
    file_.Find("curl_multi_init", library_.multi_init);
    file_.Find("curl_multi_perform", library_.multi_perform);
    file_.Find("curl_multi_poll", library_.multi_poll);
    file_.Find("curl_multi_remove_handle", library_.multi_remove_handle);
    file_.Find("curl_multi_setopt", library_.multi_setopt);
    file_.Find("curl_multi_wakeup", library_.multi_wakeup);
    file_.Find("curl_share_cleanup", library_.share_cleanup);
    file_.Find("curl_share_init", library_.share_init);
    file_.Find("curl_share_setopt", library_.share_setopt);
    file_.Find("curl_slist_append", library_.slist_append);
    file_.Find("curl_slist_free_all", library_.slist_free_all);
    file_.Find("curl_url", library_.url);
    file_.Find("curl_url_cleanup", library_.url_cleanup);
    file_.Find("curl_url_get", library_.url_get);
    file_.Find("curl_url_set", library_.url_set);
    if (!file_.status().ok()) return;
    if (library_.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      file_.Refuse("it does not initialise");
    }
  }

  const absl::Status& status() const { return file_.status(); }
  const CurlLibrary& library() const { return library_; }

 private:
  SharedLibrary file_{{.file = "libcurl.so.4",
                       .purpose = "talks HTTP",
                       .package = "libcurl4",
                       .reason = "HTTP_LIBRARY_MISSING"}};
  CurlLibrary library_ = {};
};

const Loader& TheLoader() {
  static const Loader* const kLoader = new Loader;
  return *kLoader;
}

}  // namespace

absl::Status LoadCurl() { return TheLoader().status(); }

const CurlLibrary& Curl() { return TheLoader().library(); }

}  // namespace howdah::net
