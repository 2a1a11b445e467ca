#!/usr/bin/python3
"""packets.csv against tshark, packet by packet and field by field; protocols.csv by stacks of layers.

usage: tshark.py PROGRAM [--inner] CAPTURE-OR-FOLDER...

tshark reassembles nothing and prints every occurrence of each field; those of the outermost IP header are
compared, or with --inner those of the innermost in tunnels. Fields of a transport header are compared
where that header belongs to this IP header; those that ICMP embeds are not packets of their own. Lengths
follow the manual, pcapmill-tables(5), from what tshark says of each header. Where a layer before IP is none that
is decoded, time and lengths are compared and the packets counted by that layer; captures that differ for
a reason of their own stand in tshark_exceptions.txt, and in tshark_inner_exceptions.txt.
"""
import csv
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections import Counter
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402

FIELDS = """frame.encap_type frame.number frame.time_epoch frame.cap_len frame.len frame.protocols vlan.id ieee8021ad.id
    ip.version ip.src ip.dst ip.proto ip.len ip.hdr_len ip.ttl ip.dsfield.dscp ip.frag_offset
    ipv6.version ipv6.src ipv6.dst ipv6.nxt ipv6.plen ipv6.hlim ipv6.tclass.dscp
    ipv6.hopopts.nxt ipv6.routing.nxt ipv6.fraghdr.nxt ipv6.dstopts.nxt ipv6.fraghdr.offset
    ipv6.hopopts.len_oct ipv6.routing.len_oct ipv6.dstopts.len_oct tcp.hdr_len
    ah.next_header ah.length tcp.srcport tcp.dstport tcp.flags tcp.seq_raw tcp.ack_raw tcp.window_size_value tcp.len
    udp.srcport udp.dstport udp.length sctp.srcport sctp.dstport""".split()
PREFERENCES = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.analyze_sequence_numbers:FALSE",
               "tcp.desegment_tcp_streams:FALSE"]
NETWORKS = {"ip", "ipv6"}
TRANSPORTS = {"tcp", "udp", "sctp", "icmp", "icmpv6"}
TAGS = ("vlan", "ieee8021ad")
UDP_TUNNELS = {"vxlan": "4789", "geneve": "6081", "gtp": "2152", "teredo": "3544", "l2tp": "1701"}
TUNNELS = {"gre", "erspan", "ah"}
# What pcapmill decodes up to IP, with the bytes of each header where they are always as many.
LINKS = {"eth": 14, "ethertype": 0, "raw": 0, "vlan": 4, "ieee8021ad": 4, "sll": 16, "null": 4, "chdlc": 4,
         "pppoes": 6, "llc": 8, "fddi": 13, "ipoib": 44, "ipnet": 24, "ipfc": 16, "vntag": 6, "etag": 8, "cmd": 8,
         **dict.fromkeys("fr nflog mpls arcnet ppp pwethheuristic pwethcw pwethnocw radiotap wlan_radio wlan ppi prism "
                         "wlancap pktap pcap_pktdata isl ieee8021ah cfp macsec avsp nsh".split())}
HIDDEN = {"ethertype", "dot1ad", "ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts"}
KNOWN = LINKS.keys() | NETWORKS | TRANSPORTS | TUNNELS | UDP_TUNNELS.keys() | HIDDEN | {"arp"}


def stack(protocols):
    """The path of protocols.csv, from all that tshark entered."""
    path = []
    for layer in protocols:
        if layer in TRANSPORTS:
            return path + [layer]
        if layer in HIDDEN:
            continue
        if layer not in LINKS and layer not in NETWORKS | TUNNELS | {"arp", "pppoed"}:
            break
        path.append(layer)
    return path


def inner_layers(layers, cells):
    """The layers up to where pcapmill stops, with --tunnels inner."""
    kept = []
    for layer, following in zip(layers, layers[1:] + [""]):
        if layer not in KNOWN:
            break
        kept.append(layer)
        ports = [cells.get(f"udp.{side}port", "").split(",") for side in ("src", "dst")]
        at = kept.count("udp") - 1
        if layer == "udp" and at < len(ports[0]) and at < len(ports[1]) and \
                UDP_TUNNELS.get(following) in (ports[0][at], ports[1][at]):
            continue
        if layer in TRANSPORTS:
            break
    return kept


def choose(cells, inner):
    """Of each field the occurrence that belongs to the IP header of interest; and the layers up to it and
    its transport."""
    layers = cells.get("frame.protocols", "").split(":")
    if inner:
        layers = inner_layers(layers, cells)
    chosen = {}
    for name, value in cells.items():
        family, values = name.split(".")[0], value.split(",")
        at = layers.count(family) - 1 if inner and family in NETWORKS | TRANSPORTS else 0
        if name.startswith("frame."):
            chosen[name] = value
        elif 0 <= at < len(values):
            chosen[name] = values[at]
    return chosen, layers


