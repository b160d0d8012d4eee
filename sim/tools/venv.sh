#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes or refreshes .venv from the requirements files given. Usage: venv.sh FILE...
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
stamp=$root/.venv/.stamp-$(cat "$@" | sha256sum | cut -c1-16)
[ -e "$stamp" ] && exit 0
[ -x "$root/.venv/bin/python" ] || python3 -m venv "$root/.venv"
args=()
for file in "$@"; do args+=(-r "$file"); done
"$root/.venv/bin/pip" install --quiet --disable-pip-version-check "${args[@]}"
touch "$stamp"
