#!/usr/bin/env bash
# Test the add-on in a real Blender window: test_gui.sh [PYTEST_ARGUMENT...]
#
# The Blender is Debian's, in a folder of its own below the cache (made once, 2 GB, 5 minutes, as
# root), drawn by software into a screen that nobody sees. DUALTALK_BLENDER names another one.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${DUALTALK_CACHE:-$HOME/.cache/dualtalk}
suite=${DUALTALK_GUI_SUITE:-trixie}
root=$cache/blender-$suite
packages=(blender xvfb xauth libgl1-mesa-dri libegl1 python3-numpy python3-cattr python3-requests
    imagemagick xdotool)

make_root() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "Making the test's Blender needs root: run as root once, or set DUALTALK_BLENDER to a Blender (Xvfb, xdotool and imagemagick installed)." >&2
        exit 2
    fi
    command -v debootstrap >/dev/null ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap >/dev/null; }
    echo "Making $root with Debian $suite's Blender: about 5 minutes"
    rm -rf "$root"
    mkdir -p "$root"
    debootstrap --variant=minbase "$suite" "$root" >"$cache/debootstrap.log"
    unshare --mount bash -c "
        mount --bind /proc '$root/proc' && mount --rbind /dev '$root/dev' &&
        cp /etc/resolv.conf '$root/etc/resolv.conf' &&
        DEBIAN_FRONTEND=noninteractive chroot '$root' apt-get install -y -qq --no-install-recommends ${packages[*]}" \
        >>"$cache/debootstrap.log" 2>&1 || { tail -5 "$cache/debootstrap.log" >&2; exit 2; }
    touch "$root/.complete"
}

if [ -z "${DUALTALK_BLENDER:-}" ]; then
    [ -e "$root/.complete" ] || make_root
    export DUALTALK_GUI_ROOT=$root
fi
exec .venv/bin/python -m pytest tests/gui "$@"
