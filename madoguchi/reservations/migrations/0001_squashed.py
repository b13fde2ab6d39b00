import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("reservations", "0001_initial"),
        ("reservations", "0002_booked_seats_stay"),
        ("reservations", "0003_submission_knows_its_reservation"),
        ("reservations", "0004_fewer_indexes"),
        ("reservations", "0005_no_counter"),
        ("reservations", "0006_export"),
        ("reservations", "0007_waiting_list"),
        ("reservations", "0008_waiting_calls"),
        ("reservations", "0009_language_of_the_person"),
        ("reservations", "0010_erasure"),
        ("reservations", "0011_party"),
        ("reservations", "0012_pause"),
        ("reservations", "0013_nobody_books_into_a_pause"),
        ("reservations", "0014_why_erased"),
    ]
    dependencies = [
        ("contract", "0001_squashed"),
        ("offices", "0001_squashed"),
        ("sealing", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Applicant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.BinaryField()),
                ("name_kana", models.BinaryField()),
                ("birth_date", models.BinaryField()),
                ("postal_code", models.BinaryField()),
                ("address", models.BinaryField()),
                ("phone", models.BinaryField()),
                ("email", models.BinaryField()),
                ("details", models.BinaryField()),
                ("link_token", models.BinaryField()),
                ("has_email", models.BooleanField()),
                (
                    "contact_by",
                    models.CharField(
                        choices=[
                            ("PHONE", "電話"),
                            ("MAIL", "メール"),
                            ("FAX", "ファクス"),
                            ("LETTER", "手紙"),
                        ],
                        default="PHONE",
                        max_length=10,
                    ),
                ),
                ("ward_code", models.CharField(blank=True, max_length=6)),
                ("language", models.CharField(default="ja", max_length=8)),
                (
                    "name_tokens",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("person_hash", models.BinaryField()),
                ("birth_hash", models.BinaryField()),
                ("phone_hash", models.BinaryField()),
                ("phone_end_hash", models.BinaryField()),
                ("email_hash", models.BinaryField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sealing.personkey"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Disruption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=80)),
                (
                    "pause",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.pause",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("TERM_OVER", "保存期間の満了"),
                            ("CONTRACT_END", "契約の終了"),
                            ("CITY", "本市の個別の指示"),
                            ("PERSON", "ご本人からの請求"),
                        ],
                        max_length=20,
                    ),
                ),
                ("until", models.DateField(null=True)),
                (
                    "reservations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                (
                    "waits",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("document_number", models.CharField(max_length=40)),
                ("document_on", models.DateField()),
                ("instructed_by", models.CharField(max_length=60)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=80)),
                ("counts", models.JSONField(default=dict)),
                ("ended_at", models.DateTimeField(null=True)),
                ("number", models.PositiveIntegerField(null=True, unique=True)),
                ("certificate", models.BinaryField(default=bytes)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["TERM_OVER", "CONTRACT_END", "CITY", "PERSON"])),
                        name="reservations_erasure_reason_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("reason", "PERSON"), _negated=True),
                                ("reservations__len", 0),
                                ("until__isnull", False),
                            ),
                            models.Q(("reason", "PERSON"), ("until__isnull", True)),
                            _connector="OR",
                        ),
                        name="reservations_erasure_means_a_person_or_all_up_to_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("certificate", b""), ("ended_at__isnull", True), ("number__isnull", True)
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("number__isnull", False),
                                models.Q(("certificate", b""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="reservations_erasure_ends_with_a_certificate",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("document_number", ""), _negated=True),
                            models.Q(("instructed_by", ""), _negated=True),
                        ),
                        name="reservations_erasure_says_who_wants_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "document_number__regex",
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="reservations_erasure_document_has_no_long_digits",
                        violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "instructed_by__regex",
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="reservations_erasure_instructed_by_has_no_long_digits",
                        violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("asked_by", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField()),
                ("kind", models.CharField(max_length=4)),
                ("reason", models.CharField(max_length=20)),
                ("query", models.BinaryField()),
                ("content", models.BinaryField(default=bytes)),
                (
                    "state",
                    models.CharField(
                        choices=[("WAITING", "作成中"), ("READY", "作成済"), ("FAILED", "作成できず")],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("people", models.PositiveIntegerField(default=0)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sealing.personkey"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("reference", models.CharField(max_length=10)),
                ("starts_at", models.DateTimeField()),
                ("minutes", models.PositiveSmallIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[("BOOKED", "予約中"), ("CANCELLED", "取消し")],
                        default="BOOKED",
                        max_length=10,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("WEB", "Web"), ("PHONE", "電話"), ("PARTNER", "連携")], max_length=10
                    ),
                ),
                ("party", models.UUIDField(null=True)),
                ("link_hash", models.BinaryField(unique=True)),
                ("booked_at", models.DateTimeField()),
                ("booked_by", models.CharField(max_length=80)),
                ("changed_at", models.DateTimeField(null=True)),
                ("changed_by", models.CharField(blank=True, max_length=80)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("cancelled_by", models.CharField(blank=True, max_length=80)),
                ("cancel_reason", models.CharField(blank=True, max_length=20)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked_by", models.CharField(blank=True, max_length=80)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "applicant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservation",
                        to="reservations.applicant",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="offices.office",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReminderCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_at", models.DateTimeField()),
                ("reached", models.BooleanField()),
                ("called_at", models.DateTimeField()),
                ("called_by", models.CharField(max_length=80)),
                (
                    "reservation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminder_calls",
                        to="reservations.reservation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Preservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=80)),
                ("set_at", models.DateTimeField()),
                ("set_by", models.CharField(max_length=80)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.CharField(blank=True, max_length=80)),
                (
                    "reservation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="preservations",
                        to="reservations.reservation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("token_hash", models.BinaryField(unique=True)),
                ("draft", models.BinaryField(default=bytes)),
                ("source_hash", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                ("held_until", models.DateTimeField(null=True)),
                ("extensions", models.PositiveSmallIntegerField(default=0)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sealing.personkey"
                    ),
                ),
                (
                    "reservation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hold",
                        to="reservations.reservation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DisruptedVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("was_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("told_by", models.CharField(blank=True, max_length=80)),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("MOVED", "日時を変更"),
                            ("CANCELLED", "取消し"),
                            ("KEPT", "予定どおり受け付ける"),
                        ],
                        max_length=10,
                    ),
                ),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_by", models.CharField(blank=True, max_length=80)),
                ("reassured_at", models.DateTimeField(null=True)),
                ("reassured_by", models.CharField(blank=True, max_length=80)),
                (
                    "disruption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="reservations.disruption",
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disruptions",
                        to="reservations.reservation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccessCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.BinaryField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "reservation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_code",
                        to="reservations.reservation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReservedProcedure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claim", models.BinaryField(null=True)),
                (
                    "procedure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contract.procedure",
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="procedures",
                        to="reservations.reservation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "slot_id", "seat_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seat_no", models.PositiveSmallIntegerField()),
                ("web_from", models.DateTimeField()),
                ("held_until", models.DateTimeField(null=True)),
                ("is_withdrawn", models.BooleanField(default=False)),
                (
                    "hold",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="reservations.hold",
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="reservations.reservation",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="offices.slot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=80)),
                ("key_hash", models.BinaryField()),
                ("fingerprint", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                (
                    "reservation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TryCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=40)),
                ("source_hash", models.BinaryField()),
                ("window", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scope", "source_hash", "window"), name="reservations_trycount_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Wait",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("person", models.BinaryField()),
                ("link_token", models.BinaryField()),
                ("person_hash", models.BinaryField()),
                ("has_email", models.BooleanField()),
                (
                    "procedures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None
                    ),
                ),
                (
                    "offices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), size=None
                    ),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("earliest", models.TimeField()),
                ("latest", models.TimeField()),
                (
                    "channel",
                    models.CharField(
                        choices=[("WEB", "Web"), ("PHONE", "電話"), ("PARTNER", "連携")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "空き待ち"),
                            ("OFFERED", "空きをご案内中"),
                            ("BOOKED", "予約済み"),
                            ("LAPSED", "期限切れ"),
                            ("LEFT", "取りやめ"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(max_length=80)),
                ("offered_at", models.DateTimeField(null=True)),
                ("offer_until", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "hold",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wait",
                        to="reservations.hold",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sealing.personkey"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="applicant",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name_tokens"], name="applicant_name_tokens"
            ),
        ),
        migrations.AddIndex(
            model_name="applicant",
            index=models.Index(fields=["person_hash"], name="applicant_person"),
        ),
        migrations.AddIndex(
            model_name="applicant",
            index=models.Index(fields=["phone_hash"], name="applicant_phone"),
        ),
        migrations.AddIndex(
            model_name="applicant",
            index=models.Index(fields=["phone_end_hash"], name="applicant_phone_end"),
        ),
        migrations.AddIndex(
            model_name="applicant",
            index=models.Index(fields=["email_hash"], name="applicant_email"),
        ),
        migrations.AddConstraint(
            model_name="applicant",
            constraint=models.CheckConstraint(
                condition=models.Q(("contact_by__in", ["PHONE", "MAIL", "FAX", "LETTER"])),
                name="reservations_applicant_contact_by_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="applicant",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__regex", "^[a-z]{2}(-[a-z]{2,5})?$")),
                name="reservations_applicant_language_is_a_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="applicant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", b""), _negated=True),
                    models.Q(
                        ("address", b""),
                        ("birth_date", b""),
                        ("birth_hash", b""),
                        ("details", b""),
                        ("email", b""),
                        ("email_hash", b""),
                        ("has_email", False),
                        ("link_token", b""),
                        ("name_kana", b""),
                        ("name_tokens__len", 0),
                        ("person_hash", b""),
                        ("phone", b""),
                        ("phone_end_hash", b""),
                        ("phone_hash", b""),
                        ("postal_code", b""),
                    ),
                    _connector="OR",
                ),
                name="reservations_applicant_is_empty_once_erased",
            ),
        ),
        migrations.AddConstraint(
            model_name="disruption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "title__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="reservations_disruption_title_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="reservations_export_reason_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "note__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="reservations_export_note_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["WAITING", "READY", "FAILED"])),
                name="reservations_export_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state", "WAITING")),
                    models.Q(models.Q(("state", "WAITING"), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="reservations_export_ended_at_and_state_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "READY"), models.Q(("content", b""), _negated=True)),
                    models.Q(models.Q(("state", "READY"), _negated=True), ("content", b"")),
                    _connector="OR",
                ),
                name="reservations_export_is_ready_with_a_file",
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["office", "starts_at"], name="reservation_office_day"),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["starts_at"], name="reservation_starts"),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["booked_at"], name="reservation_booked"),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("party__isnull", False)), fields=["party"], name="reservation_party"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["BOOKED", "CANCELLED"])),
                name="reservations_reservation_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["WEB", "PHONE", "PARTNER"])),
                name="reservations_reservation_channel_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "cancel_reason__in",
                            [
                                "NOT_GIVEN",
                                "SCHEDULE",
                                "DONE_ELSEWHERE",
                                "NOT_NEEDED",
                                "WRONG_PROCEDURE",
                                "WARD_REFERRAL",
                                "DUPLICATE",
                                "OFFICE_CLOSED",
                                "INPUT_ERROR",
                                "OPERATOR_ERROR",
                            ],
                        ),
                        ("cancelled_at__isnull", False),
                        ("status", "CANCELLED"),
                        models.Q(("cancelled_by", ""), _negated=True),
                    ),
                    models.Q(
                        ("cancel_reason", ""),
                        ("cancelled_at__isnull", True),
                        ("cancelled_by", ""),
                        ("status", "BOOKED"),
                    ),
                    _connector="OR",
                ),
                name="reservations_reservation_cancellation_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("changed_at__isnull", True), ("changed_by", "")),
                    models.Q(("changed_at__isnull", False), models.Q(("changed_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="reservations_reservation_changed_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked_at__isnull", True), ("checked_by", "")),
                    models.Q(("checked_at__isnull", False), models.Q(("checked_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="reservations_reservation_checked_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 1)), name="reservations_reservation_takes_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("reference__regex", "^[0-9A-Z]{10}$")),
                name="reservations_reservation_reference_has_10_characters",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(
                fields=("reference",), name="reservations_reservation_reference_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="preservation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)),
                fields=("reservation",),
                name="reservations_preservation_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="preservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at__isnull", True), ("lifted_by", "")),
                    models.Q(("lifted_at__isnull", False), models.Q(("lifted_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="reservations_preservation_lifted_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="preservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="reservations_preservation_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="preservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="reservations_preservation_reason_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["used_at"], name="hold_used"),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["source_hash", "created_at"], name="hold_source"),
        ),
        migrations.AddConstraint(
            model_name="disruptedvisit",
            constraint=models.UniqueConstraint(
                fields=("disruption", "reservation", "was_at"),
                name="reservations_disruptedvisit_once_for_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="disruptedvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reassured_at__isnull", True), ("reassured_by", "")),
                    models.Q(
                        ("reassured_at__isnull", False),
                        ("resolution", "KEPT"),
                        models.Q(("reassured_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="reservations_disruptedvisit_reassured_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="disruptedvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("told_at__isnull", True), ("told_by", "")),
                    models.Q(("told_at__isnull", False), models.Q(("told_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="reservations_disruptedvisit_told_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="disruptedvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resolution", ""), ("resolved_at__isnull", True), ("resolved_by", "")),
                    models.Q(
                        ("resolution__in", ["MOVED", "CANCELLED", "KEPT"]),
                        ("resolved_at__isnull", False),
                        models.Q(("resolved_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="reservations_disruptedvisit_resolution_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="accesscode",
            constraint=models.CheckConstraint(
                condition=models.Q(("tries__lte", 5)), name="reservations_accesscode_has_at_most_5_tries"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservedprocedure",
            constraint=models.UniqueConstraint(
                fields=("reservation", "procedure"),
                name="reservations_reservedprocedure_once_per_reservation",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservedprocedure",
            constraint=models.UniqueConstraint(
                fields=("procedure", "claim"), name="reservations_reservedprocedure_one_active_per_person"
            ),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(
                condition=models.Q(("hold__isnull", False)), fields=["hold"], name="seat_hold"
            ),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(
                condition=models.Q(("reservation__isnull", False)),
                fields=["reservation"],
                name="seat_reservation",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_until__isnull", True), ("hold__isnull", True)),
                    models.Q(("held_until__isnull", False), ("hold__isnull", False)),
                    _connector="OR",
                ),
                name="reservations_seat_hold_and_held_until_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("hold__isnull", True), ("reservation__isnull", True), _connector="OR"),
                name="reservations_seat_is_held_or_booked_not_both",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(
                fields=("scope", "key_hash"), name="reservations_submission_once"
            ),
        ),
        migrations.AddIndex(
            model_name="wait",
            index=models.Index(fields=["state", "entered_at"], name="wait_in_order"),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["WAITING", "OFFERED", "BOOKED", "LAPSED", "LEFT"])),
                name="reservations_wait_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["WEB", "PHONE", "PARTNER"])),
                name="reservations_wait_channel_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("offer_until__gt", models.F("offered_at")),
                        ("offer_until__isnull", False),
                        ("offered_at__isnull", False),
                        ("state", "OFFERED"),
                    ),
                    models.Q(
                        ("offer_until__isnull", True), ("offered_at__isnull", True), ("state", "WAITING")
                    ),
                    models.Q(
                        models.Q(("state__in", ("WAITING", "OFFERED")), _negated=True),
                        ("offer_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="reservations_wait_has_an_end_once_offered",
            ),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ("WAITING", "OFFERED"))),
                    models.Q(
                        models.Q(("state__in", ("WAITING", "OFFERED")), _negated=True),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="reservations_wait_is_over_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("earliest__lte", models.F("latest")),
                    ("first_day__lte", models.F("last_day")),
                    ("offices__len__gt", 0),
                    ("procedures__len__gt", 0),
                ),
                name="reservations_wait_wishes_are_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("WAITING", "OFFERED"))),
                fields=("person_hash",),
                name="reservations_wait_waits_once",
            ),
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION reservations_booked_seats_stay() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'a booked seat is never handed from one reservation to another'
                    USING ERRCODE = 'check_violation';
            END $$;
            CREATE TRIGGER reservations_booked_seats_stay BEFORE UPDATE OF reservation_id ON reservations_seat
                FOR EACH ROW WHEN (OLD.reservation_id IS NOT NULL AND NEW.reservation_id <> OLD.reservation_id)
                EXECUTE FUNCTION reservations_booked_seats_stay();
            CREATE TRIGGER reservations_booked_seats_are_not_deleted BEFORE DELETE ON reservations_seat
                FOR EACH ROW WHEN (OLD.reservation_id IS NOT NULL)
                EXECUTE FUNCTION reservations_booked_seats_stay();
            """,
            """
            DROP TRIGGER reservations_booked_seats_stay ON reservations_seat;
            DROP TRIGGER reservations_booked_seats_are_not_deleted ON reservations_seat;
            DROP FUNCTION reservations_booked_seats_stay();
            """,
        ),
        # The shared lock is taken alone by a pause of one procedure, which takes no seats away. It comes
        # before the look, which is a statement of its own and so sees what was committed while it waited.
        migrations.RunSQL(
            """
            CREATE FUNCTION reservations_nobody_books_into_a_pause() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock_shared(hashtext('offices_pause'));
                IF EXISTS (
                    SELECT 1 FROM offices_pause AS pause
                     WHERE pause.lifted_at IS NULL
                       AND pause.during && tstzrange(NEW.starts_at,
                                                     NEW.starts_at + make_interval(mins => NEW.minutes))
                       AND (pause.offices = '{}' OR NEW.office_id = ANY(pause.offices))
                       AND (pause.procedure_id IS NULL OR EXISTS (
                            SELECT 1 FROM reservations_reservedprocedure AS item
                             WHERE item.reservation_id = NEW.id AND item.procedure_id = pause.procedure_id)))
                THEN
                    RAISE EXCEPTION 'the time is stopped (offices_pause)' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER reservations_nobody_books_into_a_pause AFTER INSERT ON reservations_reservation
                FOR EACH ROW EXECUTE FUNCTION reservations_nobody_books_into_a_pause();
            CREATE TRIGGER reservations_nobody_moves_into_a_pause
                AFTER UPDATE OF starts_at, office_id ON reservations_reservation
                FOR EACH ROW WHEN ((OLD.starts_at, OLD.office_id) IS DISTINCT FROM (NEW.starts_at, NEW.office_id))
                EXECUTE FUNCTION reservations_nobody_books_into_a_pause();
            """,
            """
            DROP TRIGGER reservations_nobody_books_into_a_pause ON reservations_reservation;
            DROP TRIGGER reservations_nobody_moves_into_a_pause ON reservations_reservation;
            DROP FUNCTION reservations_nobody_books_into_a_pause();
            """,
        ),
    ]