def tshark(path):
    """The packets of a capture as dicts of texts, without the fields that are empty."""
    command = ["tshark", "-n", "-r", path, "-T", "fields"]
    for preference in PREFERENCES:
        command += ["-o", preference]
    for field in FIELDS:
        command += ["-e", field]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace")
    for line in run.stdout.split("\n"):
        if line:
            yield {name: cell for name, cell in zip(FIELDS, line.split("\t")) if cell != ""}


def number(cells, name):
    return int(cells.get(name, "0"), 0)


SLL2 = 210  # Wireshark's number of the encapsulation that has 4 bytes more


def link_bytes(cells, links):
    """What lies before the IP header; None: tshark does not say."""
    sizes = [LINKS[link] for link in links] + [4 if number(cells, "frame.encap_type") == SLL2 else 0]
    return None if None in sizes else sum(sizes)


def expect_ip4(cells, rest):
    return {"ip_version": 4, "src_ip": cells["ip.src"], "dst_ip": cells.get("ip.dst", ""),
            "proto": number(cells, "ip.proto"), "ip_length": number(cells, "ip.len") or rest,
            "ttl": number(cells, "ip.ttl"), "dscp": number(cells, "ip.dsfield.dscp"),
            "fragment_offset": number(cells, "ip.frag_offset") * 8}, number(cells, "ip.hdr_len")


EXTENSIONS = {0: "hopopts", 43: "routing", 44: "fraghdr", 60: "dstopts"}


def ip6_chain(cells):
    """The first next header that is no extension header, and the bytes up to it. tshark gives the first
    header of each kind alone."""
    proto, seen, length = number(cells, "ipv6.nxt"), set(), 40
    while proto in EXTENSIONS and proto not in seen and f"ipv6.{EXTENSIONS[proto]}.nxt" in cells:
        seen.add(proto)
        name = f"ipv6.{EXTENSIONS[proto]}"
        length += 8 if proto == 44 else number(cells, name + ".len_oct")
        later = proto == 44 and number(cells, "ipv6.fraghdr.offset")
        proto = number(cells, name + ".nxt")
        if later:
            break
    return proto, length


def expect_ip6(cells, rest):
    plen, (proto, header) = number(cells, "ipv6.plen"), ip6_chain(cells)
    return {"ip_version": 6, "src_ip": cells["ipv6.src"], "dst_ip": cells.get("ipv6.dst", ""),
            "proto": proto, "ip_length": plen + 40 if plen else rest,
            "ttl": number(cells, "ipv6.hlim"), "dscp": number(cells, "ipv6.tclass.dscp"),
            "fragment_offset": number(cells, "ipv6.fraghdr.offset") * 8}, header


def expect_transport(cells, proto, left):
    """`left`: what IP leaves of the wire. A payload is never more than that."""
    if proto == 6:
        cut = "tcp.hdr_len" not in cells  # the length is taken as 20
        header = min(20, left) if cut else number(cells, "tcp.hdr_len")
        return {"src_port": number(cells, "tcp.srcport"), "dst_port": number(cells, "tcp.dstport"),
                "tcp_flags": number(cells, "tcp.flags") & 255, "tcp_seq": number(cells, "tcp.seq_raw"),
                "tcp_ack": number(cells, "tcp.ack_raw"),
                "tcp_window": number(cells, "tcp.window_size_value"),
                "payload_length": left - header if cut or 20 <= header <= left else 0}
    if proto == 17:
        length = number(cells, "udp.length")
        usual = max(left - 8, 0)  # the length is 0 in jumbograms, and not believed where it is too large
        payload = usual if "udp.length" not in cells or length == 0 or length > left else length - 8
        return {"src_port": number(cells, "udp.srcport"), "dst_port": number(cells, "udp.dstport"),
                "payload_length": max(payload, 0)}
    if proto == 132:
        return {"src_port": number(cells, "sctp.srcport"), "dst_port": number(cells, "sctp.dstport")}
    return {}


def innermost(cells, layers):
    """As outermost(), of the last IP header."""
    at = max((i for i, layer in enumerate(layers) if layer in NETWORKS), default=None)
    if at is None or layers[at] + ".src" not in cells:
        return layers, None
    return layers[:at], layers[at]


def outermost(cells, protocols):
    """The layers before the outermost IP header, and its kind: ip, ipv6, or None."""
    for at, layer in enumerate(protocols):
        if layer in NETWORKS:
            if layer == "ip" and "ip.src" not in cells and protocols[at + 1:at + 2] == ["ipv6"]:
                layer = "ipv6"  # EtherType IPv4, version 6: tshark enters both
            return protocols[:at], layer if layer + ".src" in cells else None
    return protocols, None


