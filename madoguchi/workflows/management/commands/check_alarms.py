from django.core.management.base import BaseCommand, CommandError

from madoguchi.workflows.operations.status import gauges, system_status


class Command(BaseCommand):
    help = "Print every gauge that is beyond its limit, and end with 1 when there is one (deploy/alarms.yml)."

    def handle(self, *args: object, **options: object) -> None:
        alarms = [gauge for gauge in gauges(system_status()) if gauge.is_alarm]
        for gauge in alarms:
            self.stdout.write(f"{gauge.name} {gauge.value:.0f} > {gauge.limit:.0f}: {gauge.meaning}")
        if alarms:
            raise CommandError(f"{len(alarms)}件の警報があります。")
