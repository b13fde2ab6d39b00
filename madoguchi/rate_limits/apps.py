from django.apps import AppConfig


class RateLimitsConfig(AppConfig):
    name = "madoguchi.rate_limits"
    label = "rate_limits"
