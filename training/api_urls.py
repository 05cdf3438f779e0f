from rest_framework.routers import SimpleRouter

from training.api import RunViewSet
from training.transfers.api import VersionTransferViewSet

router = SimpleRouter(use_regex_path=False)
router.register("runs", RunViewSet, basename="run")
router.register("version-transfers", VersionTransferViewSet, basename="version-transfer")
urlpatterns = router.urls
