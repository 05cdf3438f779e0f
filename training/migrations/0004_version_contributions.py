import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0011_privacy'),
        ('training', '0003_contributions'),
    ]

    operations = [
        migrations.AddField(
            model_name='runcontribution',
            name='version',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analysis.modelversion', to_field='name'),
        ),
        migrations.AlterField(
            model_name='runcontribution',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='contributions', to='training.trainingrun'),
        ),
    ]
