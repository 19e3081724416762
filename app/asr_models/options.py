"""What the settings say of how recognisers run."""

from __future__ import annotations

from app.settings import Settings
from pipeline.asr.loading import LoadOptions


def load_options(settings: Settings) -> LoadOptions:
    """The settings as the pipeline takes them: it reads no environment itself."""
    return LoadOptions(
        cache_folder=settings.cache_folder,
        threads=settings.threads,
        mirror=settings.mirror,
        service_url=settings.asr_url,
        service_key=settings.asr_api_key,
        service_proxy=settings.asr_proxy,
        fake_delay_ms=settings.fake_delay_ms,
        fake_fail_every=settings.fake_fail_every,
    )
