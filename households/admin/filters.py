from django.contrib.admin import RelatedOnlyFieldListFilter

BY_VILLAGE = ("village", RelatedOnlyFieldListFilter)
