from django.urls import path, re_path, register_converter

from ledger.converters import MonthConverter, YearConverter
from ledger.public import (
    activities,
    arriving,
    declaring,
    honours,
    objecting,
    own_data_pages,
    paper,
    passbook_pages,
    poster,
    repairing,
    rules_sheet,
    story_pages,
    taking_back,
    views,
)

register_converter(MonthConverter, "month")
register_converter(YearConverter, "year")

app_name = "ledger"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("v/<slug:slug>/", views.board, name="board"),
    path("v/<slug:slug>/months/", views.archive, name="archive"),
    path("v/<slug:slug>/months/<month:month>/", views.month, name="month"),
    path(
        "v/<slug:slug>/months/<month:month>/publication.json",
        views.publication_json,
        name="publication-json",
    ),
    path(
        "v/<slug:slug>/months/<month:month>/standings.csv",
        views.standings,
        name="standings-csv",
    ),
    path("v/<slug:slug>/poster/<month:month>/", poster.poster, name="poster"),
    path("v/<slug:slug>/find/", views.find, name="find"),
    path("v/<slug:slug>/groups/<int:number>/", views.group, name="group"),
    path("v/<slug:slug>/rules/", views.rules, name="rules"),
    path("v/<slug:slug>/rules/sheet/", rules_sheet.sheet, name="rules-sheet"),
    path("v/<slug:slug>/rules/<int:version>/", views.rules, name="rules-version"),
    path("v/<slug:slug>/declare/", declaring.declare, name="declare"),
    path(
        "v/<slug:slug>/declare/done/<slug:receipt>/",
        declaring.declared,
        name="declare-done",
    ),
    path("v/<slug:slug>/objection/", objecting.objection, name="objection"),
    path(
        "v/<slug:slug>/objection/done/<slug:receipt>/",
        objecting.objected,
        name="objection-done",
    ),
    path(
        "v/<slug:slug>/repair/done/<slug:receipt>/",
        repairing.repair_asked,
        name="repair-done",
    ),
    path("v/<slug:slug>/honours/<year:year>/", honours.honours, name="honours"),
    path("v/<slug:slug>/paper/declare/", paper.declare, name="paper-declare"),
    path("v/<slug:slug>/paper/objection/", paper.objection, name="paper-objection"),
    path("v/<slug:slug>/activities/", activities.activities, name="activities"),
    path("v/<slug:slug>/stories/", story_pages.stories, name="stories"),
    path("v/<slug:slug>/stories/<int:number>/", story_pages.story, name="story"),
    path(
        "v/<slug:slug>/stories/<int:number>/photo.jpg",
        story_pages.photo,
        name="story-photo",
    ),
    # Whatever stands there is answered by one page, so that no redirect and no
    # other answer tells a code that is well made from one that is not.
    re_path(r"^p/(?P<token>[\s\S]*)$", passbook_pages.open_passbook, name="card"),
    path("my/", passbook_pages.passbook, name="passbook"),
    path("my/print/", passbook_pages.print_passbook, name="passbook-print"),
    path("my/here/", arriving.arrived, name="arrived"),
    path("my/here/<str:code>/", arriving.arrive, name="arrive"),
    path("my/data/", own_data_pages.own_data, name="own-data"),
    path("my/data/file/", own_data_pages.own_file, name="own-file"),
    *(
        path(
            f"my/data/{name}/",
            taking_back.consent,
            {"asked": asked},
            name=f"own-{name}",
        )
        for name, asked in taking_back.CONSENTS
    ),
    path("my/data/stories/<int:number>/", taking_back.story, name="own-story"),
    path("my/declare/", declaring.own_declare, name="own-declare"),
    path(
        "my/declare/done/<slug:receipt>/",
        declaring.own_declared,
        name="own-declare-done",
    ),
    path("my/objection/", objecting.own_objection, name="own-objection"),
    path(
        "my/objection/done/<slug:receipt>/",
        objecting.own_objected,
        name="own-objection-done",
    ),
    path("my/repair/", repairing.own_repair, name="own-repair"),
    path(
        "my/repair/back/<slug:number>/",
        taking_back.repair,
        name="own-repair-back",
    ),
    path("my/lists/<int:number>/", taking_back.place, name="own-list"),
    path(
        "my/repair/done/<slug:receipt>/",
        repairing.own_repair_asked,
        name="own-repair-done",
    ),
    path("about/privacy/", views.privacy, name="privacy"),
    path("about/accessibility/", views.accessibility, name="accessibility"),
    path("about/verify/", views.verify, name="verify"),
]
