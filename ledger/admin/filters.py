"""The filters beside the ledger's lists."""

from django.contrib.admin import RelatedOnlyFieldListFilter

BY_VILLAGE = ("village", RelatedOnlyFieldListFilter)
BY_PERIOD = ("period", RelatedOnlyFieldListFilter)
