from django.core.management.base import BaseCommand
from django.template.loader import render_to_string

from madoguchi.sites.citizen.pages import frame


class Command(BaseCommand):
    help = "Print the page that the web server shows while the application is down (deploy/nginx.conf)."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(render_to_string("citizen/maintenance.html", {"frame": frame()}))
