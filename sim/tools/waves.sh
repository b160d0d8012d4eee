#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs a scenario with waves and opens them in GTKWave with the scenario's layout, the marker on the run's time-out.
# Without a display it renders a picture instead and prints its path.
# Usage: waves.sh SCENARIO [SEED]
# Environment: OUT       folder of the results (out/waves/SCENARIO)
#              WINDOW    as --window of atcbench run (the layout's own)
#              ATCBENCH  the tool (build/atcbench)      GTKWAVE  the viewer (gtkwave)
#              LAYOUT    the save file (waves/SCENARIO.gtkw)
# Exit status: 0 shown or rendered, 2 wrong use or a missing tool, else that of the failing step. A scenario that fails
# its checks is shown all the same.
set -euo pipefail

die() { echo "waves: $2" >&2; exit "$1"; }
need() { command -v "$1" >/dev/null || die 2 "no $1; it is in the Debian package $2"; }

[ $# -ge 1 ] && [ $# -le 2 ] || die 2 "usage: waves.sh SCENARIO [SEED]"
scenario=$1
seed=${2:-1}
out=$(realpath -m "${OUT:-out/waves/$scenario}")
tool=$(realpath -m "${ATCBENCH:-build/atcbench}")
[ -z "${LAYOUT:-}" ] || LAYOUT=$(realpath -m "$LAYOUT")
viewer=${GTKWAVE:-gtkwave}
cd "$(dirname "$0")/../.."  # the layouts name their filters from the root
layout=${LAYOUT:-waves/$scenario.gtkw}

need "$viewer" gtkwave
display=${DISPLAY:-${WAYLAND_DISPLAY:-}}
if [ -z "$display" ]; then
  need xvfb-run xvfb
  need xauth xauth
fi
[ -x "$tool" ] || die 2 "no $tool; make build makes it"

window=5000
[ ! -f "$layout" ] || window=$(sed -n 's/^\[\*\] window //p' "$layout")
mkdir -p "$out"
waves=$out/$scenario.fst
rm -f "$waves" "$out/$scenario.png"
status=0
"$tool" run "$scenario" --seed "$seed" --out "$out" --waves "$waves" --window "${WINDOW:-${window:-5000}}" || status=$?
[ -f "$waves" ] || die "$((status ? status : 1))" "the run left no waves"

# The marker and the view move with the run's time-out (or first violation). GTKWave counts in ps, a cycle is 1 ns.
view=()
if [ -f "$layout" ]; then
  anchor=$(sed -n 's/^  "anchor": \([0-9]*\),\{0,1\}$/\1/p' "$out/report.json")
  awk -v marker="$((${anchor:-0} * 1000))" '
    FNR == NR { if ($1 ~ /^\*/) old = $2; next }
    marker && /^\[timestart\]/ { $2 += marker - old }
    marker && /^\*/ { $2 = marker }
    { print }' "$layout" "$layout" > "$out/$scenario.gtkw"
  view=("$out/$scenario.gtkw")
else
  echo "waves: no layout for $scenario (waves/$scenario.gtkw); GTKWave opens without signals" >&2
fi

if [ -n "$display" ]; then
  exec "$viewer" "$waves" "${view[@]}"
fi

cat > "$out/grab.rc" <<RC
splash_disable 1
hide_sst 1
disable_tooltips 1
fontname_signals Monospace 9
fontname_waves Monospace 8
RC
cat > "$out/grab.tcl" <<TCL
gtkwave::/File/Grab_To_File {$out/$scenario.png}
gtkwave::/File/Quit
TCL
# As high as its rows, so that the picture holds all of them; a closed group is one row.
height=800
if [ ${#view[@]} -gt 0 ]; then
  rows=$(awk '/^@c00200/ { closed = 1; n++ } /^@1401200/ { closed = 0 } !closed && /^([+#]\{|-)/ { n++ }
    END { print n + 2 }' "${view[0]}")
  height=$((rows * 19 + 110))
  sed -i "s/^\[size\] .*/[size] 1600 $height/" "${view[0]}"
fi
timeout 60 xvfb-run -a -s "-screen 0 1700x$((height + 100))x24 -nolisten tcp" \
  "$viewer" -r "$out/grab.rc" -S "$out/grab.tcl" "$waves" "${view[@]}" > "$out/gtkwave.log" 2>&1 \
  || { cat "$out/gtkwave.log" >&2; die 1 "$viewer failed"; }
[ -s "$out/$scenario.png" ] || { cat "$out/gtkwave.log" >&2; die 1 "$viewer made no picture"; }
echo "$out/$scenario.png"
