#!/bin/bash
# Run a session in a Blender window that nobody sees: start.sh BLENDER SESSION FOLDER ARGUMENT...
set -eu
blender=$1 session=$2 folder=$3
shift 3
export BLENDER_USER_RESOURCES=$folder/blender HOME=$folder TMPDIR=$folder/tmp
export LIBGL_ALWAYS_SOFTWARE=1 PYTHONDONTWRITEBYTECODE=1
mkdir -p "$BLENDER_USER_RESOURCES" "$TMPDIR"
Xvfb -displayfd 3 -screen 0 1280x900x24 +extension GLX -nolisten tcp \
    3>"$folder/display" >"$folder/xvfb.log" 2>&1 &
screen=$!
for _ in $(seq 100); do [ -s "$folder/display" ] && break; sleep 0.1; done
DISPLAY=:$(cat "$folder/display")
export DISPLAY
code=0
"$blender" --factory-startup --no-window-focus --window-geometry 0 0 1280 900 --python-exit-code 3 \
    --python "$session" -- "$folder" "$@" >"$folder/blender.log" 2>&1 || code=$?
# Blender was closed while a job ran: its process must be gone too.
worker=$(cat "$folder/worker_pid" 2>/dev/null || echo)
sleep 1
if [ -n "$worker" ] && kill -0 "$worker" 2>/dev/null; then touch "$folder/worker_survived"; fi
kill $screen
exit $code
