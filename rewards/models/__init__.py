from rewards.models.fund import FundMovement
from rewards.models.goods import Price, Reward, Shortage, StockMovement
from rewards.models.redemptions import Cancellation, Redemption, RedemptionLine

__all__ = [
    "Cancellation",
    "FundMovement",
    "Price",
    "Redemption",
    "RedemptionLine",
    "Reward",
    "Shortage",
    "StockMovement",
]
