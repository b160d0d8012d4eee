#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Lints every module of rtl/ on its own, then the whole top with its monitors, with several functions, behind a switch, and with packets of other sizes. Waivers: sim/lint.vlt,
# one reason each.
set -uo pipefail
cd "$(dirname "$0")/../.."
packages=(rtl/common/atc_time_pkg.sv rtl/regs/*_pkg.sv rtl/smmu/smmu_pkg.sv rtl/pcie/tlp_pkg.sv rtl/pcie/pcie_port_pkg.sv rtl/endpoint/ep_pkg.sv)
search=()
for dir in common smmu pcie endpoint top; do search+=(-y "rtl/$dir"); done
flags=(--lint-only -Wall --unroll-count 512 sim/lint.vlt)
failed=0
for file in rtl/{common,smmu,pcie,endpoint,top}/*.sv; do
  case $file in *_pkg.sv) continue ;; esac
  top=$(basename "$file" .sv)
  verilator "${flags[@]}" "${packages[@]}" "${search[@]}" --top-module "$top" "$file" || { echo "lint: $file"; failed=1; }
done
verilator "${flags[@]}" "${packages[@]}" sim/mon/atc_mon_pkg.sv sim/mon/*_mon.sv $(ls sim/mon/*_sva.sv 2>/dev/null) \
  "${search[@]}" -y sim/mon --top-module atc_top rtl/top/atc_top.sv || { echo "lint: atc_top with monitors"; failed=1; }
for model in "-GNumEp=1 -GNumFn=1 -GNumVf=2" "-GNumEp=2 -GTopology=1"; do
  verilator "${flags[@]}" $model "${packages[@]}" "${search[@]}" --top-module atc_top rtl/top/atc_top.sv || { echo "lint: atc_top $model"; failed=1; }
done
for payload in 128 256; do
  verilator "${flags[@]}" "+define+ATC_MAX_PAYLOAD=$payload" "${packages[@]}" "${search[@]}" --top-module atc_top rtl/top/atc_top.sv \
    || { echo "lint: atc_top with packets of $payload bytes"; failed=1; }
done
[ $failed -eq 0 ] && echo "lint: clean"
exit $failed
