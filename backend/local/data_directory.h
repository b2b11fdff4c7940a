// The names in the data directory of a plane, and its locks.
//
//   DataDirectory data("/var/lib/howdah");
//   RETURN_IF_ERROR(data.Create());
//   ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(data.plane_lock(), ...));
#ifndef HOWDAH_BACKEND_LOCAL_DATA_DIRECTORY_H_
#define HOWDAH_BACKEND_LOCAL_DATA_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace howdah::local {

class DataDirectory {
 public:
  // Made absolute.
  explicit DataDirectory(const std::string& path);

  // With mode 0711: PostgreSQL's user passes through to its own directories.
  absl::Status Create() const;

  const std::string& path() const { return path_; }
  std::string objects() const { return path_ + "/objects.db"; }
  std::string kubeconfig() const { return path_ + "/kubeconfig"; }
  std::string token() const { return path_ + "/token"; }
  std::string port() const { return path_ + "/port"; }
  std::string pki() const { return path_ + "/pki"; }
  std::string control_socket() const { return path_ + "/control.sock"; }
  // Held by the running plane.
  std::string plane_lock() const { return path_ + "/plane.lock"; }
  // Held while somebody starts a plane.
  std::string start_lock() const { return path_ + "/start.lock"; }
  std::string log() const { return path_ + "/howdah-local.log"; }

 private:
  std::string path_;
};

// An advisory lock on a file; it ends with the object or the process.
class FileLock {
 public:
  // Waits up to `patience`; ALREADY_EXISTS after it.
  static absl::StatusOr<FileLock> Acquire(const std::string& path,
                                          absl::Duration patience);
  FileLock(FileLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_DATA_DIRECTORY_H_
