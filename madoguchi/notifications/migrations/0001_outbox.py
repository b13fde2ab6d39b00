import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sealing", "__first__"),
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
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "confirmation",
                                    "changed",
                                    "cancelled",
                                    "office_cancelled",
                                    "reminder_3",
                                    "reminder_1",
                                    "access_code",
                                    "offer",
                                ],
                            )
                        ),
                        name="notifications_mailtext_kind_is_known",
                    ),
                    models.UniqueConstraint(
                        fields=("kind", "language", "version"),
                        name="notifications_mailtext_version_is_given_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("subject", ""), _negated=True), models.Q(("body", ""), _negated=True)
                        ),
                        name="notifications_mailtext_says_something",
                    ),
                ],
            },
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
                ("language", models.CharField(default="ja", max_length=8)),
                ("queued_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("try_at", models.DateTimeField()),
                ("state", models.CharField(default="queued", max_length=10)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=20)),
                ("sent_at", models.DateTimeField(null=True)),
                ("message_id", models.CharField(max_length=120, unique=True)),
                ("recipient", models.BinaryField(null=True)),
                ("subject", models.BinaryField(null=True)),
                ("body", models.BinaryField(null=True)),
                (
                    "key",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="sealing.personkey"
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="notifications.mailtext"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["try_at"],
                        name="notifications_mail_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("target", "kind", "occasion"), name="notifications_mail_is_queued_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "confirmation",
                                    "changed",
                                    "cancelled",
                                    "office_cancelled",
                                    "reminder_3",
                                    "reminder_1",
                                    "access_code",
                                    "offer",
                                ],
                            )
                        ),
                        name="notifications_mail_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "sending", "sent", "withdrawn", "failed", "unsure"])
                        ),
                        name="notifications_mail_state_is_known",
                    ),
                    models.CheckConstraint(
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
                                ],
                            )
                        ),
                        name="notifications_mail_error_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            ("state__in", ["failed", "unsure"]),
                            models.Q(
                                ("sent_at__isnull", True), ("state__in", ["queued", "sending", "withdrawn"])
                            ),
                            _connector="OR",
                        ),
                        name="notifications_mail_sent_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["sending", "unsure"]), _negated=True),
                            ("claimed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="notifications_mail_sending_was_claimed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["failed", "unsure"]), _negated=True),
                            models.Q(("error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="notifications_mail_failed_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("key__isnull", True), ("recipient__isnull", True)),
                            models.Q(("key__isnull", False), ("recipient__isnull", False)),
                            _connector="OR",
                        ),
                        name="notifications_mail_recipient_and_key_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("body__isnull", True), ("subject__isnull", True)),
                            models.Q(
                                ("body__isnull", False), ("key__isnull", False), ("subject__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="notifications_mail_subject_and_body_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("try_at__gte", models.F("due_at"))),
                        name="notifications_mail_is_not_tried_before_due",
                    ),
                ],
            },
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
