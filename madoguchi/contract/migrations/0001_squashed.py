import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("contract", "0001_terms"),
        ("contract", "0002_drafts"),
    ]
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LoadedPack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("loaded_at", models.DateTimeField()),
                ("loaded_by", models.CharField(max_length=80)),
                ("content", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Ward",
            fields=[
                ("code", models.CharField(max_length=6, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=20)),
                ("counter_name", models.CharField(max_length=40)),
                ("postal_code", models.CharField(max_length=7)),
                ("address", models.CharField(max_length=120)),
                ("phone", models.CharField(max_length=13)),
                ("hours", models.CharField(max_length=120)),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Wave",
            fields=[
                ("code", models.CharField(max_length=4, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=20)),
                ("opens_on", models.DateField()),
                ("booking_opens_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["opens_on", "code"],
            },
        ),
        migrations.CreateModel(
            name="Belonging",
            fields=[
                ("code", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=200)),
                ("hint", models.CharField(blank=True, max_length=300)),
                (
                    "procedures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "procedures__contained_by",
                                ["CERT_RENEW", "CERT_ISSUE", "PIN_RESET", "PIN_CHANGE", "FACE_CHANGE"],
                            )
                        ),
                        name="contract_belonging_procedures_are_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BusinessCalendar",
            fields=[
                ("code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=40)),
                (
                    "closed_weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), size=None
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__in", ["CITY", "OFFICE", "CALL_CENTRE", "VENUE"])),
                        name="contract_businesscalendar_code_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closed_weekdays__contained_by", [0, 1, 2, 3, 4, 5, 6])),
                        name="contract_businesscalendar_weekdays_are_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("scope", models.CharField(blank=True, max_length=60)),
                ("language", models.CharField(default="ja", max_length=8)),
                ("content", models.JSONField()),
                ("base", models.JSONField()),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), size=None
                    ),
                ),
                ("effective_from", models.DateTimeField()),
                ("reason", models.CharField(max_length=200)),
                ("state", models.CharField(default="written", max_length=10)),
                ("written_at", models.DateTimeField()),
                ("written_by", models.CharField(max_length=80)),
                ("sent_at", models.DateTimeField(null=True)),
                ("sent_by", models.CharField(blank=True, max_length=80)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=80)),
                ("answer", models.CharField(blank=True, max_length=300)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "state", "effective_from"], name="contract_draft_text")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["rules", "mail", "text", "announcement"])),
                        name="contract_draft_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["written", "sent", "returned", "approved", "withdrawn"])
                        ),
                        name="contract_draft_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("written_by", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("content", {}), _negated=True),
                        ),
                        name="contract_draft_says_who_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", True), ("sent_by", "")),
                            models.Q(("sent_at__isnull", False), models.Q(("sent_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="contract_draft_sent_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by", "")),
                            models.Q(
                                ("decided_at__isnull", False), models.Q(("decided_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="contract_draft_decided_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "withdrawn"),
                                ("withdrawn_at__isnull", False),
                                models.Q(("withdrawn_by", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "withdrawn"), _negated=True),
                                ("withdrawn_at__isnull", True),
                                ("withdrawn_by", ""),
                            ),
                            _connector="OR",
                        ),
                        name="contract_draft_withdrawn_says_when_and_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True), ("sent_at__isnull", True), ("state", "written")
                            ),
                            models.Q(
                                ("decided_at__isnull", True), ("sent_at__isnull", False), ("state", "sent")
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("sent_at__isnull", False),
                                ("state__in", ["returned", "approved"]),
                            ),
                            ("state", "withdrawn"),
                            _connector="OR",
                        ),
                        name="contract_draft_goes_from_hand_to_hand",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("decided_by", models.F("written_by")), _negated=True),
                                models.Q(("decided_by", models.F("sent_by")), _negated=True),
                            ),
                            ("decided_by", ""),
                            _connector="OR",
                        ),
                        name="contract_draft_is_decided_by_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("decided_at__isnull", False),
                                ("state", "withdrawn"),
                                _negated=True,
                            ),
                            ("withdrawn_at__lt", models.F("effective_from")),
                            _connector="OR",
                        ),
                        name="contract_draft_is_not_withdrawn_once_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("state", "returned"), _negated=True),
                            models.Q(
                                models.Q(("state", "approved"), _negated=True),
                                ("answer", ""),
                                _connector="OR",
                            ),
                        ),
                        name="contract_draft_returned_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.Regex(
                                django.db.models.functions.comparison.Cast("content", models.TextField()),
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="contract_draft_content_has_no_long_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__regex",
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="contract_draft_reason_has_no_long_digits",
                        violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "answer__regex",
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="contract_draft_answer_has_no_long_digits",
                        violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GuidanceText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("language", models.CharField(max_length=8)),
                ("title", models.CharField(max_length=120)),
                ("body", models.TextField()),
                ("position", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("language", "name"), name="contract_guidancetext_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "body__regex",
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="contract_guidancetext_body_has_no_long_digits",
                        violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Procedure",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("short_name", models.CharField(max_length=20)),
                ("explanation", models.CharField(max_length=200)),
                ("minutes_alone", models.PositiveSmallIntegerField()),
                ("minutes_beside", models.PositiveSmallIntegerField()),
                ("is_enabled", models.BooleanField()),
                ("position", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "code__in",
                                ["CERT_RENEW", "CERT_ISSUE", "PIN_RESET", "PIN_CHANGE", "FACE_CHANGE"],
                            )
                        ),
                        name="contract_procedure_code_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes_alone__gt", 0)),
                        name="contract_procedure_takes_time_alone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Program",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("is_the_one", models.BooleanField(default=True, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("city_name", models.CharField(max_length=20)),
                ("municipality_code", models.CharField(max_length=6)),
                ("city_url", models.URLField()),
                ("city_section", models.CharField(max_length=60)),
                ("city_section_phone", models.CharField(max_length=13)),
                ("contractor_name", models.CharField(max_length=60)),
                ("term_starts_on", models.DateField()),
                ("term_ends_on", models.DateField()),
                ("slot_minutes", models.PositiveSmallIntegerField()),
                ("call_centre_name", models.CharField(max_length=60)),
                ("call_centre_phone", models.CharField(max_length=13)),
                ("call_centre_opens", models.TimeField()),
                ("call_centre_closes", models.TimeField()),
                ("call_centre_hours", models.CharField(max_length=120)),
                ("helpdesk_phone", models.CharField(max_length=13)),
                ("lost_card_line", models.CharField(max_length=60)),
                ("lost_card_phone", models.CharField(max_length=13)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("is_the_one", True)), name="contract_program_there_is_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("term_starts_on__lt", models.F("term_ends_on"))),
                        name="contract_program_term_starts_before_it_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("call_centre_opens__lt", models.F("call_centre_closes"))),
                        name="contract_program_call_centre_opens_before_it_closes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("slot_minutes__gt", 0)),
                        name="contract_program_slots_have_a_length",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BranchOffice",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=40)),
                ("postal_code", models.CharField(max_length=7)),
                ("address", models.CharField(max_length=120)),
                ("phone", models.CharField(max_length=13)),
                ("hours", models.CharField(max_length=120)),
                (
                    "ward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contract.ward"
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("is_open", models.BooleanField()),
                ("reason", models.CharField(max_length=60)),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="days",
                        to="contract.businesscalendar",
                    ),
                ),
            ],
            options={
                "ordering": ["calendar", "day"],
                "constraints": [
                    models.UniqueConstraint(fields=("calendar", "day"), name="contract_calendarday_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="contract_calendarday_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=40)),
                ("scope", models.CharField(blank=True, max_length=8)),
                ("value", models.JSONField()),
                ("effective_from", models.DateTimeField()),
                ("decided_by", models.CharField(max_length=80)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contract.draft",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", ""), _negated=True), name="contract_rule_says_who"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "note__regex",
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="contract_rule_note_has_no_long_digits",
                        violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostalArea",
            fields=[
                ("postal_code", models.CharField(max_length=7, primary_key=True, serialize=False)),
                ("town", models.CharField(blank=True, max_length=60)),
                ("latitude", models.FloatField(null=True)),
                ("longitude", models.FloatField(null=True)),
                (
                    "branch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contract.branchoffice",
                    ),
                ),
                (
                    "ward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contract.ward"
                    ),
                ),
            ],
            options={
                "ordering": ["postal_code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(("latitude__isnull", False), ("longitude__isnull", False)),
                            _connector="OR",
                        ),
                        name="contract_postalarea_has_both_coordinates_or_none",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION contract_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'versions are added, never changed' USING ERRCODE = 'check_violation'; END $$;
            CREATE TRIGGER contract_rules_stay BEFORE UPDATE OR DELETE ON contract_rule
                FOR EACH ROW EXECUTE FUNCTION contract_versions_stay();
            CREATE TRIGGER contract_packs_stay BEFORE UPDATE OR DELETE ON contract_loadedpack
                FOR EACH ROW EXECUTE FUNCTION contract_versions_stay();
            """,
            "DROP TRIGGER contract_rules_stay ON contract_rule; "
            "DROP TRIGGER contract_packs_stay ON contract_loadedpack; DROP FUNCTION contract_versions_stay();",
        ),
    ]