def expect(cells, inner):
    """What packets.csv should say of a packet, as far as tshark says it, and why it says no more."""
    cells, layers = choose(cells, inner)
    links, network = (innermost if inner else outermost)(cells, layers)
    tunnelled = inner and any(layer in NETWORKS for layer in links)
    cap_len = number(cells, "frame.cap_len")
    wire = max(number(cells, "frame.len"), cap_len)
    expected = {"cap_len": cap_len, "wire_length": wire,
                "ts_ns": int(Decimal(cells.get("frame.time_epoch", "0")) * 10**9)}
    strange = [link for link in links if link not in LINKS]
    if network and strange and not tunnelled:
        return expected, f"{strange[0]} is not decoded"
    tags = [layer for layer in (layers if inner else links) if layer in TAGS]
    if network:
        expected["vlan_id"] = number(cells, tags[0] + ".id") if tags else 0
    if network is None:
        return expected | {"ip_version": 0, "src_ip": "", "dst_ip": ""}, None
    before = None if tunnelled else link_bytes(cells, links)
    rest = None if before is None else wire - before
    fields, header = expect_ip4(cells, rest) if network == "ip" else expect_ip6(cells, rest)
    if inner and fields["proto"] == 51 and "ah.next_header" in cells:
        fields["proto"], header = number(cells, "ah.next_header"), header + (number(cells, "ah.length") + 2) * 4
    if fields["ip_length"] is None:
        del fields["ip_length"]  # the rest of a packet whose beginning is not known
    elif not fields["fragment_offset"]:
        left = max(min(fields["ip_length"], wire if rest is None else rest) - header, 0)
        fields |= expect_transport(cells, fields["proto"], left)
    return expected | fields, None


def read_csv(folder, table):
    with open(os.path.join(folder, table), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def our_tables(program, inner, path, folder):
    out = os.path.join(folder, "out")
    run = subprocess.run([program, "analyze", "-q", "--force", "--render", "none", "-t", "packets,protocols",
                          "--tunnels", "inner" if inner else "outer", "-o", out, path], capture_output=True,
                         text=True)
    return None if run.returncode not in (0, 3) else (read_csv(out, "packets.csv"),
                                                      read_csv(out, "protocols.csv"))


def compare_stacks(theirs, protocols):
    """Differences between stacks of layers, as cells that are wrong."""
    expected = Counter(":".join(stack(cells.get("frame.protocols", "").split(":"))) for cells in theirs)
    unknown = expected.pop("", 0)
    found = Counter({row["path"]: int(row["packets"]) for row in protocols})
    if unknown:
        found["frame"] -= unknown
    found += Counter()
    return [("", "path", dict(found - expected), dict(expected - found), "")] if found != expected else []


def compare(program, inner, path):
    """(packets, cells, Counter of reasons, wrong cells), or None: not a capture for both."""
    with tempfile.TemporaryDirectory() as folder:
        tables = our_tables(program, inner, path, folder)
    if tables is None:
        return None
    found, protocols = tables
    cells_equal, reasons = 0, Counter()
    theirs = list(tshark(path))
    wrong = compare_stacks(theirs, protocols) if len(theirs) == len(found) else []
    for cells, row in zip(theirs, found):
        expected, reason = expect(cells, inner)
        if reason:
            reasons[reason] += 1
        for name, value in expected.items():
            if row[name] == str(value):
                cells_equal += 1
            else:
                wrong.append((row["packet"], name, row[name], value, cells.get("frame.protocols")))
    if not theirs and found:
        return None  # tshark does not know the link type either
    if len(theirs) < len(found):
        wrong.append(("tshark stops after", len(theirs), "of", len(found), ""))
    return len(found), cells_equal, reasons, wrong


def work(job):
    return job[2], compare(*job)


def main():
    inner = sys.argv[2] == "--inner"
    program, paths = sys.argv[1], list(captures(sys.argv[2 + inner:]))
    lists = ["tshark_exceptions.txt"] + ["tshark_inner_exceptions.txt"] * inner
    tally = Tally(*(os.path.join(os.path.dirname(__file__), name) for name in lists))
    packets, cells, reasons = 0, 0, Counter()
    with multiprocessing.Pool() as pool:
        for path, result in pool.imap(work, [(program, inner, path) for path in paths], chunksize=4):
            if result is None:
                tally.add(path, None)
                continue
            packets += result[0]
            cells += result[1]
            reasons += result[2]
            tally.add(path, result[3] and f"{len(result[3])} cells: {result[3][:3]}")
    for reason, n in sorted(reasons.items()):
        print(f"{n:8} packets without their IP fields: {reason}")
    tally.close(f" in {packets} packets and {cells} cells")


if __name__ == "__main__":
    main()
