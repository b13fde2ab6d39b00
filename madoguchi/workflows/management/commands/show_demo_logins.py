from django.core.management.base import BaseCommand

from madoguchi.accounts.selectors import demo_accounts


class Command(BaseCommand):
    help = "Print the demo logins of a training system; each enters with one press on the sign-in page."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write("\nDemo logins (press the name on the sign-in page, no password):")
        for account in demo_accounts():
            self.stdout.write(f"  {account.username:<12} {account.organisation}  {account.display_name}")
