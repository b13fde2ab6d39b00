from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("offices", "0001_squashed"), ("accounts", "0007_office_assignments")]
    operations = [migrations.DeleteModel(name="OfficeAssignment")]
