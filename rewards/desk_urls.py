"""The addresses of the shop's working pages, below /admin/."""

from django.urls import path, register_converter

from ledger.converters import YearConverter
from rewards.desk import (
    awards,
    counter,
    counting,
    gifts,
    goods,
    money,
    reports,
    slips,
    stock,
)

register_converter(YearConverter, "reported_year")

app_name = "rewards_desk"

urlpatterns = [
    path("shop/", counter.counter, name="counter"),
    path("shop/paper/", counter.paper, name="paper"),
    path("shop/shortages/", slips.shortages, name="shortages"),
    path("shop/slips/", slips.slips, name="slips"),
    path("shop/slip/<int:pk>/", slips.slip, name="slip"),
    path("shop/slip/<int:pk>/cancel/", slips.cancel, name="slip-cancel"),
    path("shop/stock/", stock.stock, name="stock"),
    path("shop/stock/count/", counting.count, name="stock-count"),
    path("shop/stock/sheet/", stock.sheet, name="stock-sheet"),
    path("shop/goods/", goods.goods, name="goods"),
    path("shop/goods/new/", goods.add, name="goods-new"),
    path("shop/goods/<int:pk>/", goods.change, name="goods-change"),
    path("shop/gifts/", gifts.gifts, name="gifts"),
    path("shop/gifts/sheet/", gifts.sheet, name="gifts-sheet"),
    path("shop/gifts/<int:pk>/undo/", gifts.take_back, name="gift-undo"),
    path("awards/", awards.newest, name="awards"),
    path("awards/<reported_year:year>/", awards.awards, name="award-round"),
    path("reports/", reports.newest, name="reports"),
    path("reports/<reported_year:year>/", reports.report, name="report"),
    path("reports/<reported_year:year>/export/", reports.export, name="report-export"),
    path(
        "reports/<reported_year:year>/progress/",
        reports.progress,
        name="report-progress",
    ),
    path("fund/", money.fund, name="fund"),
    path("fund/<int:pk>/take-back/", money.take_back, name="fund-take-back"),
    path("fund/<int:pk>/scan/", money.scan, name="fund-scan"),
]
