"""Channels of the secretariat and of a counter. What the secretariat registered before stays PHONE."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offices", "0002_assignments_in_accounts"),
        ("reservations", "0008_form_data_sealed_anew"),
        ("sealing", "0002_unreadable_values"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reservation",
            name="reservations_reservation_channel_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="wait",
            name="reservations_wait_channel_is_known",
        ),
        migrations.AlterField(
            model_name="reservation",
            name="channel",
            field=models.CharField(
                choices=[
                    ("WEB", "Web"),
                    ("PHONE", "電話"),
                    ("PARTNER", "連携"),
                    ("SECRETARIAT", "事務局"),
                    ("COUNTER", "窓口"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="wait",
            name="channel",
            field=models.CharField(
                choices=[
                    ("WEB", "Web"),
                    ("PHONE", "電話"),
                    ("PARTNER", "連携"),
                    ("SECRETARIAT", "事務局"),
                    ("COUNTER", "窓口"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["WEB", "PHONE", "PARTNER", "SECRETARIAT", "COUNTER"])),
                name="reservations_reservation_channel_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["WEB", "PHONE", "PARTNER", "SECRETARIAT", "COUNTER"])),
                name="reservations_wait_channel_is_known",
            ),
        ),
    ]
