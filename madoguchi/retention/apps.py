from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "madoguchi.retention"
    label = "retention"
