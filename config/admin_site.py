from django.contrib.admin import AdminSite


class LedgerAdminSite(AdminSite):
    pass
