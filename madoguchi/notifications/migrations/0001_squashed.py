import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("notifications", "0001_outbox"),
        ("notifications", "0002_announcements"),
        ("notifications", "0003_text_guards"),
        ("notifications", "0004_open_mail"),
        ("notifications", "0005_ask_to_move"),
        ("notifications", "0006_fewer_indexes"),
        ("notifications", "0007_kinds_and_errors_in_use"),
        ("notifications", "0008_told_at_the_former_address"),
        ("notifications", "0009_waiting_list"),
        ("notifications", "0010_language_of_the_person"),
        ("notifications", "0011_drafts"),
        ("notifications", "0012_as_planned"),
    ]
    dependencies = [
        ("contract", "0001_squashed"),
        ("sealing", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("language", models.CharField(default="ja", max_length=8)),
                ("version", models.PositiveIntegerField()),
                ("subject", models.CharField(max_length=100)),
                ("body", models.TextField()),
                ("effective_from", models.DateTimeField()),
                ("decided_by", models.CharField(max_length=60)),
                ("decided_at", models.DateTimeField()),
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
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=20)),
                ("target", models.CharField(max_length=64)),
                ("occasion", models.CharField(max_length=64)),
                ("queued_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("try_at", models.DateTimeField()),
                ("state", models.CharField(default="queued", max_length=10)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=20)),
                ("sent_at", models.DateTimeField(null=True)),
                ("message_id", models.CharField(max_length=120)),
                ("recipient", models.BinaryField(null=True)),
                ("subject", models.BinaryField(null=True)),
                ("body", models.BinaryField(null=True)),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="sealing.personkey",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="notifications.mailtext",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("INFORMATION", "お知らせ"),
                            ("MAINTENANCE", "保守のための停止"),
                            ("OUTAGE", "障害"),
                        ],
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(max_length=60)),
                ("body", models.TextField(blank=True, max_length=600)),
                ("shows_from", models.DateTimeField()),
                ("shows_until", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=80)),
                ("updated_at", models.DateTimeField(null=True)),
                ("updated_by", models.CharField(blank=True, max_length=80)),
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
                        condition=models.Q(("kind__in", ["INFORMATION", "MAINTENANCE", "OUTAGE"])),
                        name="notifications_announcement_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shows_from__lte", models.F("shows_until"))),
                        name="notifications_announcement_never_ends_before_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("updated_at__isnull", True), ("updated_by", "")),
                            models.Q(
                                ("updated_at__isnull", False), models.Q(("updated_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="notifications_announcement_updated_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "title__regex",
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="notifications_announcement_title_has_no_long_digits",
                        violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "body__regex",
                                "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                            ),
                            _negated=True,
                        ),
                        name="notifications_announcement_body_has_no_long_digits",
                        violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="mailtext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "confirmation",
                            "changed",
                            "cancelled",
                            "office_cancelled",
                            "move_request",
                            "as_planned",
                            "reminder_3",
                            "reminder_1",
                            "access_code",
                            "wait_entered",
                            "wait_offer",
                            "wait_over",
                            "contact_changed",
                        ],
                    )
                ),
                name="notifications_mailtext_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailtext",
            constraint=models.UniqueConstraint(
                fields=("kind", "language", "version"), name="notifications_mailtext_version_is_given_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="mailtext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("subject", ""), _negated=True), models.Q(("body", ""), _negated=True)
                ),
                name="notifications_mailtext_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailtext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "subject__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="notifications_mailtext_subject_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailtext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "body__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="notifications_mailtext_body_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sending", "failed", "unsure"])),
                fields=["state", "try_at"],
                name="notifications_mail_open",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("key__isnull", False)), fields=["key"], name="notifications_mail_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(
                fields=("target", "kind", "occasion"), name="notifications_mail_is_queued_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "confirmation",
                            "changed",
                            "cancelled",
                            "office_cancelled",
                            "move_request",
                            "as_planned",
                            "reminder_3",
                            "reminder_1",
                            "access_code",
                            "wait_entered",
                            "wait_offer",
                            "wait_over",
                            "contact_changed",
                        ],
                    )
                ),
                name="notifications_mail_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["queued", "sending", "sent", "withdrawn", "failed", "unsure"])
                ),
                name="notifications_mail_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "error__in",
                        [
                            "",
                            "address_refused",
                            "content_refused",
                            "peer_busy",
                            "unreachable",
                            "interrupted",
                            "bounced",
                            "not_written",
                            "person_erased",
                        ],
                    )
                ),
                name="notifications_mail_error_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    ("state__in", ["failed", "unsure"]),
                    models.Q(("sent_at__isnull", True), ("state__in", ["queued", "sending", "withdrawn"])),
                    _connector="OR",
                ),
                name="notifications_mail_sent_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["sending", "unsure"]), _negated=True),
                    ("claimed_at__isnull", False),
                    _connector="OR",
                ),
                name="notifications_mail_sending_was_claimed",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["failed", "unsure"]), _negated=True),
                    models.Q(("error", ""), _negated=True),
                    _connector="OR",
                ),
                name="notifications_mail_failed_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("key__isnull", True), ("recipient__isnull", True)),
                    models.Q(("key__isnull", False), ("recipient__isnull", False)),
                    _connector="OR",
                ),
                name="notifications_mail_recipient_and_key_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("body__isnull", True), ("subject__isnull", True)),
                    models.Q(("body__isnull", False), ("key__isnull", False), ("subject__isnull", False)),
                    _connector="OR",
                ),
                name="notifications_mail_subject_and_body_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(("try_at__gte", models.F("due_at"))),
                name="notifications_mail_is_not_tried_before_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(
                fields=("message_id",), name="notifications_mail_message_id_is_unique"
            ),
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION notifications_texts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'a decided text is never changed; add a version' USING ERRCODE = 'check_violation'; END $$;
            CREATE TRIGGER notifications_texts_stay BEFORE UPDATE OR DELETE ON notifications_mailtext
                FOR EACH ROW EXECUTE FUNCTION notifications_texts_stay();
            """,
            "DROP TRIGGER notifications_texts_stay ON notifications_mailtext; DROP FUNCTION notifications_texts_stay();",
        ),
    ]
