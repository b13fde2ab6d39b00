from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contract", "0003_taken_back"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_proposal_kind_is_known",
        ),
        migrations.AddField(
            model_name="proposal",
            name="applied_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="rule",
            name="value",
            field=models.JSONField(null=True),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["rules", "mail", "text", "announcement", "wave", "office", "belonging", "procedure"],
                    )
                ),
                name="contract_proposal_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("applied_at__isnull", True),
                    models.Q(
                        ("applied_at__gte", models.F("effective_from")),
                        ("kind__in", ["wave", "office", "belonging", "procedure"]),
                        ("state", "approved"),
                    ),
                    _connector="OR",
                ),
                name="contract_proposal_is_applied_once_approved_and_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("value__isnull", False), models.Q(("scope", ""), _negated=True), _connector="OR"
                ),
                name="contract_rule_only_an_office_gives_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="wave",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "booking_opens_at__lt",
                        models.Func(
                            "opens_on",
                            output_field=models.DateTimeField(),
                            template="((%(expressions)s + 1)::timestamp AT TIME ZONE 'Asia/Tokyo')",
                        ),
                    )
                ),
                name="contract_wave_takes_bookings_before_it_opens",
            ),
        ),
    ]
