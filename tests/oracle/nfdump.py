#!/usr/bin/python3
"""x"""
import ipaddress
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversations import Tool, differences, main, run, times  # noqa: E402

FORMAT = "fmt:%pr %sa %sp %da %dp %pkt %byt %tsr %td %flg"
COLUMNS = ("proto", "src_ip", "src_port", "dst_ip", "dst_port", "fwd_packets", "fwd_ip_bytes", "first", "duration",
           "flags")


LINKS=set("eth vlan arp llc null raw sll wlan radiotap wlan_radio mpls pppoes ppp".split())
class Nfdump(Tool):
    name = "nfdump"
    programs = ("nfpcapd", "nfdump")
    ports = {6, 17}

    def unfit(self, capture):
        if capture.malformed(): return "malformed "+" ".join(capture.malformed())
        if capture.links()-LINKS: return "links "+" ".join(capture.links()-LINKS)
        if capture.tunnels(): return "tunnels"
    def rule(self,capture,c,flows,records):
        if c[0] in (0,43,44,60): return "ext"
        if any(r["fragments"]!="0" for r in flows): return "frag"

    def read(self, path, folder):
        out = os.path.join(folder, "nf")
        os.mkdir(out)
        taken = run("nfpcapd", "-B", "65536", "-r", path, "-w", out, "-t", "86400", "-e", "3600,3600")
        if taken is None or "read error" in taken.stdout + taken.stderr:
            return None
        told = run("nfdump", "-q", "-N", "-6", "-R", out, "-o", FORMAT)
        if told is None: return None
        return [record(line.split()) for line in told.stdout.splitlines() if "No matching" not in line]

    def faults(self, capture, flows, records):
        yield from differences(("packets", "ip_bytes"), flows, records)
        if times(flows, 10**6)!=times(records,10**6): yield f"times {times(flows,10**6)}, not {times(records,10**6)}"
        for way in ("fwd_","rev_"):
            f=r=0
            for x in flows: f|=int(x[way+"tcp_flags"])
            for x in records: r|=int(x.get(way+"tcp_flags",0))
            if f!=r: yield f"flags {f} {r}"

def ms(t):
    return int(t.replace(".",""))
def record(cells):
    r=dict(zip(COLUMNS,cells))
    bits=sum(1<<i for i,c in enumerate(reversed(r["flags"])) if c!=".")
    return r|{"rev_packets":0,"rev_ip_bytes":0,"first_ts_ns":ms(r["first"])*10**6,"last_ts_ns":(ms(r["first"])+ms(r["duration"]))*10**6,"fwd_tcp_flags":bits,"rev_tcp_flags":0}


if __name__ == "__main__":
    main(Nfdump())
