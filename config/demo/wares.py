"""What the demo's shops sell: names, prices, and how full the shelf is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ware:
    """One kind of goods: its price in points and in fen, and how full the shelf is.

    The full shelf is for a hundred households.
    """

    name: str
    unit: str
    picture: str
    points: int
    fen: int
    full: int
    low: int
    liked: int


WARES = (
    Ware("食盐", "袋", "salt", 2, 180, 30, 10, 5),
    Ware("酱油", "瓶", "sauce", 8, 780, 17, 6, 5),
    Ware("洗衣粉", "袋", "powder", 10, 950, 14, 6, 5),
    Ware("毛巾", "条", "towel", 5, 460, 16, 5, 2),
    Ware("香皂", "块", "soap", 4, 380, 18, 5, 2),
    Ware("大米", "袋", "rice", 20, 1900, 4, 2, 1),
    Ware("食用油", "桶", "oil", 30, 2850, 1, 1, 1),
)
SALT, OIL = WARES[0], WARES[-1]
