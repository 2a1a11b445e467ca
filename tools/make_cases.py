#!/usr/bin/env python3
"""Writes the small captures of data/ that show a header each: links/*.pcap, tags.pcap, tunnels.pcap; and
sections.pcapng, which shows what a pcapng can tell of itself.

usage: make_cases.py DATA-FOLDER

Every packet carries the same UDP datagram, 10.0.0.1:1000 to 10.0.0.2:2000 or fd00::1 to fd00::2, so that
what differs is what lies before it. The formats: tcpdump.org/linktypes.html, and the RFCs that
src/decode names.
"""
import ipaddress
import os
import struct
import sys

MAC = bytes.fromhex("020000000001020000000002")
PAYLOAD = b"pcapmill"


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip4(payload, proto=17, src="10.0.0.1", dst="10.0.0.2"):
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, proto, 0)
    header += ipaddress.ip_address(src).packed + ipaddress.ip_address(dst).packed
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ip6(payload, proto=17, src="fd00::1", dst="fd00::2"):
    addresses = ipaddress.ip_address(src).packed + ipaddress.ip_address(dst).packed
    return struct.pack("!IHBB", 6 << 28, len(payload), proto, 64) + addresses + payload


def udp(payload=PAYLOAD, src=1000, dst=2000):
    return struct.pack("!HHHH", src, dst, 8 + len(payload), 0) + payload


def eth(payload, kind=0x0800):
    return MAC + struct.pack("!H", kind) + payload


IP4, IP6 = ip4(udp()), ip6(udp())
LLC4, LLC6 = b"\xaa\xaa\3\0\0\0\x08\0" + IP4, b"\xaa\xaa\3\0\0\0\x86\xdd" + IP6


def wlan(payload, control=0x0108, extra=b""):
    return struct.pack("<HH", control, 0) + MAC + MAC[:6] + struct.pack("<H", 16) + extra + payload


RADIOTAP = struct.pack("<BBHIQBB", 0, 0, 18, 0x7, 1, 0x10, 12)
PPI = struct.pack("<BBHI", 0, 0, 32, 105) + struct.pack("<HHQHHHHBBBB", 2, 20, 1, 1, 12, 2412, 0xA0, 0, 0, 0, 0)
NFLOG = bytes.fromhex("02000000") + struct.pack("<HHI", 8, 10, 0) + struct.pack("<HH", 4 + len(IP4), 9)
PKTAP = struct.pack("<III", 108, 1, 1) + b"en0".ljust(24, b"\0") + bytes(72)
LINKS = {
    "null": (0, [struct.pack("<I", 2) + IP4, struct.pack("<I", 30) + IP6]),
    "loop": (108, [struct.pack(">I", 2) + IP4, struct.pack(">I", 24) + IP6]),
    "ethernet": (1, [eth(IP4), eth(IP6, 0x86DD), MAC + struct.pack("!H", len(LLC4)) + LLC4]),
    "arcnet": (7, [b"\1\2\xf0" + IP4, b"\1\2\xd4\0\0\1" + IP4]),
    "arcnet_linux": (129, [b"\1\2\0\0\xd4\0\0\1" + IP4]),
    "ppp": (9, [b"\xff\3\0\x21" + IP4, b"\x57" + IP6]),
    "ppp_hdlc": (50, [b"\xff\3\0\x21" + IP4]),
    "fddi": (10, [b"\x50" + MAC + LLC4, b"\x50" + MAC + LLC6]),
    "raw": (101, [IP4, IP6]),
    "chdlc": (104, [b"\x0f\0\x08\0" + IP4]),
    "wlan": (105, [wlan(LLC4), wlan(LLC6, 0x0188, b"\0\0"), wlan(b"secret", 0x4108)]),
    "frame_relay": (107, [b"\x18\x41\3\xcc" + IP4, b"\x18\x41\3\x8e" + IP6, b"\x18\x41\x08\0" + IP4]),
    "sll": (113, [struct.pack("!HHH8sH", 0, 1, 6, MAC[:6], 0x0800) + IP4]),
    "sll2": (276, [struct.pack("!HHIHBB8s", 0x86DD, 0, 3, 1, 0, 6, MAC[:6]) + IP6]),
    "prism": (119, [struct.pack("<II", 0x44, 144) + bytes(136) + wlan(LLC4)]),
    "avs": (163, [struct.pack("!II", 0x80211001, 64) + bytes(56) + wlan(LLC4)]),
    "radiotap": (127, [RADIOTAP + wlan(LLC4) + b"\1\2\3\4", RADIOTAP + wlan(LLC6, 0x0188, b"\0\0") + b"\1\2\3\4"]),
    "ppi": (192, [PPI + wlan(LLC4) + b"\1\2\3\4"]),
    "ip_over_fc": (122, [b"\x10\0" + MAC[:6] + b"\x10\0" + MAC[6:] + LLC4]),
    "ipnet": (226, [struct.pack("!BBHIIIII", 1, 2, 1, len(IP4), 2, 0, 0, 1) + IP4]),
    "ipv4": (228, [IP4]),
    "ipv6": (229, [IP6]),
    "nflog": (239, [NFLOG + IP4]),
    "ipoib": (242, [bytes(40) + b"\x08\0\0\0" + IP4]),
    "pktap": (258, [PKTAP + eth(IP4)]),
    "unknown": (147, [IP4]),
}

