import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("offices", "0001_initial"),
        ("offices", "0002_pause"),
        ("offices", "0003_fewer_indexes"),
    ]
    dependencies = [
        ("contract", "0001_squashed"),
        ("notifications", "0001_squashed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Office",
            fields=[
                ("code", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("short_name", models.CharField(max_length=40)),
                ("kana", models.CharField(blank=True, max_length=80)),
                ("postal_code", models.CharField(max_length=7)),
                ("address", models.CharField(max_length=120)),
                ("phone", models.CharField(blank=True, max_length=16)),
                ("access", models.CharField(blank=True, max_length=200)),
                ("facilities", models.CharField(blank=True, max_length=200)),
                ("post_office_number", models.CharField(blank=True, max_length=5)),
                ("latitude", models.FloatField(null=True)),
                ("longitude", models.FloatField(null=True)),
                ("is_demo", models.BooleanField(default=False)),
                (
                    "ward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contract.ward"
                    ),
                ),
                (
                    "wave",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contract.wave"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DayHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                ("minutes", django.contrib.postgres.fields.ranges.IntegerRangeField()),
                ("seats", models.PositiveSmallIntegerField()),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_hours",
                        to="offices.office",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CapacityPreset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "day_kind",
                    models.CharField(
                        choices=[
                            ("PENSION_DAY", "年金支給日（偶数月15日）"),
                            ("FIVE_TEN_DAY", "5・10日"),
                            ("MONTH_END", "月末"),
                            ("MONDAY_MORNING", "月曜日の午前"),
                            ("FRIDAY_AFTERNOON", "金曜日の午後"),
                        ],
                        max_length=20,
                    ),
                ),
                ("keep_one_in", models.PositiveSmallIntegerField()),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "office",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="presets",
                        to="offices.office",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OfficeAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="offices.office",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("TYPHOON", "台風・大雨など"),
                            ("DISASTER", "災害"),
                            ("FACILITY", "設備の点検・工事"),
                            ("EQUIPMENT", "機器の不具合"),
                            ("ACCIDENT", "郵便局の事故"),
                            ("NATIONAL_SYSTEM", "国のシステムの停止"),
                            ("STAFF", "係員の都合"),
                            ("TRAINING", "研修"),
                            ("OFFICE_HOLIDAY", "郵便局の休業"),
                            ("OTHER", "その他"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "offices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), size=None
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("is_open_ended", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=80)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.CharField(blank=True, max_length=80)),
                (
                    "announcement",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="notifications.announcement",
                    ),
                ),
                (
                    "procedure",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contract.procedure",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("TYPHOON", "台風・大雨など"),
                            ("DISASTER", "災害"),
                            ("FACILITY", "設備の点検・工事"),
                            ("EQUIPMENT", "機器の不具合"),
                            ("ACCIDENT", "郵便局の事故"),
                            ("NATIONAL_SYSTEM", "国のシステムの停止"),
                            ("STAFF", "係員の都合"),
                            ("TRAINING", "研修"),
                            ("OFFICE_HOLIDAY", "郵便局の休業"),
                            ("OTHER", "その他"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=80)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=80)),
                (
                    "office",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closures",
                        to="offices.office",
                    ),
                ),
                (
                    "pause",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closures",
                        to="offices.pause",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("capacity", models.PositiveSmallIntegerField()),
                (
                    "office",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="offices.office",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WeeklyHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField()),
                ("minutes", django.contrib.postgres.fields.ranges.IntegerRangeField()),
                ("seats", models.PositiveSmallIntegerField()),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="weekly_hours",
                        to="offices.office",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(("latitude__isnull", False), ("longitude__isnull", False)),
                    _connector="OR",
                ),
                name="offices_office_has_both_coordinates_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(("postal_code__regex", "^[0-9]{7}$")),
                name="offices_office_postal_code_has_7_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "address__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="offices_office_address_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "access__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="offices_office_access_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "facilities__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="offices_office_facilities_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayhours",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__isempty", False), ("minutes__contained_by", (0, 1441))),
                name="offices_dayhours_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayhours",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("office", "="), ("on", "="), ("minutes", "&&")],
                name="offices_dayhours_never_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="capacitypreset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "day_kind__in",
                        ["PENSION_DAY", "FIVE_TEN_DAY", "MONTH_END", "MONDAY_MORNING", "FRIDAY_AFTERNOON"],
                    )
                ),
                name="offices_capacitypreset_day_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="capacitypreset",
            constraint=models.CheckConstraint(
                condition=models.Q(("keep_one_in__gte", 1)), name="offices_capacitypreset_keeps_at_least_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="capacitypreset",
            constraint=models.CheckConstraint(
                condition=models.Q(("during__isempty", False)),
                name="offices_capacitypreset_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="capacitypreset",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (django.db.models.functions.comparison.Coalesce("office_id", models.Value("")), "="),
                    ("day_kind", "="),
                    ("during", "&&"),
                ],
                name="offices_capacitypreset_never_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="officeassignment",
            constraint=models.UniqueConstraint(
                fields=("user", "office"), name="offices_officeassignment_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cause__in",
                        [
                            "TYPHOON",
                            "DISASTER",
                            "FACILITY",
                            "EQUIPMENT",
                            "ACCIDENT",
                            "NATIONAL_SYSTEM",
                            "STAFF",
                            "TRAINING",
                            "OFFICE_HOLIDAY",
                            "OTHER",
                        ],
                    )
                ),
                name="offices_pause_cause_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("during__isempty", False), ("during__lower_inf", False), ("during__upper_inf", False)
                ),
                name="offices_pause_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at__isnull", True), ("lifted_by", "")),
                    models.Q(("lifted_at__isnull", False), models.Q(("lifted_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="offices_pause_lifted_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "TYPHOON",
                            "DISASTER",
                            "FACILITY",
                            "EQUIPMENT",
                            "ACCIDENT",
                            "NATIONAL_SYSTEM",
                            "STAFF",
                            "TRAINING",
                            "OFFICE_HOLIDAY",
                            "OTHER",
                        ],
                    )
                ),
                name="offices_closure_reason_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("during__isempty", False), ("during__lower_inf", False), ("during__upper_inf", False)
                ),
                name="offices_closure_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by", "")),
                    models.Q(("withdrawn_at__isnull", False), models.Q(("withdrawn_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="offices_closure_withdrawn_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "note__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="offices_closure_note_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(fields=("office", "starts_at"), name="offices_slot_once"),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lt", models.F("ends_at"))),
                name="offices_slot_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyhours",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__lte", 6)), name="offices_weeklyhours_weekday_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyhours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("during__isempty", False),
                    ("minutes__isempty", False),
                    ("minutes__contained_by", (0, 1441)),
                ),
                name="offices_weeklyhours_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyhours",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("office", "="), ("weekday", "="), ("minutes", "&&"), ("during", "&&")],
                name="offices_weeklyhours_never_overlap",
            ),
        ),
    ]
