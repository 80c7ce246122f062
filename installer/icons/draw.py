"""Draw the program's icon and the setup's pictures: the shapes of static/icon.svg.

Usage: pip install pillow && python installer/icons/draw.py, after a change of the shapes; the
result is kept beside this file, so that a build needs no drawing.
"""

from pathlib import Path

from PIL import Image, ImageDraw

SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
UNITS = 32
"""Of the SVG's view box."""
TRAY_SIZES = (16, 20, 22, 24, 32, 48)
FINE = 4
"""Drawn this many times larger and scaled down, for smooth corners."""
GREEN = "#0b6e5f"


def draw(size: int, corner: float = 7) -> Image.Image:
    """Without round corners (0) where a phone cuts them: the shapes lie within its circle."""
    scale = size * FINE / UNITS
    large = Image.new("RGBA", (size * FINE, size * FINE))
    pen = ImageDraw.Draw(large)

    def box(
        x: float, y: float, x2: float, y2: float, radius: float, fill: str, *round_: bool
    ) -> None:
        area = [x * scale, y * scale, x2 * scale - 1, y2 * scale - 1]
        pen.rounded_rectangle(area, radius * scale, fill, corners=round_ or (True,) * 4)

    box(0, 0, 32, 32, corner, GREEN)
    # The corners' order: top left, top right, bottom right, bottom left.
    box(7, 7, 25, 12, 2, "white", True, True, False, False)
    box(7, 14, 14, 18, 0, "white")
    box(16, 14, 25, 18, 0, "white")
    box(7, 20, 14, 25, 2, "white", False, False, False, True)
    box(16, 20, 25, 25, 2, "white", False, False, True, False)
    return large.resize((size, size), Image.Resampling.LANCZOS)


def draw_side(width: int, height: int) -> Image.Image:
    """The tall picture of the wizard's first and last page: the icon on a quiet ground."""
    side = Image.new("RGB", (width, height), "#e0f0ec")
    icon = draw(width // 2)
    side.paste(icon, ((width - icon.width) // 2, height // 5), icon)
    return side


def draw_corner(size: int) -> Image.Image:
    corner = Image.new("RGB", (size, size), "white")
    icon = draw(size)
    corner.paste(icon, (0, 0), icon)
    return corner


if __name__ == "__main__":
    folder = Path(__file__).resolve().parent
    images = [draw(size) for size in SIZES]
    images[-1].save(folder / "app.png", optimize=True)
    # For the home screen of a phone.
    for size in (192, 512):
        place = folder.parent.parent / "static" / "desktop" / f"icon-{size}.png"
        draw(size).save(place, optimize=True)
    for name, size in (("touch-180", 180), ("maskable-512", 512)):
        place = folder.parent.parent / "static" / "desktop" / f"icon-{name}.png"
        draw(size, 0).convert("RGB").save(place, optimize=True)
    images[-1].save(
        folder / "app.ico", sizes=[(size, size) for size in SIZES], append_images=images[:-1]
    )
    small = [draw(size) for size in TRAY_SIZES]
    # As bitmaps, which the shell can also hand to a desktop that knows no such file.
    small[-1].save(
        folder.parent.parent / "static" / "desktop" / "tray.ico",
        sizes=[(size, size) for size in TRAY_SIZES],
        append_images=small[:-1],
        bitmap_format="bmp",
    )
    # Twice the usual size: the wizard scales them for the screen.
    draw_side(328, 628).save(folder / "wizard-large.bmp")
    draw_corner(110).save(folder / "wizard-small.bmp")