# Wireshark takes a pseudowire to be Ethernet where it knows the makers of both cards.
CARRIED = bytes.fromhex("00000c00000100000c000002") + b"\x08\0" + IP4
TAG = struct.pack("!HH", 100, 0x0800)
MPLS = b"\0\1\1\x40"
PPPOE = struct.pack("!BBHH", 0x11, 0, 1, 2 + len(IP4)) + b"\0\x21" + IP4
ISL = bytes.fromhex("01000c0000") + b"\0" + MAC[6:] + struct.pack("!H", 12 + len(eth(IP4))) + \
    bytes.fromhex("aaaa0300000c") + bytes(6)
TAGS = [
    eth(TAG + IP4, 0x8100),
    eth(struct.pack("!HH", 200, 0x8100) + TAG + IP4, 0x88A8),
    eth(struct.pack("!HH", 200, 0x8100) + TAG + IP4, 0x9100),
    eth(MPLS + IP4, 0x8847),
    eth(b"\0\2\0\x40" + MPLS + IP6, 0x8847),
    eth(MPLS + bytes(4) + CARRIED, 0x8847),
    eth(MPLS + CARRIED, 0x8847),
    eth(PPPOE, 0x8864),
    eth(bytes(4) + eth(TAG + IP4, 0x8100), 0x88E7),
    eth(b"\0\x41" + eth(IP4), 0x8903),
    eth(b"\1\1\0\1\0\5\x08\0" + IP4, 0x8909),
    eth(b"\0\1\0\2\x08\0" + IP4, 0x8926),
    eth(b"\0\1\0\2\0\0\x08\0" + IP4, 0x893F),
    eth(b"\0\2\2\1" + struct.pack("!I", 0x10FF) + IP4, 0x894F),
    eth(b"\0\0\0\0\0\1\x08\0" + IP4 + bytes(16), 0x88E5),
    eth(b"\0\1\0\x10" + bytes(8) + b"\x08\0" + IP4, 0xD28B),
    ISL + eth(IP4) + b"\1\2\3\4",
]


def outer(payload, proto=17):
    return eth(ip4(payload, proto, "192.0.2.1", "192.0.2.2"))


def over_udp(payload, port):
    return outer(udp(payload, 40000, port))


