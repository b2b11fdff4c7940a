# shellcheck shell=bash disable=SC2034,SC2164
# ./howdah setup: installs the Debian packages that are missing, and only those.

PACKAGE_LIST=$HOWDAH_ROOT/deploy/debian-packages.txt

cmd_setup() {
  [[ $# -eq 0 ]] || usage_error "setup takes no arguments."
  ensure_packages
  note "All Debian packages of deploy/debian-packages.txt are installed."
}

# Quick and silent when nothing is missing: no apt, no root, no network.
ensure_packages() {
  command -v dpkg-query >/dev/null ||
    die "This is no Debian: there is no dpkg-query. Install what deploy/debian-packages.txt lists by your own means, on Debian 12 if you can."
  local missing
  mapfile -t missing < <(missing_packages)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  step "Installing ${#missing[@]} missing Debian packages"
  note "${missing[*]}"
  install_packages "${missing[@]}"
  mapfile -t missing < <(missing_packages)
  [[ ${#missing[@]} -eq 0 ]] ||
    die "Still missing after the installation: ${missing[*]}"
}

# A line is a package, or `package !command` for one that is not wanted where
# the command is there already from elsewhere.
listed_packages() {
  local package command
  while read -r package command; do
    [[ -n $command ]] && command -v "${command#!}" >/dev/null && continue
    printf '%s\n' "$package"
  done < <(sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$PACKAGE_LIST")
}

missing_packages() {
  local wanted
  mapfile -t wanted < <(listed_packages)
  # dpkg-query fails when one is unknown; what it prints is still right.
  { dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true; } |
    awk '$1 == "installed" { print $2 }' |
    sort -u | comm -13 - <(printf '%s\n' "${wanted[@]}" | sort -u)
}

install_packages() {
  local as_root=()
  local manual="apt-get install --no-install-recommends $*"
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null ||
      die "Missing Debian packages need root, and there is no sudo. As root run: $manual"
    as_root=(sudo)
    if interactive; then
      confirm_installation || die "Nothing was installed. By hand: sudo $manual"
    else
      as_root=(sudo -n)
      sudo -n true 2>/dev/null ||
        die "Missing Debian packages need root, and sudo wants a password that nobody can type here. By hand: sudo $manual"
    fi
  fi
  [[ ! -d /etc/apt ]] && die "There is no apt here. By hand: $manual"
  candidates_known "$@" || apt_update "${as_root[@]}"
  if ! apt_install "${as_root[@]}" -- "$@"; then
    note "Trying once more with fresh package lists"
    apt_update "${as_root[@]}"
    apt_install "${as_root[@]}" -- "$@" || die "apt-get failed; see above. By hand: $manual"
  fi
}

confirm_installation() {
  local answer
  read -r -p "    Install them with sudo apt-get? [Y/n] " answer
  [[ -z $answer || $answer =~ ^[Yy] ]]
}

# Whether apt knows a version of every package already.
candidates_known() {
  local known
  known=$(apt-cache policy "$@" 2>/dev/null | grep -cE '^  Candidate: [^(]') || true
  [[ $known -eq $# ]]
}

# apt waits for dpkg's lock by itself, but not for the lock on its lists.
apt_update() {
  local tries=0
  step "Updating the package lists"
  until "$@" apt-get update -qq -o DPkg::Lock::Timeout=600 >&2; do
    tries=$((tries + 1))
    [[ $tries -lt 30 ]] || die "apt-get update fails; see above."
    note "Another program may be using apt; waiting (${tries}/30)"
    sleep 10
  done
}

# apt_install [sudo…] -- PACKAGE…
apt_install() {
  local as_root=()
  while [[ $1 != -- ]]; do
    as_root+=("$1")
    shift
  done
  shift
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" >&2 </dev/null
}
