"""Re-encode one untrusted photo in a process of its own, inside hard limits.

Takes the file on standard input and writes `ok` and a JPEG, or the code of a
refusal, on standard output. It needs neither Django nor the database.
"""

import io
import resource
import sys

from PIL import Image, ImageOps

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 10

FORMATS = ["JPEG", "PNG", "WEBP"]
PIXELS = 50_000_000
SIDE = 12_000
EDGE = 1_600
QUALITY = 80

# A photo that the public page carries: tried smaller until it is light enough.
LIGHT = "light"
LIGHT_BYTES = 40_000
LIGHT_TRIES = [(960, 76), (960, 62), (800, 58), (640, 55), (480, 50), (320, 40)]

# A phone may store a second picture (depth, brightness) behind the first one of
# an ordinary JPEG; only the first is read.
_STILL_WITH_EXTRAS = "MPO"


class Refused(Exception):
    """The photo is not read; the code names the reason."""


def encode(content: bytes, *, light: bool = False) -> bytes:
    """Return the photo as a JPEG of our own making: upright, small, nothing else.

    A light one has at most 40,000 bytes.
    """
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        _check(image)
        return _draw_light(image) if light else _pack(_draw(image, EDGE), QUALITY)
    except Image.DecompressionBombError:
        raise Refused("large") from None
    except (Refused, MemoryError):
        raise
    except Exception:
        # Whatever a decoder says about bytes from outside, the answer is one.
        raise Refused("unreadable") from None


def _check(image: Image.Image) -> None:
    width, height = image.size
    if max(width, height) > SIDE or width * height > PIXELS:
        raise Refused("large")
    if image.format != _STILL_WITH_EXTRAS and getattr(image, "n_frames", 1) != 1:
        raise Refused("moving")


def _draw(image: Image.Image, edge: int) -> Image.Image:
    if image.mode not in ("RGB", "L"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((edge, edge))
    image = ImageOps.exif_transpose(image)
    # A fresh canvas: comments, profiles and positions stay behind.
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image if image.mode == "RGBA" else None)
    return canvas


def _draw_light(image: Image.Image) -> bytes:
    canvas = _draw(image, LIGHT_TRIES[0][0])
    for edge, quality in LIGHT_TRIES:
        canvas.thumbnail((edge, edge))
        packed = _pack(canvas, quality)
        if len(packed) <= LIGHT_BYTES:
            return packed
    # Not even noise of that size is larger.
    raise Refused("large")


def _pack(canvas: Image.Image, quality: int) -> bytes:
    encoded = io.BytesIO()
    canvas.save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        content = sys.stdin.buffer.read()
        answer = b"ok\n" + encode(content, light=LIGHT in sys.argv[1:])
    except Refused as refused:
        answer = str(refused).encode()
    except MemoryError:
        answer = b"large"
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
