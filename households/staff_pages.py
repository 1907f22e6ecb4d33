"""Which village a staff page is about, who may open it, and its frame."""

from functools import wraps

from django.contrib import admin
from django.core.validators import slug_re
from django.http import Http404
from django.shortcuts import get_object_or_404, render

from households.models import Village


def staff_page(permission: str):
    """Let in staff who hold a permission in the page's village, and hand it over.

    The village is the one named by the field `village`, else the first in which
    the permission is held. Everyone else meets "not found".
    """

    def decorate(view):
        @wraps(view)
        def with_village(request, *args, **kwargs):
            village = _village(request, permission)
            return view(request, village, *args, **kwargs)

        return admin.site.admin_view(with_village)

    return decorate


def staff_object(queryset, permission: str, *, cacheable: bool = False):
    """Let in staff who hold a permission in the village of one object; hand it over."""

    def decorate(view):
        @wraps(view)
        def with_object(request, pk, *args, **kwargs):
            found = get_object_or_404(queryset().visible_to(request.user), pk=pk)
            require(request, permission, found)
            return view(request, found, *args, **kwargs)

        return admin.site.admin_view(with_object, cacheable=cacheable)

    return decorate


def require(request, permission: str, found) -> None:
    """Say "not found" to whoever lacks a permission where an object belongs."""
    if not request.user.has_perm(permission, found):
        raise Http404


def page(request, template: str, village: Village, title: str, **context):
    """Render a working page inside the admin's frame."""
    frame = admin.site.each_context(request)
    context |= {"village": village, "title": title}
    return render(request, template, {**frame, **context})


def _village(request, permission):
    allowed = (
        Village.objects.where_allowed(request.user, permission)
        .select_related("policy")
        .order_by("township_id", "position", "pk")
    )
    slug = request.POST.get("village") or request.GET.get("village")
    if slug and not slug_re.fullmatch(slug):
        raise Http404
    village = allowed.filter(slug=slug).first() if slug else allowed.first()
    if village is None:
        raise Http404
    return village
