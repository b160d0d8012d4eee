#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Verilates one model and compiles it: verilate.sh DIR PREFIX OPT CLOCK ARGUMENT...
#   DIR     absolute folder of what is generated; DIR/PREFIX__ALL.a is the result, DIR/PREFIX__ver.d the depfile
#   OPT     optimisation of the code that runs every cycle (-O2)
#   CLOCK   1: write PREFIX_clock.h (sim/cmake/ModelClock.cmake)
#   ARGUMENT... Verilator's
# Environment: VERILATOR_ROOT, CXX, CXX_LAUNCHER (ccache or empty), JOBS.
# Verilator runs in the root of the repository and gets relative names, so that what it writes is the same in every
# checkout, and messages of assertions name no machine's paths.
set -euo pipefail
dir=$1 prefix=$2 opt=$3 clock=$4
shift 4
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
rm -rf "$dir"
mkdir -p "$dir"
"$VERILATOR_ROOT/bin/verilator" --Mdir "$dir" --prefix "$prefix" "${@//$root\//}" > "$dir/verilator.log" 2>&1 \
  || { grep -v '^%Warning' "$dir/verilator.log" >&2; exit 1; }
# The depfile names what this script makes (ninja takes no other), and its sources where they are.
sed -E -i "s#^[^:]*:#$dir/${prefix}__ALL.a:#; s#(^| )(rtl|sim|tb)/#\1$root/\2/#g" "$dir/${prefix}__ver.d"
[ "$clock" = 0 ] || cmake "-DDIR=$dir" "-DPREFIX=$prefix" -P sim/cmake/ModelClock.cmake
# The precompiled header has no time stamp, so that ccache finds what was compiled with it.
env --unset=MAKEFLAGS --unset=MAKELEVEL make --no-print-directory -s -j "${JOBS:-1}" -C "$dir" -f "$prefix.mk" "${prefix}__ALL.a" \
  "CXX=${CXX_LAUNCHER:+$CXX_LAUNCHER }$CXX" "LINK=$CXX" OPT_FAST="$opt" OPT_SLOW=-O0 OPT_GLOBAL=-O1 PYTHON3=python3 \
  "CFG_CXXFLAGS_PCH=-Xclang -fno-pch-timestamp -x c++-header" CFG_CXXFLAGS_PCH_I=-include-pch CFG_GCH_IF_CLANG=.gch \
  > "$dir/make.log"
