from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0004_counters_of_tries_have_moved"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="disruptedvisit",
            name="reservations_disruptedvisit_reassured_at_and_by_go_together",
        ),
        migrations.RemoveConstraint(
            model_name="disruptedvisit",
            name="reservations_disruptedvisit_told_at_and_by_go_together",
        ),
        migrations.RenameField("disruptedvisit", "told_at", "notified_at"),
        migrations.RenameField("disruptedvisit", "told_by", "notified_by"),
        migrations.RenameField("disruptedvisit", "reassured_at", "reinstatement_notified_at"),
        migrations.RenameField("disruptedvisit", "reassured_by", "reinstatement_notified_by"),
        migrations.AddConstraint(
            model_name="disruptedvisit",
            constraint=models.CheckConstraint(
                condition=Q(reinstatement_notified_at__isnull=True, reinstatement_notified_by="")
                | Q(reinstatement_notified_at__isnull=False, resolution="KEPT")
                & ~Q(reinstatement_notified_by=""),
                name="reservations_disruptedvisit_reinstatement_notice_says_who",
            ),
        ),
        migrations.AddConstraint(
            model_name="disruptedvisit",
            constraint=models.CheckConstraint(
                condition=Q(notified_at__isnull=True, notified_by="")
                | Q(notified_at__isnull=False) & ~Q(notified_by=""),
                name="reservations_disruptedvisit_notified_at_and_by_go_together",
            ),
        ),
    ]
