"""Under /city/: what the city's section decides."""

from django.urls import path

from madoguchi.sites.city import views

app_name = "city"
urlpatterns = [
    path("", views.show_list, name="drafts-list"),
    path("drafts/<int:draft_id>/", views.show, name="drafts-show"),
    path("drafts/<int:draft_id>/approve/", views.approve, name="drafts-approve"),
    path("drafts/<int:draft_id>/return/", views.give_back, name="drafts-return"),
    path("simulator/", views.simulate, name="simulator-show"),
]
