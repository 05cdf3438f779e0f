from django.db import migrations


class Migration(migrations.Migration):
    """Knox's own table of tokens, which `ApiToken` replaces, refers to users: it would keep them from being flushed."""

    dependencies = [("accounts", "0010_second_factor")]

    operations = [migrations.RunSQL("DROP TABLE IF EXISTS knox_authtoken", migrations.RunSQL.noop)]
