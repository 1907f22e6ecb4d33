"""A drawn picture in place of a photo: nobody's face, nobody's house."""

from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (960, 600)
SKY, SUN, HAZE = "#F6E3BC", "#E07B45", "#EBC993"
FAR, NEAR, GROUND, PATH = "#B59C6E", "#7F8753", "#55623A", "#D9C092"
WALL, ROOF, WINDOW, WOOD = "#FFF4DC", "#7A2A1E", "#F2B84B", "#6B4A2B"
SKIN, HAT, BASKET, LEGS = "#D9A877", "#E8CF8E", "#8A6419", "#2B2520"
CLOTHES = ("#981218", "#2C7452", "#1D4674", "#FFF4DC")


def draw_evening() -> bytes:
    """Return a JPEG of neighbors with baskets on their way to a house on a slope."""
    picture = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(picture)
    pen.rectangle([0, 210, 960, 340], HAZE)
    pen.ellipse([150, 150, 270, 270], SUN)
    pen.polygon(
        [
            (0, 330),
            (200, 240),
            (420, 320),
            (640, 190),
            (960, 320),
            (960, 600),
            (0, 600),
        ],
        FAR,
    )
    pen.polygon(
        [(0, 420), (300, 350), (560, 410), (960, 270), (960, 600), (0, 600)], NEAR
    )
    pen.polygon([(0, 520), (420, 470), (960, 340), (960, 600), (0, 600)], GROUND)
    pen.polygon(
        [(40, 600), (210, 600), (640, 470), (800, 392), (770, 392), (560, 462)], PATH
    )
    for x in (500, 540, 920):
        _draw_tree(pen, x, 440 - x // 8)
    _draw_house(pen)
    for number, (x, foot) in enumerate(
        [(190, 572), (315, 540), (440, 506), (565, 474)]
    ):
        _draw_person(pen, x, foot, CLOTHES[number])
    file = BytesIO()
    picture.save(file, "JPEG", quality=76)
    return file.getvalue()


def _draw_house(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle([700, 262, 890, 394], WALL)
    pen.polygon([(668, 270), (730, 204), (860, 204), (922, 270)], ROOF)
    pen.rectangle([722, 300, 784, 352], WINDOW)
    pen.rectangle([815, 300, 866, 392], WOOD)
    pen.line([(753, 300), (753, 352)], WOOD, 4)
    pen.line([(722, 326), (784, 326)], WOOD, 4)


def _draw_tree(pen: ImageDraw.ImageDraw, x: int, foot: int) -> None:
    pen.line([(x, foot - 60), (x, foot)], WOOD, 6)
    pen.ellipse([x - 30, foot - 120, x + 30, foot - 40], GROUND)


def _draw_person(pen: ImageDraw.ImageDraw, x: int, foot: int, clothes: str) -> None:
    pen.line([(x - 8, foot - 42), (x - 16, foot)], LEGS, 10)
    pen.line([(x + 6, foot - 42), (x + 18, foot)], LEGS, 10)
    pen.polygon(
        [
            (x - 46, foot - 112),
            (x - 16, foot - 104),
            (x - 20, foot - 50),
            (x - 38, foot - 54),
        ],
        BASKET,
    )
    pen.rounded_rectangle([x - 20, foot - 108, x + 18, foot - 34], 14, clothes)
    pen.line([(x + 6, foot - 88), (x + 30, foot - 66)], clothes, 11)
    pen.ellipse([x - 14, foot - 140, x + 13, foot - 110], SKIN)
    pen.polygon([(x - 32, foot - 126), (x - 1, foot - 154), (x + 30, foot - 126)], HAT)
