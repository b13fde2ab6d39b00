"""Under /secretariat/: rules, proposals and the simulator (仕様書 4(3)ア)."""

from django.urls import path

from madoguchi.sites.secretariat.approvals.drafts import views as drafts
from madoguchi.sites.secretariat.approvals.rules import views as rules

urlpatterns = [
    path("offices/<slug:code>/rules/", rules.show_rules, name="offices-rules"),
    path("offices/<slug:code>/history/", rules.show_history, name="offices-history"),
    path("rules/", rules.show_rules, name="rules-show"),
    path("drafts/", drafts.show_list, name="drafts-list"),
    path("drafts/new/<slug:kind>/", drafts.add, name="drafts-add"),
    path("drafts/new/<slug:kind>/<str:scope>/", drafts.add, name="drafts-add"),
    path("drafts/<int:draft_id>/", drafts.show, name="drafts-show"),
    path("drafts/<int:draft_id>/edit/", drafts.edit, name="drafts-edit"),
    path("drafts/<int:draft_id>/send/", drafts.send, name="drafts-send"),
    path("drafts/<int:draft_id>/withdraw/", drafts.withdraw, name="drafts-withdraw"),
    path("simulator/", drafts.simulate, name="simulator-show"),
]
