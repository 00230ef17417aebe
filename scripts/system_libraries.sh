#!/usr/bin/env bash
# Check the system libraries that Blender needs; install them as root, name the command otherwise.
set -euo pipefail

declare -A package_of=(
    [libX11.so.6]=libx11-6 [libXrender.so.1]=libxrender1 [libXfixes.so.3]=libxfixes3
    [libXi.so.6]=libxi6 [libxkbcommon.so.0]=libxkbcommon0 [libSM.so.6]=libsm6
    [libICE.so.6]=libice6 [libGL.so.1]=libgl1 [libEGL.so.1]=libegl1
    [libgomp.so.1]=libgomp1 [libEGL_mesa.so.0]=libegl-mesa0
)
missing=()
present=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
for library in "${!package_of[@]}"; do
    grep -qF "$library" <<<"$present" || missing+=("${package_of[$library]}")
done
"${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
[ ${#missing[@]} -eq 0 ] && exit 0

mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort)
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing system libraries: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "Blender needs system libraries that are missing. Install them with:" >&2
    echo "    sudo apt-get install ${missing[*]}" >&2
    exit 2
fi
