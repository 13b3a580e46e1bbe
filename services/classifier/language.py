"""Which language a text is in."""

from functools import cached_property
from typing import Any

from shared.messages import RawArticle

UNKNOWN = "und"  # BCP 47: undetermined
_SAMPLE_CHARS = 2_000
_MIN_CHARS = 20


class LanguageIdentifier:
    """py3langid over a sample of the text. Loads its model (4 MB) at the first call."""

    def identify(self, article: RawArticle, clean_text: str) -> tuple[str, float]:
        """Return the language as ISO 639-1 and the confidence in 0..1.

        A text too short to tell is taken at the producer's word (confidence 0), else `und`.
        """
        sample = f"{article.title}\n{clean_text}"[:_SAMPLE_CHARS]
        if sum(map(str.isalpha, sample)) < _MIN_CHARS:
            return article.language or UNKNOWN, 0.0
        language, confidence = self._model.classify(sample)
        return str(language), round(float(confidence), 4)

    @cached_property
    def _model(self) -> Any:
        from py3langid.langid import MODEL_FILE  # noqa: PLC0415 slow
        from py3langid.langid import LanguageIdentifier as Model  # noqa: PLC0415

        return Model.from_model_file(MODEL_FILE, norm_probs=True)
