"""Under /city/: what the city's section decides, and who works for the city."""

from django.urls import path

from madoguchi.sites.city import accounts, views

app_name = "city"
urlpatterns = [
    path("", views.show_list, name="proposals-list"),
    path("proposals/<int:proposal_id>/", views.show, name="proposals-show"),
    path("proposals/<int:proposal_id>/approve/", views.approve, name="proposals-approve"),
    path("proposals/<int:proposal_id>/return/", views.give_back, name="proposals-return"),
    path("simulator/", views.simulate, name="simulator-show"),
    path("accounts/", accounts.list_accounts, name="accounts-list"),
    path("accounts/add/", accounts.add_account, name="accounts-add"),
    path("accounts/<int:user_id>/", accounts.change_account, name="accounts-change"),
    path("accounts/<int:user_id>/suspend/", accounts.suspend_account, name="accounts-suspend"),
    path("accounts/<int:user_id>/resume/", accounts.resume_account, name="accounts-resume"),
    path("accounts/<int:user_id>/unlock/", accounts.unlock_account, name="accounts-unlock"),
    path("accounts/<int:user_id>/reset/", accounts.reset_account, name="accounts-reset"),
]
