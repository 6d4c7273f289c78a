#!/usr/bin/env bash
#   fresh.sh - from nothing: a Debian 12 root made by mmdebstrap, a clean clone, and the two commands of the README
#
#       sudo tests/fresh/fresh.sh [FOLDER]
#
#   Needs root, mmdebstrap, curl, and Debian's mirror while it installs. After that the root has no network but its own
#   loopback: what runs then runs offline. FOLDER is kept when given, so that a second run need not install again.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
[ "$(id -u)" = 0 ] || { echo "fresh.sh: needs root (mmdebstrap, chroot, unshare)" >&2; exit 2; }
folder=${1:-}
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf --one-file-system "$folder"' EXIT
fi
mkdir -p "$folder"
root=$(readlink -f "$folder")/root
say () { echo "==> $* ($SECONDS s)"; }

if [ ! -d "$root/etc" ]; then
    say "making a Debian 12 root"
    mmdebstrap --variant=minbase --quiet bookworm "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    apt-config dump | grep -E '^Acquire::(http|https|Check|Retries|IndexTargets)' >"$root/etc/apt/apt.conf.d/90host" || true
fi

say "cloning"
rm -rf "$root/opt/zooid"
git clone --quiet --no-hardlinks "$here" "$root/opt/zooid"

#   inside NETWORK SCRIPT: run a script in the root, with processes, mounts and, when NETWORK is `none`, a network of its
#   own. Everything that it starts ends with it.
inside () {
    local network=()
    [ "$1" != none ] || network=(--net)
    unshare --mount --pid --fork --kill-child "${network[@]}" bash -euc '
        mount --make-rprivate /
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        if [ "$3" = none ]; then ip link set lo up; fi
        exec chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 bash -euc "$2"
    ' - "$root" "$2" "$1"
}

say "./dev build"
inside host 'cd /opt/zooid && ./dev build && build/bin/zooid --version'

say "./dev run, offline"
inside none '
    cd /opt/zooid
    look () { /usr/bin/perl -MIO::Socket::INET -e '\''
        my $socket = IO::Socket::INET->new (PeerAddr => "127.0.0.1", PeerPort => $ARGV [0]) or exit 1;
        print $socket "GET $ARGV[1] HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        my $first = <$socket>; print $first; exit ($first =~ / 200 / ? 0 : 1);'\'' "$@"; }
    for start in first second; do
        begin=$(date +%s%N)
        exec 3< <(exec ./dev run 2>&1)
        run=$!
        until [[ ${line:-} == "ready in "* ]]; do read -r -t 120 -u 3 line || { echo "it did not start: ${line:-}"; exit 1; }; done
        echo "$start start: $((($(date +%s%N) - begin) / 1000000)) ms"
        cat <&3 >/tmp/run.log &
        look 8000 / && look 3000 / && look 8000 /openapi.json
        kill -TERM $run
        wait $run || { cat /tmp/run.log; exit 1; }
        line=
    done
'

say "./dev test"
inside host 'cd /opt/zooid && ./dev test'
say "done"
