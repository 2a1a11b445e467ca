#!/bin/bash
# Makes data/example.pcap: traffic of real programs between two network namespaces, captured by tcpdump.
#
# usage: tools/capture_example.sh [OUT]          as root, on a machine with network namespaces
#
# nginx (HTTP, TLS), dnsmasq (DNS over UDP and TCP), OpenSSH, iperf3 (bulk TCP and UDP, with datagrams
# that are fragmented), ping, over IPv4 and IPv6; nftables drops one packet in 100 at random, so that
# TCP retransmits. Where the kernel has no VLAN devices, frames of 10.20.0.0/24 get their 802.1Q tag by
# rewriting (tools/tag_vlan.py). Every packet is cut to 112 bytes.
set -eu
cd "$(dirname "$0")/.."
. tools/packages.sh
out=${1:-data/example.pcap}
need iproute2 nftables tcpdump nginx-light dnsmasq-base openssh-server openssh-client iperf3 curl \
    bind9-dnsutils iputils-ping openssl python3

work=$(mktemp -d)
chmod 755 "$work"
cleanup() {
    for side in server client; do
        ip netns pids pm-$side 2>/dev/null | xargs -r kill
        ip netns del pm-$side 2>/dev/null || true
    done
    rm -rf "$work"
}
trap cleanup EXIT
in_server() { ip netns exec pm-server "$@"; }
in_client() { ip netns exec pm-client "$@"; }

# ---- two hosts and a wire ------------------------------------------------------------------------
ip netns add pm-server
ip netns add pm-client
ip link add pm-s netns pm-server type veth peer name pm-c netns pm-client
for side in server client; do
    end=pm-${side:0:1} number=$([ $side = server ] && echo 1 || echo 2)
    ip -n pm-$side link set lo up
    ip -n pm-$side addr add 10.10.0.$number/24 dev $end
    ip -n pm-$side addr add 10.20.0.$number/24 dev $end
    ip -n pm-$side addr add fd00:10::$number/64 dev $end nodad
    ip -n pm-$side link set $end up
done
in_server nft add table inet loss
in_server nft add chain inet loss in '{ type filter hook input priority 0; }'
in_server nft add rule inet loss in meta l4proto tcp numgen random mod 100 == 0 drop

# ---- servers -------------------------------------------------------------------------------------
mkdir "$work/www"
head -c 200000 /dev/urandom >"$work/www/large.bin"
for n in $(seq 40); do head -c $((n * 700)) /dev/urandom >"$work/www/page$n.html"; done
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=server -keyout "$work/key" \
    -out "$work/certificate" 2>/dev/null
cat >"$work/nginx.conf" <<END
pid $work/nginx.pid; error_log $work/nginx.log; daemon off; user root;
events {}
http {
    access_log off;
    server {
        listen 80; listen [::]:80; listen 443 ssl; listen [::]:443 ssl;
        ssl_certificate $work/certificate; ssl_certificate_key $work/key;
        root $work/www;
    }
}
END
in_server nginx -c "$work/nginx.conf" &
in_server dnsmasq -k -u root --no-resolv --no-hosts --address=/example/10.10.0.1 \
    --address=/example/fd00:10::1 --pid-file= &
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t ed25519 -N '' -f "$work/user"
cp "$work/user.pub" "$work/authorized"
chmod 600 "$work/authorized"
mkdir -p /run/sshd
in_server /usr/sbin/sshd -D -f /dev/null -o HostKey="$work/host" -o StrictModes=no \
    -o AuthorizedKeysFile="$work/authorized" -o PidFile=none &
in_server iperf3 -s >/dev/null &
in_client tcpdump -q -i pm-c -s 112 -w "$work/raw.pcap" 2>"$work/tcpdump.log" &
sleep 2

# ---- clients -------------------------------------------------------------------------------------
ssh_session() {
    in_client ssh -q -i "$work/user" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        root@"$1" "$2" >/dev/null || true
}
ssh_session 10.10.0.1 'for i in $(seq 60); do date; sleep 0.4; done' & long_session=$!
in_client ping -q -c 20 -i 0.2 10.10.0.1 >/dev/null || true
in_client ping -q -c 20 -i 0.2 fd00:10::1 >/dev/null || true
in_client ping -q -c 5 -s 4000 10.10.0.1 >/dev/null || true
for n in $(seq 40); do
    in_client dig +short +tries=1 @10.10.0.1 host$n.example A >/dev/null || true
    in_client dig +short +tries=1 +tcp @10.10.0.1 host$n.example AAAA >/dev/null || true
    in_client dig +short +tries=1 @fd00:10::1 host$n.example A >/dev/null || true
    in_client curl -s -m 20 -o /dev/null "http://10.10.0.1/page$n.html" || true
    in_client curl -s -m 20 -o /dev/null "http://[fd00:10::1]/page$n.html" || true
    in_client curl -sk -m 20 -o /dev/null "https://10.20.0.1/page$n.html" || true
    in_client curl -sk -m 20 -o /dev/null "https://10.10.0.1/large.bin" || true
done
in_client iperf3 -c 10.10.0.1 -M 1200 -n 22M >/dev/null || true
in_client iperf3 -c fd00:10::1 -M 1200 -n 14M -R >/dev/null || true
in_client iperf3 -c 10.20.0.1 -M 1200 -n 4M >/dev/null || true
in_client iperf3 -c 10.10.0.1 -u -b 8M -l 4000 -t 4 >/dev/null || true
in_client iperf3 -c fd00:10::1 -u -b 4M -l 4000 -t 2 >/dev/null || true
in_client iperf3 -c 10.10.0.1 -u -b 22M -l 300 -t 5 >/dev/null || true
in_client curl -s -m 2 -o /dev/null "http://10.10.0.1:81/" || true
wait $long_session
sleep 1
ip netns pids pm-client | xargs -r kill # tcpdump: it writes out what it has
sleep 1

tools/tag_vlan.py "$work/raw.pcap" "$out" 20 10.20.0.0/24
ls -l "$out"
