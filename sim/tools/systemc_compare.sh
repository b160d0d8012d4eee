#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The SystemC top must give the plain harness's event log, byte for byte, for healthy and hang.
set -euo pipefail
cd "$(dirname "$0")/../.."
for scenario in healthy hang; do
  printf '%s: ' "$scenario"
  python3 sim/tools/same_log.py --tool build/atcbench --tool2 build/atcbench-sc -- run "$scenario" --- run "$scenario"
done
