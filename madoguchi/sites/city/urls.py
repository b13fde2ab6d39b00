"""Under /city/: what the city's section decides, who works for the city, and its tablets."""

from django.urls import path

from madoguchi.panels.accounts import account_urls
from madoguchi.panels.devices import device_urls
from madoguchi.sites.city import accounts, audit, inspection, views

app_name = "city"
urlpatterns = [
    path("", views.show_list, name="proposals-list"),
    path("proposals/<int:proposal_id>/", views.show, name="proposals-show"),
    path("proposals/<int:proposal_id>/approve/", views.approve, name="proposals-approve"),
    path("proposals/<int:proposal_id>/return/", views.give_back, name="proposals-return"),
    path("proposals/<int:proposal_id>/take-back/", views.take_back, name="proposals-take-back"),
    path("simulator/", views.simulate, name="simulator-show"),
    path("audit/", audit.show_list, name="audit-list"),
    path("audit/file/", audit.take, name="audit-take"),
    path("inspection/", inspection.show_evidence, name="inspection-evidence"),
    path("inspection/evidence/", inspection.take_evidence, name="inspection-take"),
    path("inspection/reservations/", inspection.show_reservations, name="reservations-list"),
    path("inspection/offices/", inspection.show_offices, name="offices-list"),
    path("inspection/accounts/", inspection.show_accounts, name="staff-list"),
    *account_urls(accounts.SITE),
    *device_urls(accounts.SITE),
]
