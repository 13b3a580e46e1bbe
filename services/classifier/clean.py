"""Take page furniture out of an article's text, and say what was taken and why.

Works on whole lines only, and only on short ones, so it can't eat a sentence of the story. The raw
text stays as it is; the clean text is the raw text without the removed spans.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.messages import RemovedSpan

CLEANER_VERSION = "1"
_LONGEST_FURNITURE_CHARS = 160


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The clean text, and the spans of the raw text that are missing from it, in order."""

    text: str
    removed: tuple[RemovedSpan, ...]


# Reason → what a whole line looks like, in the languages served. Compiled once, matched in full,
# ignoring case.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("reading_time", r"(lesezeit:?\s*)?(ca\.\s*)?\d{1,3}\s*(minuten?|min\.?|minutes?|minutos?|minuti|minut[ay]?|мин\.?|минут[ыа]?|хв\.?|хвилин[иа]?|dakika|دقائق|دقيقة)(\s*(read|lesezeit|de lecture|de lectura|de leitura|di lettura|czytania|čtení|чтения|читання|okuma|leestijd))?"),
    ("reading_time", r"(reading time|lesezeit|temps de lecture|tiempo de lectura|tempo de leitura|tempo di lettura|leestijd|czas czytania|doba čtení|время чтения|час читання|okuma süresi)\s*:?.{0,30}"),
    ("date_line", r"(ausgegeben am|veröffentlicht am|stand|aktualisiert|published( on)?|posted( on)?|updated( on)?|issued on|publié le|mis à jour le|publicado( el| em)?|actualizado( el)?|atualizado( em)?|pubblicato( il)?|aggiornato( il)?|gepubliceerd( op)?|opublikowano|aktualizacja|publikováno|aktualizováno|опубликовано|обновлено|опубліковано|оновлено|yayınlan(ma|dı)|güncelle(me|ndi)|نشر في|تاريخ النشر)\b\s*:?.{0,60}"),
    ("agency_mark", r"\(?\s*(afp|dpa|reuters|ap|apa|ansa|efe|lusa|pap|čtk|тасс|риа новости|укринформ|укрінформ|интерфакс|anadolu|xinhua|sda|kna|epd|anp|belga)(\s*[/,-]\s*(afp|dpa|reuters|ap|apa|ansa|efe|lusa))*\s*\)?\.?"),
    ("source_mark", r"(source|quelle|fuente|fonte|źródło|zdroj|источник|джерело|kaynak|bron|المصدر)\s*:?\s*\S{1,40}(\s\S{1,20})?"),
    ("comments", r"(leave a (reply|comment).{0,20}|schreibe(n sie)? einen kommentar|kommentare?( \(?\d+\)?)?|laisser un commentaire|deja un comentario|deixe um comentário|lascia un commento|plaats een reactie|dodaj komentarz|přidat komentář|оставить комментарий|залишити коментар|yorum yap|اترك تعليق.{0,10}|\d* ?comments?)"),
    ("share", r"(share( this)?( article| story| post)?( on .{0,30})?|teilen( auf .{0,30})?|artikel teilen|partager.{0,40}|compartir.{0,40}|compartilh(ar|e).{0,40}|condividi.{0,40}|udostępnij.{0,40}|sdílet.{0,40}|поделиться.{0,40}|поділитися.{0,40}|paylaş.{0,40}|deel( dit artikel)?.{0,30}|شارك.{0,40}|facebook|twitter|whatsapp|telegram|e-?mail|print|drucken)"),
    ("newsletter", r"((subscribe|sign up) .{0,60}(newsletter|updates|inbox).{0,30}|newsletter( abonnieren)?|(jetzt )?.{0,30}newsletter (abonnieren|bestellen|anmelden).{0,20}|(abonnez|inscrivez)-vous.{0,60}|suscr[ií]bete.{0,60}|inscreva-se.{0,60}|iscriviti.{0,60}|zapisz się.{0,60}|подпи(сы|ши)(вай)?тесь.{0,60}|підпи(сы|ши)(вай)?т[еь]ся.{0,60})"),
    ("read_more", r"(read (more|also|next).{0,90}|mehr (zum thema|lesen).{0,60}|lesen sie auch.{0,90}|lire aussi.{0,90}|(lea|leia) (también|também|mais).{0,90}|leggi anche.{0,90}|lees ook.{0,90}|(prze)?czytaj (też|także|więcej).{0,90}|čtěte (také|více).{0,90}|читайте (также|також).{0,90}|ayrıca okuyun.{0,90}|اقرأ أيضا.{0,90})"),
    ("cookies", r".{0,60}(we use cookies|verwendet? cookies|utilise des cookies|utilizamos cookies|accept (all )?cookies|cookies? akzeptieren|файлы cookie).{0,90}"),
    ("image_credit", r"(photo|foto|bild|image|picture|фото|fotografía|getty images)\s*[:©/].{0,80}|©.{0,80}"),
    ("advert", r"(advertisement|anzeige|werbung|publicité|publicidad|publicidade|pubblicità|reklama|advertentie|реклама|reklam|إعلان)"),
)  # fmt: skip
_COMPILED = [(reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _PATTERNS]


def clean(text: str) -> Cleaned:
    """Return `text` without furniture lines, and the spans that were removed.

    A span covers its line and the line feed after it. Text without furniture comes back as it is.
    If every line looks like furniture, nothing is removed: then it is the story.
    """
    removed, kept = list[RemovedSpan](), list[str]()
    start = 0
    for line in text.splitlines(keepends=True):
        reason = _furniture(line.strip())
        if reason is None:
            kept.append(line)
        else:
            removed.append(RemovedSpan(start=start, end=start + len(line), reason=reason))
        start += len(line)
    clean_text = "".join(kept)
    if not clean_text.strip():
        return Cleaned(text, ())
    return Cleaned(clean_text, tuple(removed))


def without_spans(text: str, removed: Sequence[RemovedSpan]) -> str:
    """Derive the clean text from the raw text and the spans a labelled article carries."""
    parts, start = list[str](), 0
    for span in removed:
        parts.append(text[start : span.start])
        start = span.end
    return "".join([*parts, text[start:]])


def _furniture(line: str) -> str | None:
    if not line or len(line) > _LONGEST_FURNITURE_CHARS:
        return None
    return next((reason for reason, shape in _COMPILED if shape.fullmatch(line)), None)
