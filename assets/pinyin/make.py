#!/usr/bin/env python3
"""Writes initials.txt: which characters a Latin letter may stand for when people search by the first letters of pinyin.

Needs: pip install pypinyin==0.55.0 (MIT; readings from Unihan's kMandarin and kHanyuPinlu)
Run:   python3 assets/pinyin/make.py

One line a letter: the letter, a colon, the characters of GB 2312 with a reading that begins with it. A character of
several readings (长: chang, zhang) stands in several lines.
"""
import pathlib

from pypinyin import Style, pinyin

HERE = pathlib.Path(__file__).resolve().parent


def gb2312() -> list[str]:
    """The 6,763 characters of GB 2312."""
    found = []
    for lead in range(0xB0, 0xF8):
        for trail in range(0xA1, 0xFF):
            try:
                found.append(bytes([lead, trail]).decode("gb2312"))
            except UnicodeDecodeError:
                pass
    return found


def main() -> None:
    lines: dict[str, list[str]] = {}
    for character in gb2312():
        readings = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
        for initial in sorted({reading[0] for reading in (readings or [[]])[0] if reading[:1].isascii()}):
            lines.setdefault(initial, []).append(character)
    text = "".join(f"{initial}:{''.join(lines[initial])}\n" for initial in sorted(lines))
    (HERE / "initials.txt").write_text(text, encoding="utf-8")
    print(f"{sum(map(len, lines.values()))} readings, {len(text.encode())} bytes")


if __name__ == "__main__":
    main()
