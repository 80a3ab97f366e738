"""LocalStack's buckets in the folder of the LocalStack, not in one that all of a machine share."""

import os
import tempfile

from localstack.runtime import hooks


@hooks.on_infra_start()
def keep_buckets_in_own_folder() -> None:
    from localstack.services.s3 import provider

    provider.DEFAULT_S3_TMP_DIR = os.path.join(tempfile.gettempdir(), "s3")
