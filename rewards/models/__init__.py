from rewards.models.awards import Award, AwardNote, AwardRound
from rewards.models.fund import FundMovement
from rewards.models.gifts import AwardGift, GiftHandover, GiftReturn
from rewards.models.goods import Price, Reward, Shortage, StockMovement
from rewards.models.redemptions import Cancellation, Redemption, RedemptionLine

__all__ = [
    "Award",
    "AwardGift",
    "AwardNote",
    "AwardRound",
    "Cancellation",
    "FundMovement",
    "GiftHandover",
    "GiftReturn",
    "Price",
    "Redemption",
    "RedemptionLine",
    "Reward",
    "Shortage",
    "StockMovement",
]
