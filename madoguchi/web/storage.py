"""Static files under names that carry their hash, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrite import statements between our JavaScript modules: no bundler is needed."""

    support_js_module_import_aggregation = True
