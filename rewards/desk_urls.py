"""The addresses of the shop's working pages, below /admin/."""

from django.urls import path

from rewards.desk import counting, goods, money, stock

app_name = "rewards_desk"

urlpatterns = [
    path("shop/stock/", stock.stock, name="stock"),
    path("shop/stock/count/", counting.count, name="stock-count"),
    path("shop/stock/sheet/", stock.sheet, name="stock-sheet"),
    path("shop/goods/", goods.goods, name="goods"),
    path("shop/goods/new/", goods.add, name="goods-new"),
    path("shop/goods/<int:pk>/", goods.change, name="goods-change"),
    path("fund/", money.fund, name="fund"),
    path("fund/<int:pk>/take-back/", money.take_back, name="fund-take-back"),
    path("fund/<int:pk>/scan/", money.scan, name="fund-scan"),
]
