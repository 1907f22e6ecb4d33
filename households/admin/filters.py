"""The filters beside the lists of every app."""

from django.contrib.admin import RelatedOnlyFieldListFilter

BY_VILLAGE = ("village", RelatedOnlyFieldListFilter)
