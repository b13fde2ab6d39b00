from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

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


def divide_accounts(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give each account to one zone, and tell who migrates whose roles went.

    Whoever worked for both keeps the contractor's roles: its administrators could reset that account until now,
    so it must not act for the city; the city opens another one. Start codes of the city's that nobody has spent
    end, because the contractor's administrators have seen them.
    """
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE accounts_user SET zone = 'city', start_code_hash = '', start_code_expires_at = NULL
                WHERE id IN
                (SELECT user_id FROM accounts_rolegrant GROUP BY user_id HAVING bool_and(role IN {CITY}))
            """  # noqa: S608 - a constant
        )
        cursor.execute(
            f"""
            WITH gone AS (
                DELETE FROM accounts_rolegrant USING accounts_user
                    WHERE accounts_user.id = user_id AND zone = 'contractor' AND role IN {CITY}
                    RETURNING username, role
            ) SELECT username, string_agg(role, ', ' ORDER BY role) FROM gone GROUP BY username ORDER BY username
            """  # noqa: S608 - a constant
        )
        for username, roles in cursor.fetchall():
            print(  # noqa: T201 - whoever migrates has to tell the city
                f"\n  {username} worked for both sides and loses the city's roles: {roles}. "
                "Whoever administers the city's accounts opens another account for them."
            )


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
        migrations.RunPython(divide_accounts, migrations.RunPython.noop),
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
