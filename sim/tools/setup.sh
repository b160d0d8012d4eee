#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Debian packages that building and testing need, after printing the list of what is missing.
# Usage: setup.sh [--check]   --check only reports; exit status 1 if something is missing.
set -euo pipefail

packages=(
  make git perl cmake ninja-build ccache clang libclang-rt-14-dev python3 python3-venv
  verilator libsystemc-dev gtkwave xvfb xauth
  libboost-dev libboost-context-dev libcli11-dev libfmt-dev nlohmann-json3-dev libtomlplusplus-dev libvalijson-dev zlib1g-dev liblz4-dev gnuplot-nox fonts-dejavu-core
  libgtest-dev libgmock-dev
  gcc-aarch64-linux-gnu libunicorn-dev
  berkeley-abc chromium
  llvm lcov
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>&1 | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "missing Debian packages: ${missing[*]}"
[ "${1:-}" = --check ] && exit 1

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: not root and no sudo; install them with: apt-get install ${missing[*]}" >&2; exit 2; }
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
