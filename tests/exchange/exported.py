"""Read exported files back, by rules of their own formats and with none of the program's code."""

import base64
import json
import math
import re
import xml.etree.ElementTree as ET
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

Value = int | float | str | bytes | None
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
UNESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_csv(text: str, delimiter: str = ",") -> list[list[tuple[str, bool]]]:
    """RFC 4180 letter by letter: each value, and whether it was quoted."""
    records: list[list[tuple[str, bool]]] = []
    record: list[tuple[str, bool]] = []
    place = 0
    while place < len(text):
        if text[place] == '"':
            value = ""
            place += 1
            while not (text[place] == '"' and text[place + 1] != '"'):
                value += text[place]
                place += 2 if text[place] == '"' else 1
            record.append((value, True))
            place += 1
        else:
            end = place
            while text[end] not in f"{delimiter}\r":
                end += 1
            record.append((text[place:end], False))
            place = end
        if text[place : place + 2] == "\r\n":
            records.append(record)
            record = []
            place += 2
        else:
            assert text[place] == delimiter
            place += 1
            if text[place : place + 2] == "\r\n":
                record.append(("", False))
                records.append(record)
                record = []
                place += 2
    assert record == []
    return records


def csv_value(cell: tuple[str, bool]) -> Value:
    text, quoted = cell
    if quoted:
        return text
    if not text:
        return None
    if text.startswith(r"\x"):
        return bytes.fromhex(text[2:])
    if text in ("true", "false"):
        return int(text == "true")
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def json_value(found: object) -> Value:
    if isinstance(found, dict):
        assert found["$base64"] is True
        return base64.b64decode(found["encoded"])
    assert found is None or isinstance(found, int | float | str)
    return int(found) if isinstance(found, bool) else found


def read_json(path: Path) -> list[list[Value]]:
    return [[json_value(each) for each in record.values()] for record in json.loads(read(path))]


def read_ndjson(path: Path) -> list[list[Value]]:
    lines = read(path).split("\n")
    assert lines.pop() == ""
    return [[json_value(each) for each in json.loads(line).values()] for line in lines]


def read(path: Path) -> str:
    return path.read_bytes().decode()


def read_sheet(path: Path, number: int = 1) -> list[list[Value]]:
    """A sheet's cells; dates come as ISO texts, yes and no as 1 and 0."""
    with zipfile.ZipFile(path) as archive:
        sheet = ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
        styles = ET.fromstring(archive.read("xl/styles.xml"))
    assert not list(sheet.iter(f"{SHEET}f")), "a formula was written"
    formats = {
        int(each.get("numFmtId", 0)): each.get("formatCode", "")
        for each in styles.iter(f"{SHEET}numFmt")
    }
    cell_formats = [
        formats.get(int(each.get("numFmtId", 0)), "")
        for each in styles.find(f"{SHEET}cellXfs") or ()
    ]
    rows: list[list[Value]] = []
    for row in sheet.iter(f"{SHEET}row"):
        while len(rows) < int(row.get("r", 0)):
            rows.append([])
        cells = rows[-1]
        for cell in row:
            column = 0
            for letter in re.match("[A-Z]+", cell.get("r", ""))[0]:  # type: ignore[index]
                column = column * 26 + ord(letter) - 64
            cells += [None] * (column - len(cells))
            cells[column - 1] = cell_value(cell, cell_formats)
    width = len(rows[0])
    return [cells + [None] * (width - len(cells)) for cells in rows]


def cell_value(cell: ET.Element, formats: list[str]) -> Value:
    if cell.get("t") == "inlineStr":
        text = cell.findtext(f"{SHEET}is/{SHEET}t") or ""
        return UNESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    value = cell.findtext(f"{SHEET}v") or ""
    style = formats[int(cell.get("s", 0))]
    if "yyyy" in style:
        moment = datetime(1899, 12, 30) + timedelta(seconds=round(float(value) * 86_400))
        return str(moment) if "hh" in style else str(moment.date())
    return int(value) if re.fullmatch(r"-?\d+", value) else float(value)


def same(one: Value, other: Value) -> bool:
    """Equal in type too: 1 is not 1.0 and not True."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other
