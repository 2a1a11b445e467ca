#!/usr/bin/python3
"""report.html and report.txt: small, self-contained, safe from what captures are called, readable by machines and in
a real browser (chromium, at two widths; without it that part is skipped).

usage: report.py PROGRAM DATA-FOLDER [SCREENSHOTS]      SCREENSHOTS: a folder that keeps the pictures, to look at
"""
import html.parser
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

BYTES_MOST = 400_000
WIDTHS = {"wide": 1100, "phone": 400}
VOID = {"meta"}


def write_year(path):
    """As many rows as a chart can have: a packet every six hours for a year."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for i in range(1460):
            packet = struct.pack(">BBHHHBBH4s4sHHHH", 0x45, 0, 28, i, 0, 64, 17, 0, bytes([10, 0, i // 256, i % 256]),
                                 bytes([10, 1, 0, 1]), 1000 + i, 53, 8, 0)
            file.write(struct.pack("<IIII", 1700000000 + 21600 * i, 0, len(packet), len(packet)) + packet)


def write_addresses(path):
    """Pairs whose names are as long as they get."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for i in range(40):
            packet = struct.pack(">IHBB16s16sHHHH", 6 << 28, 8, 17, 64, bytes([0xfd] * 15 + [i]),
                                 bytes([0xfe] * 15 + [i]), 1000, 53, 8, 0)
            file.write(struct.pack("<IIII", 1700000000 + i, 0, len(packet), len(packet)) + packet)


class Page(html.parser.HTMLParser):
    """Checks that tags nest, and notes what is there."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.headings, self.faults = [], [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg" and not (attributes.get("role") == "img" and attributes.get("aria-label")):
            self.faults.append("a picture without a text")
        if tag == "th" and "scope" not in attributes:
            self.faults.append("a heading of a table without a scope")
        if any(name.startswith("on") or name in ("src", "href") for name in attributes):
            self.faults.append(f"<{tag}> refers to something")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")


def page_faults(text):
    page = Page()
    page.feed(text)
    yield from page.faults
    if page.open:
        yield f"not closed: {page.open}"
    if {"script", "link", "img", "iframe"} & set(page.tags):
        yield "it is not self-contained"
    if page.headings[:1] != [1] or any(b - a > 1 for a, b in zip(page.headings, page.headings[1:])):
        yield f"headings {page.headings}"
    if "default-src 'none'" not in text:
        yield "no Content-Security-Policy"


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear))


def contrast_faults(text):
    """WCAG 2: text has 4.5 : 1 at least, in light and in dark."""
    for block in re.findall(r"\{[^{}]*--ink:[^{}]*\}", text):
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for ink, paper in (("ink", "paper"), ("dim", "paper"), ("ink", "alert")):
            light, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
            if (light + 0.05) / (dark + 0.05) < 4.5:
                yield f"{ink} on {paper}: too little contrast"


def browser_faults(path, screenshots):
    """What a browser has to say of it: nothing; and it draws something at every width."""
    for name, width in WIDTHS.items():
        picture = os.path.join(screenshots, f"{os.path.basename(os.path.dirname(path))}.{name}.png")
        browser = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                                  "--hide-scrollbars", f"--window-size={width},3600", f"--screenshot={picture}",
                                  f"file://{path}"], capture_output=True, text=True, check=False)
        yield from (line for line in browser.stderr.splitlines() if "CONSOLE" in line)
        if not os.path.exists(picture) or os.path.getsize(picture) < 20_000:
            yield f"nothing to be seen at {width} pixels"


def check(program, capture, folder, screenshots, options=()):
    subprocess.run([program, "analyze", "-q", "--damaged-ok", *options, "--render", "none", "-o", folder, capture],
                   check=True)
    pages = {}
    for name in ("report.html", "report.txt"):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            pages[name] = file.read()
    yield from page_faults(pages["report.html"])
    yield from contrast_faults(pages["report.html"])
    if len(pages["report.html"].encode()) > BYTES_MOST:
        yield f"report.html has {len(pages['report.html'].encode())} bytes"
    wide = [line for line in pages["report.txt"].splitlines() if len(line) > 79 or line != line.rstrip()]
    if wide:
        yield f"report.txt: too wide, or spaces at the end: {wide[0]!r}"
    if not pages["report.txt"].isascii():
        yield "report.txt is not ASCII"
    subprocess.run([program, "report", folder], check=True)
    for name, before in pages.items():
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            if file.read() != before:
                yield f"{name} is another one when it is written again"
    if shutil.which("chromium"):
        yield from browser_faults(os.path.join(folder, "report.html"), screenshots)


def main():
    program, data, *rest = sys.argv[1:]
    faults = 0
    with tempfile.TemporaryDirectory() as work:
        small = os.path.join(data, "small.pcap")
        year, cut = os.path.join(work, "year.pcap"), os.path.join(work, "a <b>\"&'\x1b[31m.pcap")
        write_year(year)
        long = os.path.join(work, 40 * "long" + ".pcap")
        write_addresses(long)
        with open(small, "rb") as file, open(cut, "wb") as out:
            out.write(file.read()[:300])
        captures = [os.path.join(data, "example.pcap"), small, os.path.join(data, "empty.pcap"),
                    os.path.join(data, "links", "unknown.pcap"), os.path.join(data, "tunnels.pcap"), year, long, cut]
        for i, capture in enumerate(captures):
            folder = os.path.join(work, f"{i}.mill")
            for fault in check(program, capture, folder, rest[0] if rest else work, ["--columns", "tcp"]):
                print(f"{os.path.basename(capture)!r}: {fault}")
                faults += 1
        with open(os.path.join(folder, "report.html"), encoding="utf-8") as file:
            if "a &lt;b&gt;&quot;&amp;'?[31m.pcap is damaged at byte" not in file.read():
                print("the damage is not told, or a name is not escaped")
                faults += 1
    if not shutil.which("chromium"):
        print("skipped: no chromium, so that no browser looked at it")
    print(f"{len(captures)} reports, {faults} faults")
    sys.exit(faults != 0)


main()
