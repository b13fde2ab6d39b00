from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contract", "0003_taken_back"),
        ("offices", "0002_assignments_in_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="office",
            name="notes",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "notes__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="offices_office_notes_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
    ]
