from django.db import migrations, models

CITY = "('city', 'ward', 'auditor', 'privacy', 'city_admin')"
ROLES = [
    "secretariat",
    "operator",
    "office",
    "city",
    "ward",
    "helpdesk",
    "admin",
    "auditor",
    "privacy",
    "city_admin",
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_squashed")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="zone",
            field=models.CharField(default="contractor", max_length=10),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("zone__in", ["contractor", "city"])), name="accounts_user_zone_is_known"
            ),
        ),
        migrations.RemoveConstraint(model_name="rolegrant", name="accounts_rolegrant_role_is_known"),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ROLES)), name="accounts_rolegrant_role_is_known"
            ),
        ),
        # Whoever worked for both keeps the account at the contractor; the city opens another one.
        migrations.RunSQL(
            f"""
            UPDATE accounts_user SET zone = 'city' WHERE id IN
                (SELECT user_id FROM accounts_rolegrant GROUP BY user_id HAVING bool_and(role IN {CITY}));
            DELETE FROM accounts_rolegrant USING accounts_user
                WHERE accounts_user.id = user_id AND zone = 'contractor' AND role IN {CITY};
            """,  # noqa: S608 - a constant
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            f"""
            CREATE FUNCTION accounts_role_is_of_its_zone() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (NEW.role IN {CITY})
                    <> (SELECT zone = 'city' FROM accounts_user WHERE id = NEW.user_id) THEN
                    RAISE EXCEPTION 'a role of the other zone' USING ERRCODE = 'check_violation',
                        CONSTRAINT = 'accounts_rolegrant_role_is_of_its_zone';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER accounts_rolegrant_role_is_of_its_zone
                BEFORE INSERT OR UPDATE ON accounts_rolegrant
                FOR EACH ROW EXECUTE FUNCTION accounts_role_is_of_its_zone();
            CREATE FUNCTION accounts_zone_stays() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'an account stays in its zone' USING ERRCODE = 'check_violation',
                    CONSTRAINT = 'accounts_user_zone_stays';
            END $$;
            CREATE TRIGGER accounts_user_zone_stays BEFORE UPDATE OF zone ON accounts_user
                FOR EACH ROW WHEN (OLD.zone <> NEW.zone) EXECUTE FUNCTION accounts_zone_stays();
            """,  # noqa: S608 - a constant
            """
            DROP TRIGGER accounts_rolegrant_role_is_of_its_zone ON accounts_rolegrant;
            DROP TRIGGER accounts_user_zone_stays ON accounts_user;
            DROP FUNCTION accounts_role_is_of_its_zone();
            DROP FUNCTION accounts_zone_stays();
            """,
        ),
    ]
