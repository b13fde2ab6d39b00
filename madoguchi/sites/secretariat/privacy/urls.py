"""Under /secretariat/: retention, erasure, disclosure and exported files (仕様書 6)."""

from django.urls import path

from madoguchi.sites.secretariat.privacy.exports import views as exports
from madoguchi.sites.secretariat.privacy.retention import personal
from madoguchi.sites.secretariat.privacy.retention import views as retention

urlpatterns = [
    path("exports/", exports.show_list, name="exports-list"),
    path("exports/<uuid:export_id>/take/", exports.take, name="exports-take"),
    path("exports/<uuid:export_id>/remove/", exports.remove, name="exports-remove"),
    path("retention/", retention.show, name="retention"),
    path(
        "retention/<uuid:erasure_id>/certificate/", retention.take_certificate, name="retention-certificate"
    ),
    # Under personal/: only for the few who erase and disclose.
    path("personal/", personal.find, name="personal"),
    path("personal/erasures/add/", retention.order, name="personal-order"),
    path("personal/<uuid:record_id>/", personal.show, name="personal-show"),
    path("personal/<uuid:record_id>/disclose/", personal.disclose, name="personal-disclose"),
    path("personal/<uuid:record_id>/erase/", personal.erase, name="personal-erase"),
    path("personal/<uuid:record_id>/preserve/", personal.preserve, name="personal-preserve"),
    path("personal/<uuid:record_id>/release/", personal.release, name="personal-release"),
]
