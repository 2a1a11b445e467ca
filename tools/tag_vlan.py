#!/usr/bin/env python3
"""Give the IPv4 frames of a network an 802.1Q tag.

usage: tag_vlan.py IN.pcap OUT.pcap VLAN NETWORK

Frames with an address of NETWORK get the tag behind their MAC addresses; captured and original length
grow by its four bytes, and the snap length of the file with them. Little-endian Ethernet pcap in, the same out.
"""
import ipaddress
import struct
import sys


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    data, vlan, network = open(sys.argv[1], "rb").read(), int(sys.argv[3]), sys.argv[4]
    network, at = ipaddress.IPv4Network(network), 24
    with open(sys.argv[2], "wb") as out:
        snap_len = struct.unpack_from("<I", data, 16)[0] + 4
        out.write(data[:16] + struct.pack("<I", snap_len) + data[20:24])
        while at + 16 <= len(data):
            sec, frac, cap, wire = struct.unpack_from("<IIII", data, at)
            frame, at = data[at + 16:at + 16 + cap], at + 16 + cap
            if frame[12:14] == b"\x08\x00" and any(
                    ipaddress.IPv4Address(frame[i:i + 4]) in network for i in (26, 30)):
                frame, wire = frame[:12] + struct.pack("!HH", 0x8100, vlan) + frame[12:], wire + 4
            out.write(struct.pack("<IIII", sec, frac, len(frame), wire) + frame)


main()
