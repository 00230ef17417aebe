#!/usr/bin/env bash
# Speed, memory and number types on a GPU, in one command: bash scripts/gpu_check.sh [PYTHON] [DEVICE]
# The Python needs torch, numpy, scipy and safetensors only; the package is this checkout. Paste what it
# prints into docs/performance.md with the name of the card. Goals on one NVIDIA H200, both heads,
# weights on the card: full network 30 s in 0.03 s (fast) and 0.12 s (float32), 600 s in 0.6 s
# (fast); bundled network 30 s in 0.02 s. With the device cpu every step runs on a small network, in the
# number types of a card, so that the command is known to work before it meets one.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3} device=${2:-cuda}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ln -s "$PWD" "$folder/dualtalk"
export PYTHONPATH="$folder${PYTHONPATH:+:$PYTHONPATH}" DUALTALK_CACHE="$folder/cache"
"$python" -c "import torch; print('torch', torch.__version__, 'CUDA', torch.version.cuda)"
command -v nvidia-smi > /dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
# The copies that are made of the weights: one for float32, one more for the fast mode.
"$python" - "$device" <<'PYTHON'
import sys
import numpy as np
from dualtalk.evaluation.bench import _checkpoint, _dialogue
from dualtalk.inference import resident
from dualtalk.inference.two_track.predict import PredictOptions, predict_both

checkpoint = _checkpoint("tiny")
for precision in ("float32", "fast"):
    options = PredictOptions(device=sys.argv[1], precision=precision, raw=True)
    runs = [predict_both(_dialogue(3.0), checkpoint, options) for _ in range(3)]
    same = all(np.array_equal(run[0].expression, runs[0][0].expression) for run in runs)
    print(f"{precision}: {resident.n_copied} copies of the weights, repeats identical: {same}")
PYTHON
case "$device" in
    cuda | mps) bench=(--device "$device" --network both --seconds 30 600 --baseline-limit 30) ;;
    *) bench=(--device cpu-autocast --network tiny --seconds 2) ;; # no card: whether it runs, not how fast
esac
"$python" -m dualtalk.entry bench "${bench[@]}"
