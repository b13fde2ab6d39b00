"""Under /secretariat/: rules, master data, proposals and the simulator (仕様書 4(3)ア)."""

from django.urls import path

from madoguchi.sites.secretariat.approvals.master import views as master
from madoguchi.sites.secretariat.approvals.proposals import views as proposals
from madoguchi.sites.secretariat.approvals.rules import views as rules

urlpatterns = [
    path("offices/<slug:code>/rules/", rules.show_rules, name="offices-rules"),
    path("master/", master.show_master, name="master-show"),
    path("rules/", rules.show_rules, name="rules-show"),
    path("proposals/", proposals.show_list, name="proposals-list"),
    path("proposals/new/<slug:kind>/", proposals.add, name="proposals-add"),
    path("proposals/new/<slug:kind>/<str:scope>/", proposals.add, name="proposals-add"),
    path("proposals/<int:proposal_id>/", proposals.show, name="proposals-show"),
    path("proposals/<int:proposal_id>/edit/", proposals.edit, name="proposals-edit"),
    path("proposals/<int:proposal_id>/send/", proposals.send, name="proposals-send"),
    path("proposals/<int:proposal_id>/withdraw/", proposals.withdraw, name="proposals-withdraw"),
    path("simulator/", proposals.simulate, name="simulator-show"),
]
