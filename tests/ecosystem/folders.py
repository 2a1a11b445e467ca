"""Folders that pcapmill wrote, for tests of what reads them: every table, and what is in it, read with care by
Python's csv and the types of datapackage.json."""
import csv
import json
import os
import shutil
import struct
import subprocess

EVERYTHING = ["-p", "-t", "+features,burstiness", "--splt", "3", "-i", "1s,10ms", "--columns", "all"]
CONVERT = {"integer": int, "number": float, "string": str}


def write_huge(path):
    """A pcapng whose numbers are as large as they get: three packets of 4 GiB on the wire, in the first and the
    last nanoseconds that 64 bits hold (from an offset of seconds, option 14), and without a port number to spare."""
    def block(kind, body):
        length = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + length + body + length

    def interface(offset_s):
        options = struct.pack("<HHBxxx", 9, 1, 9) + struct.pack("<HHq", 14, 8, offset_s) + struct.pack("<HH", 0, 0)
        return block(1, struct.pack("<HHI", 1, 0, 0) + options)

    def packet(interface, ns, source):
        udp = struct.pack(">HHHH", 65535, 65535, 65535, 0)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 255, 65535, 65535, 0, 255, 17, 0, source, b"\xff" * 4)
        frame = b"\xff" * 12 + b"\x08\x00" + ip + udp
        head = struct.pack("<IIIII", interface, ns >> 32, ns & 0xFFFFFFFF, len(frame), 0xFFFFFFFF)
        return block(6, head + frame + bytes(-len(frame) % 4))

    start = -2**63 // 10**9 + 1
    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(interface(0) + interface(start))
        file.write(packet(1, 5, b"\x0a\x00\x00\x01") + packet(0, 2**63 - 1, b"\x0a\x00\x00\x01"))
        file.write(packet(0, 2**63 - 1, b"\xff\xff\xff\xfe"))


class Table:
    """`fields`: name -> type of datapackage.json. `rows`: lists of int, float and str ('' where there is none)."""

    def __init__(self, folder, resource):
        self.name = resource["name"]
        self.path = os.path.join(folder, resource["path"])
        self.fields = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        self.times = [field["name"] for field in resource["schema"]["fields"] if "epoch" in field]
        with open(self.path, encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        assert header == list(self.fields), self.path
        self.rows = [[CONVERT[kind](cell) for kind, cell in zip(self.fields.values(), line, strict=True)]
                     for line in lines]

    def column(self, name):
        at = list(self.fields).index(name)
        return [row[at] for row in self.rows]


def write(program, capture, folder):
    """Everything that can be written of a capture, into a folder anew; its tables."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([program, "analyze", "-q", *EVERYTHING, "--render", "none", "-o", folder, capture], check=True)
    with open(os.path.join(folder, "datapackage.json"), encoding="utf-8") as file:
        tables = [Table(folder, resource) for resource in json.load(file)["resources"]]
    with open(os.path.join(folder, "summary.json"), encoding="utf-8") as file:
        rows = {table["name"]: table["rows"] for table in json.load(file)["tables"]}
    assert rows == {table.name: len(table.rows) for table in tables}, "summary.json counts other rows"
    return tables
