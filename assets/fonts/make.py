#!/usr/bin/env python3
"""Cuts the fonts of the terminal out of Debian's Noto Sans CJK.

Needs: apt-get install fonts-noto-cjk unicode-data; pip install fonttools
Run:   python3 assets/fonts/make.py

Regular: the 8,105 characters of the standard list of 2013 (Unihan kTGH), GB 2312, the common traditional
characters (Big5, level 1), every character beyond the first plane the font draws (rare names), Latin,
punctuation, signs. Bold: the standard list, GB 2312 and the same signs; what bold lacks falls back to
regular. Both are static and unhinted.
"""
import bz2
import pathlib
import re
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection

HERE = pathlib.Path(__file__).resolve().parent
NOTO = pathlib.Path("/usr/share/fonts/opentype/noto")
UNIHAN = pathlib.Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
FAMILY = "Noto Sans CJK SC"


def standard_list() -> set[int]:
    """The 8,105 characters of 通用规范汉字表."""
    text = bz2.open(UNIHAN, "rt", encoding="utf-8").read()
    found = {int(m, 16) for m in re.findall(r"^U\+([0-9A-F]+)\tkTGH\t", text, re.M)}
    if len(found) != 8105:
        sys.exit(f"the standard list has 8105 characters, not {len(found)}")
    return found


def encoded(codec: str, lead: range, trail: range) -> set[int]:
    """Every character a double-byte code holds between these bytes."""
    found = set()
    for a in lead:
        for b in trail:
            try:
                found.add(ord(bytes([a, b]).decode(codec)))
            except (UnicodeDecodeError, TypeError):
                pass
    return found


def signs() -> set[int]:
    """Latin with accents, punctuation, arrows, numerals in circles, full-width forms, Bopomofo."""
    blocks = [(0x20, 0x7E), (0xA0, 0x17F), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x20A0, 0x20BF),
              (0x2100, 0x214F), (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x226F), (0x2460, 0x24FF),
              (0x2500, 0x25FF), (0x2600, 0x266F), (0x2700, 0x27BF), (0x3000, 0x303F), (0x3100, 0x312F),
              (0x3200, 0x33FF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF)]
    return {c for first, last in blocks for c in range(first, last + 1)}


def cut(weight: str, wanted: set[int], beyond: bool) -> None:
    """Writes one weight; `beyond` adds all that the font has outside the first plane."""
    source = NOTO / f"NotoSansCJK-{weight}.ttc"
    number = next(i for i, f in enumerate(TTCollection(source, lazy=True).fonts) if f["name"].getDebugName(16) == FAMILY or f["name"].getDebugName(1) == FAMILY)
    options = subset.Options(font_number=number, hinting=False, notdef_outline=True, name_IDs=["*"])
    options.layout_features = ["kern", "locl", "ccmp"]
    font = subset.load_font(source, options)
    have = set(font.getBestCmap())
    if beyond:
        wanted = wanted | {c for c in have if c > 0xFFFF}
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted & have)
    cutter.subset(font)
    target = HERE / f"NotoSansCJKsc-{weight}.otf"
    subset.save_font(font, target, options)
    missing = [chr(c) for c in sorted(standard_list() - have)]
    print(f"{target.name}: {len(wanted & have)} characters, {target.stat().st_size / 1e6:.1f} MB, "
          f"of the standard list not in Noto: {''.join(missing)}")


def main() -> None:
    """Both weights."""
    han = standard_list() | encoded("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF)) | signs()
    common_traditional = encoded("big5", range(0xA4, 0xC7), range(0x40, 0xFF))
    private_use_of_gb18030 = {c for c in range(0x3400, 0x4DC0) if gbk_compatible(c)}
    cut("Regular", han | common_traditional | private_use_of_gb18030, True)
    cut("Bold", han, False)


def gbk_compatible(code: int) -> bool:
    """The 52 characters of Extension A that older cards hold in the private-use area."""
    try:
        return len(chr(code).encode("gb18030")) == 2
    except UnicodeEncodeError:
        return False


if __name__ == "__main__":
    main()
