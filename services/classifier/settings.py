"""Settings of the classifier: `TOPICWIRE_CLASSIFIER_…` beside the common ones."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from shared.settings import CommonSettings


class ClassifierSettings(CommonSettings):
    """What the classifier reads at its start."""

    owners: ClassVar[frozenset[str]] = frozenset({"classifier"})

    classifier_host: str = Field("127.0.0.1", description="address of the health and metrics page")
    classifier_port: int = Field(8082, ge=0, le=65_535)
    classifier_model_dir: Path | None = Field(
        None, description="default: model/ in the data folder"
    )
    classifier_model_sha256: str | None = Field(
        None, pattern=r"^[0-9a-fA-F]{64}$", description="refuse any other model"
    )
    classifier_profile: Literal["accurate", "fast"] = Field(
        "accurate", description="fast: words and concepts alone decide, without the encoder"
    )

    @property
    def vector_cache(self) -> Path:
        """The file that keeps the encoder's vectors of the corpus between trainings."""
        return self.data_dir / "cache" / "vectors.npz"

    @property
    def model_dir(self) -> Path:
        """The folder that holds the model."""
        return self.classifier_model_dir or self.data_dir / "model"