GTP_EXTENSION = struct.pack("!HBB", 0, 0, 0x85) + b"\1\x10\1\0"
TUNNELS = [
    outer(IP4, 4),
    outer(IP6, 41),
    eth(ip6(IP4, 4, "2001:db8::1", "2001:db8::2"), 0x86DD),
    outer(b"\0\0\x08\0" + IP4, 47),
    outer(struct.pack("!HHHHI", 0xA000, 0x86DD, 0, 0, 7) + IP6, 47),
    outer(b"\0\0\x65\x58" + eth(IP4), 47),
    outer(struct.pack("!HHHHI", 0x3001, 0x880B, 2 + len(IP4), 1, 1) + b"\0\x21" + IP4, 47),
    outer(b"\0\0\x88\xbe" + eth(IP4), 47),
    outer(struct.pack("!HHI", 0x1000, 0x88BE, 1) + b"\x10" + bytes(7) + eth(IP4), 47),
    outer(struct.pack("!HHI", 0x1000, 0x22EB, 1) + b"\x20" + bytes(10) + b"\1" + bytes(8) + eth(IP4), 47),
    outer(struct.pack("!BBHII", 17, 4, 0, 1, 1) + bytes(12) + udp(), 51),
    outer(struct.pack("!BBHII", 4, 4, 0, 1, 1) + bytes(12) + IP4, 51),
    over_udp(struct.pack("!II", 0x08000000, 42 << 8) + eth(IP4), 4789),
    over_udp(struct.pack("!BBHI", 1, 0, 0x6558, 42 << 8) + bytes(4) + eth(IP6, 0x86DD), 6081),
    over_udp(struct.pack("!BBHI", 0, 0, 0x0800, 42 << 8) + IP4, 6081),
    over_udp(struct.pack("!BBHI", 0x30, 255, len(IP4), 1) + IP4, 2152),
    over_udp(struct.pack("!BBHI", 0x34, 255, 8 + len(IP4), 1) + GTP_EXTENSION + IP4, 2152),
    over_udp(struct.pack("!HHHH", 0x4002, 12 + len(IP4), 1, 1) + b"\xff\3\0\x21" + IP4, 1701),
    over_udp(bytes(8) + IP6, 3544),
    over_udp(struct.pack("!II", 0x08000000, 42 << 8) + outer(b"\0\0\x08\0" + IP4, 47), 4789),
]


def write(path, link, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link))
        for number, frame in enumerate(frames):
            file.write(struct.pack("<IIII", 1700000000, number, len(frame), len(frame)) + frame)


def block(order, kind, body):
    length = 12 + (len(body) + 3) // 4 * 4
    return struct.pack(order + "II", kind, length) + body.ljust(length - 12, b"\0") + struct.pack(order + "I", length)


def options(order, *pairs):
    return b"".join(struct.pack(order + "HH", code, len(value)) + value.ljust((len(value) + 3) // 4 * 4, b"\0")
                    for code, value in pairs) + struct.pack(order + "HH", 0, 0)


def section(order, *given):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options(order, *given))


def interface(order, link, snap, *given):
    return block(order, 1, struct.pack(order + "HHI", link, 0, snap) + options(order, *given))


def packet(order, number, units, frame):
    return block(order, 6, struct.pack(order + "IIIII", number, units >> 32, units & 0xFFFFFFFF, len(frame),
                                       len(frame)) + frame.ljust((len(frame) + 3) // 4 * 4, b"\0"))


def statistics(order, number, received, dropped):
    return block(order, 5, struct.pack(order + "III", number, 0, 0) +
                 options(order, (4, struct.pack(order + "Q", received)), (5, struct.pack(order + "Q", dropped))))


def sections():
    second = 1700000000
    return b"".join((
        section("<", (1, b"two links"), (2, b"a machine"), (3, b"an operating system"), (4, b"a program")),
        interface("<", 1, 0, (2, b"eth0"), (3, b"the first link"), (9, b"\x09")),
        interface("<", 101, 96, (2, b"tun0"), (1, b"slower")),
        packet("<", 0, second * 10**9 + 5, eth(IP4)),
        packet("<", 1, second * 10**6 + 1, IP6),
        statistics("<", 0, 10, 1),
        statistics("<", 0, 20, 2),
        block("<", 0xBEEF, b"unknown"),
        section(">", (4, b"another program")),
        interface(">", 1, 0, (9, b"\x8a")),
        packet(">", 0, second * 1024 + 512, eth(IP4)),
        block(">", 3, struct.pack(">I", len(eth(IP4))) + eth(IP4))))


def main():
    folder = sys.argv[1]
    os.makedirs(os.path.join(folder, "links"), exist_ok=True)
    for name, (link, frames) in LINKS.items():
        write(os.path.join(folder, "links", name + ".pcap"), link, frames)
    write(os.path.join(folder, "tags.pcap"), 1, TAGS)
    write(os.path.join(folder, "tunnels.pcap"), 1, TUNNELS)
    with open(os.path.join(folder, "sections.pcapng"), "wb") as file:
        file.write(sections())


main()
