"""Included by the secretariat site: the contractor's accounts and shared tablets."""

from madoguchi.panels.accounts import account_urls
from madoguchi.panels.devices import device_urls
from madoguchi.sites.secretariat.admin.accounts.site import SITE

urlpatterns = [*account_urls(SITE), *device_urls(SITE)]
