"""The addresses of the staff's working pages, below /admin/."""

from django.urls import path, register_converter

from ledger.converters import MonthConverter
from ledger.desk import (
    activities,
    activity_papers,
    changing,
    correcting,
    deciding,
    declaring,
    household_slips,
    importing,
    objecting,
    photos,
    publishing,
    receiving,
    recording,
    reviewing,
    signing_in,
    stories,
    story_writing,
    withdrawing,
)

register_converter(MonthConverter, "ledger_month")

app_name = "ledger_desk"

urlpatterns = [
    path("cards/strips/", household_slips.household_slips, name="household-slips"),
    path("entry/", recording.entry, name="entry"),
    path("entry/import/", importing.deeds_import, name="import"),
    path("entry/import/template/", importing.template, name="import-template"),
    path("entry/import/<uuid:pk>/", importing.batch, name="import-batch"),
    path("entry/import/<uuid:pk>/refused/", importing.refused, name="import-refused"),
    path("entry/import/<uuid:pk>/confirm/", importing.confirm, name="import-confirm"),
    path("entry/import/<uuid:pk>/stop/", importing.stop, name="import-stop"),
    path("entry/import/<uuid:pk>/seen/", importing.seen, name="import-seen"),
    path("entry/<uuid:key>/", recording.entry_result, name="entry-result"),
    path("entry/<uuid:key>/change/", changing.entry_change, name="entry-change"),
    path("entry/<uuid:key>/undo/", recording.entry_withdraw, name="entry-undo"),
    path("declarations/", declaring.declarations, name="declarations"),
    path("declarations/new/", declaring.declare, name="declaration-new"),
    path("declarations/<int:pk>/accept/", declaring.accept, name="declaration-accept"),
    path(
        "declarations/<int:pk>/decline/", declaring.decline, name="declaration-decline"
    ),
    path("declarations/<int:pk>/undo/", declaring.undo, name="declaration-undo"),
    path("declarations/web/<int:pk>/accept/", receiving.accept, name="filed-accept"),
    path("declarations/web/<int:pk>/decline/", receiving.decline, name="filed-decline"),
    path("declarations/web/<int:pk>/undo/", receiving.undo, name="filed-undo"),
    path("declarations/web/<int:pk>/photo/", receiving.photo, name="filed-photo"),
    path("review/", reviewing.review_list, name="review-list"),
    path("review/deeds/<int:pk>/", reviewing.deed, name="review-deed"),
    path("review/<ledger_month:month>/", reviewing.review, name="review"),
    path(
        "review/<ledger_month:month>/approve/",
        deciding.approve_ticked,
        name="review-approve",
    ),
    path("review/<ledger_month:month>/later/", deciding.put_aside, name="review-later"),
    path("review/<ledger_month:month>/undo/", deciding.undo, name="review-undo"),
    path("publication/", publishing.publication_list, name="publication-list"),
    path(
        "publication/<ledger_month:month>/", publishing.publication, name="publication"
    ),
    path(
        "publication/<ledger_month:month>/cut-off/",
        publishing.cut_off,
        name="publication-cut-off",
    ),
    path(
        "publication/<ledger_month:month>/publish/",
        publishing.publish,
        name="publication-publish",
    ),
    path(
        "publication/<ledger_month:month>/withdraw/",
        withdrawing.withdraw,
        name="publication-withdraw",
    ),
    path(
        "publication/<ledger_month:month>/finalize/",
        publishing.finalize,
        name="publication-finalize",
    ),
    path("corrections/", correcting.corrections, name="corrections"),
    path("corrections/<int:pk>/", correcting.decide, name="correction"),
    path("corrections/of/<int:pk>/", correcting.propose, name="correction-propose"),
    path("objections/", objecting.objections, name="objections"),
    path("objections/new/", objecting.file, name="objection-new"),
    path("objections/<int:pk>/", objecting.answer, name="objection"),
    path("objections/<int:pk>/pass-on/", objecting.pass_on, name="objection-pass-on"),
    path("stories/", stories.stories, name="stories"),
    path("stories/new/", stories.choose, name="story-new"),
    path("stories/of/<int:pk>/", story_writing.write, name="story-write"),
    path("stories/<int:pk>/", stories.story, name="story"),
    path("stories/<int:pk>/change/", story_writing.change, name="story-change"),
    path("stories/<int:pk>/hand-over/", stories.hand_over, name="story-hand-over"),
    path("stories/<int:pk>/publish/", stories.publish, name="story-publish"),
    path("stories/<int:pk>/withdraw/", stories.withdraw, name="story-withdraw"),
    path("stories/<int:pk>/photo/", stories.photo, name="story-photo"),
    path("activities/", activities.activities, name="activities"),
    path("activities/new/", activities.plan, name="activity-new"),
    path("activities/<int:pk>/", activities.activity, name="activity"),
    path("activities/<int:pk>/change/", activities.change, name="activity-change"),
    path("activities/<int:pk>/publish/", activities.publish, name="activity-publish"),
    path("activities/<int:pk>/cancel/", activities.cancel, name="activity-cancel"),
    path("activities/<int:pk>/sign-in/", signing_in.sign_ins, name="activity-sign-ins"),
    path("activities/<int:pk>/close/", signing_in.close, name="activity-close"),
    path("activities/<int:pk>/sheet/", activity_papers.sheet, name="activity-sheet"),
    path("activities/<int:pk>/code/", activity_papers.code, name="activity-code"),
    path("evidence/<int:pk>/", photos.evidence, name="evidence"),
]
