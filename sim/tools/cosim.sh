#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cosim.sh BUILD SEEDS JOBS: the co-simulation over SEEDS seeds, shared by JOBS processes, both configurations of the
# design. With 100 seeds at least 10^6 commands and 10^6 transactions. Last line: what was compared, or what differs.
set -u
build=$1 seeds=$2 jobs=$3
out=out/cosim
mkdir -p $out
share=$(( (seeds + jobs - 1) / jobs ))
pids=()
for (( j = 0; j < jobs; j++ )); do
  first=$(( 1 + j * share ))
  count=$(( seeds - j * share < share ? seeds - j * share : share ))
  (( count > 0 )) || continue
  ( "$build/smmu_cosim" --seed $first --seeds $count --commands 10000 --transactions 10000 > $out/$j.log &&
    "$build/smmu_cosim_global" --seed $first --seeds $count --commands 2000 --transactions 2000 > $out/$j-global.log ) &
  pids+=($!)
done
status=0
for pid in "${pids[@]}"; do
  wait "$pid" || status=1
done
if (( status )); then
  grep -h -B 60 -A 9 '^DIFFERENCE' $out/*.log
else
  cat $out/*.log | awk '/^no difference/ { s += $3; c += $5; t += $7; y += $9; z += $11; e += $13 } END {
    printf "no difference: %d seeds, %d commands, %d transactions, %d cycles, %d stalls, %d further entries\n", s, c, t, y, z, e }'
fi
exit $status
