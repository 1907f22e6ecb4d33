"""好人好事: the list of stories, one story, its photo."""

from django.http import Http404
from django.utils import timezone
from django.views.decorators.http import require_safe

from households.downloads import hand_out_photo
from ledger.public import pages
from ledger.public.noticeboard import Noticeboard
from ledger.public.stories import (
    StoryList,
    as_read,
    find_story,
    marks_of,
    neighbors_of,
    photo_size,
    recorded_as,
    shows_photo,
    stories_of,
    was_taken_down,
)


@require_safe
def stories(request, slug):
    """Show the good deeds told with their family's consent."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    told = StoryList.asked(
        noticeboard.village,
        request.GET.get("pillar", ""),
        request.GET.get("page", ""),
    )
    return pages.page(
        request,
        "ledger/stories.html",
        (noticeboard.facts(today), told.facts()),
        lambda: {**noticeboard.furniture(), **told.content()},
    )


@require_safe
def story(request, slug, number):
    """Tell one good deed; 410 when its family does not want it told any more."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    village = noticeboard.village
    found = find_story(village, number)
    if found is None:
        is_gone = was_taken_down(village, number)
        page = {**noticeboard.furniture(), "is_gone": is_gone}
        status = 410 if is_gone else 404
        return pages.answer_once(request, "ledger/no_story.html", page, status=status)
    marks = marks_of(stories_of(village).filter(pk=found.pk))
    neighbors = neighbors_of(found)
    return pages.page(
        request,
        "ledger/story.html",
        (noticeboard.facts(today), marks, *neighbors.values()),
        lambda: {
            **noticeboard.furniture(),
            **neighbors,
            "story": as_read(found),
            "photo": photo_size(found),
            "recorded_as": recorded_as(found.deed),
        },
    )


@require_safe
def photo(request, slug, number):
    """Hand out the photo of a story whose family agreed to show it.

    :raises Http404: for every other story
    """
    found = find_story(Noticeboard.of(slug).village, number)
    if found is None or not shows_photo(found):
        raise Http404
    try:
        response = hand_out_photo(found.photo)
    except FileNotFoundError as gone:
        raise Http404 from gone
    # Nobody keeps it: once it is taken down, the next look shows nothing.
    response.headers["X-Robots-Tag"] = "noindex, noimageindex"
    return response
