from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "madoguchi.workflows"
    label = "workflows"
