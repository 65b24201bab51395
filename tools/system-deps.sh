#!/bin/sh
# What the tests need from the system: Chromium, Java 17, Maven, Node 20, npm and Redis.
# What is missing is installed with apt-get where that is there and permitted; otherwise it is named and the run fails.
set -eu

major() { # the first whole number in what "$@" prints; Java may first tell of its options
    "$@" 2>&1 | sed -n '/^Picked up/d; s/^[^0-9]*\([0-9][0-9]*\).*/\1/p' | head -n 1
}
at_least() { # at_least NUMBER COMMAND...: does COMMAND print that version or a newer one?
    wanted=$1 && shift
    command -v "$1" >/dev/null 2>&1 || return 1
    found=$(major "$@") && [ "${found:-0}" -ge "$wanted" ]
}
has_chromium() {
    command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
        command -v google-chrome >/dev/null 2>&1
}
has_java() { at_least 17 java -version; }
has_maven() { command -v mvn >/dev/null 2>&1; }
has_node() { at_least 20 node --version; }
has_npm() { command -v npm >/dev/null 2>&1; }
has_redis() { command -v redis-server >/dev/null 2>&1; }

missing() { # the names of what is missing, one a line
    has_chromium || echo chromium
    has_java || echo java
    has_maven || echo maven
    has_node || echo node
    has_npm || echo npm
    has_redis || echo redis-server
}
package() {
    case $1 in
        java) echo openjdk-17-jre-headless ;;
        node) echo nodejs ;;
        *) echo "$1" ;;
    esac
}
described() {
    case $1 in
        chromium) echo "Chromium (a command called chromium, chromium-browser or google-chrome)" ;;
        java) echo "Java 17 or newer (java)" ;;
        maven) echo "Maven (mvn)" ;;
        node) echo "Node 20 or newer (node)" ;;
        npm) echo "npm" ;;
        redis-server) echo "Redis (redis-server)" ;;
    esac
}

wanting=$(missing)
[ -n "$wanting" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    sudo -n true 2>/dev/null || as_root=no
fi
if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != no ]; then
    packages=$(for name in $wanting; do package "$name"; done)
    echo "Installing what the tests need from the system:" $packages
    $as_root apt-get update -qq || true
    # one by one, so that one that is not to be had does not keep the others away
    for name in $packages; do
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$name" >/dev/null ||
            echo "apt-get could not install $name" >&2
    done
    wanting=$(missing)
fi

[ -n "$wanting" ] || exit 0
echo "The tests need these programs, which were not found and could not be installed:" >&2
for name in $wanting; do
    echo "  - $(described "$name")" >&2
done
echo "Install them (Debian and Ubuntu: \`sudo sh tools/system-deps.sh\` tries to) and run the tests again." >&2
exit 1
