import django.db.models.functions.comparison
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contract", "0001_squashed"),
        ("notifications", "0001_squashed"),
    ]

    operations = [
        migrations.RenameModel(
            old_name="Draft",
            new_name="Proposal",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_kind_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_says_who_and_why",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_sent_at_and_by_go_together",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_decided_at_and_by_go_together",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_withdrawn_says_when_and_by_whom",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_goes_from_hand_to_hand",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_is_decided_by_somebody_else",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_is_not_withdrawn_once_in_force",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_returned_says_why",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_content_has_no_long_digits",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_reason_has_no_long_digits",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="contract_draft_answer_has_no_long_digits",
        ),
        migrations.RenameField(
            model_name="rule",
            old_name="draft",
            new_name="proposal",
        ),
        migrations.RenameIndex(
            model_name="proposal",
            new_name="contract_proposal_text",
            old_name="contract_draft_text",
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["rules", "mail", "text", "announcement"])),
                name="contract_proposal_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["written", "sent", "returned", "approved", "withdrawn"])),
                name="contract_proposal_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("written_by", ""), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    models.Q(("content", {}), _negated=True),
                ),
                name="contract_proposal_says_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", True), ("sent_by", "")),
                    models.Q(("sent_at__isnull", False), models.Q(("sent_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="contract_proposal_sent_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by", "")),
                    models.Q(("decided_at__isnull", False), models.Q(("decided_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="contract_proposal_decided_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
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
                name="contract_proposal_withdrawn_says_when_and_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("sent_at__isnull", True), ("state", "written")),
                    models.Q(("decided_at__isnull", True), ("sent_at__isnull", False), ("state", "sent")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("sent_at__isnull", False),
                        ("state__in", ["returned", "approved"]),
                    ),
                    ("state", "withdrawn"),
                    _connector="OR",
                ),
                name="contract_proposal_goes_from_hand_to_hand",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("decided_by", models.F("written_by")), _negated=True),
                        models.Q(("decided_by", models.F("sent_by")), _negated=True),
                    ),
                    ("decided_by", ""),
                    _connector="OR",
                ),
                name="contract_proposal_is_decided_by_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer", ""), ("decided_at__isnull", False), ("state", "withdrawn"), _negated=True
                    ),
                    ("withdrawn_at__lt", models.F("effective_from")),
                    _connector="OR",
                ),
                name="contract_proposal_is_not_withdrawn_once_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("state", "returned"), _negated=True),
                    models.Q(models.Q(("state", "approved"), _negated=True), ("answer", ""), _connector="OR"),
                ),
                name="contract_proposal_returned_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Regex(
                        django.db.models.functions.comparison.Cast("content", models.TextField()),
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="contract_proposal_content_has_no_long_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="contract_proposal_reason_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "answer__regex",
                        "(?<![0-9０-９][ \u3000‐‑‒–—―−ー－-]?)([0-9０-９]{12}|[0-9０-９]{3}([ \u3000][0-9０-９]{3}){3}|[0-9０-９]{4}([ \u3000][0-9０-９]{4}){2}|[0-9０-９]{6}([ \u3000][0-9０-９]{6}){1}|[0-9０-９]{3}([-‐‑‒–—―−ー－][0-9０-９]{3}){3}|[0-9０-９]{4}([-‐‑‒–—―−ー－][0-9０-９]{4}){2}|[0-9０-９]{6}([-‐‑‒–—―−ー－][0-9０-９]{6}){1})(?![ \u3000‐‑‒–—―−ー－-]?[0-9０-９])",
                    ),
                    _negated=True,
                ),
                name="contract_proposal_answer_has_no_long_digits",
                violation_error_message="12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。番号を消してください。",
            ),
        ),
        # Names that PostgreSQL or Django gave: the sequence, keys and their indexes.
        migrations.RunSQL(
            r"""
            DO $$ DECLARE named record; BEGIN
                FOR named IN
                    SELECT conrelid::regclass AS place, conname AS name FROM pg_constraint
                    WHERE conrelid::regclass::text LIKE 'contract\_%' AND conname LIKE '%draft%'
                LOOP
                    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', named.place, named.name,
                        replace(named.name, 'draft', 'proposal'));
                END LOOP;
                FOR named IN
                    SELECT relname AS name FROM pg_class
                    WHERE relkind IN ('i', 'S') AND relname LIKE 'contract\_%draft%'
                LOOP
                    EXECUTE format('ALTER INDEX %I RENAME TO %I', named.name,
                        replace(named.name, 'draft', 'proposal'));
                END LOOP;
            END $$;
            """,
            migrations.RunSQL.noop,
        ),
    ]
