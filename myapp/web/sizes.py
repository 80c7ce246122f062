"""Sizes of files in words."""


def size(count: int) -> str:
    """Bytes as a person reads them: 900 bytes, 12 kB, 3.4 MB, 120 MB."""
    if count < 1_000:
        return f"{count} {'byte' if count == 1 else 'bytes'}"
    number, unit = (count / 1e9, "GB") if count >= 1e9 else (count / 1e6, "MB")
    if count < 1e6:
        return f"{count // 1_000} kB"
    return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
