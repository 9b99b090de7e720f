"""Turning names and counts into parts of a sentence, and foreign text into harmless text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

ELLIPSIS = "…"


def listed(names: Sequence[str], limit: int = 5) -> str:
    """Names as one would say them: ``a``, ``a and b``, ``a, b and c``, ``a, b and 7 more``.

    Parameters
    ----------
    names : in the order in which they are to be said.
    limit : at most this many are said, the others are counted.
    """
    rest = len(names) - limit
    said = [*names[:limit], f"{rest:,} more"] if rest > 0 else list(names)
    return " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def itemized(facts: Sequence[str], limit: int = 3) -> str:
    """Facts that have commas of their own: ``a``, ``a; b``, ``a; b; c; 4 more``.

    Parameters
    ----------
    facts : in the order in which they are to be said.
    limit : at most this many are said, the others are counted.
    """
    rest = len(facts) - limit
    return "; ".join([*facts[:limit], *([f"{rest:,} more"] if rest > 0 else [])])


def plural(count: int, noun: str) -> str:
    """A count with its noun: ``1 layer``, ``0 layers``, ``10,000 values``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def these(count: int, noun: str) -> str:
    """What points to things shown: ``this line``, ``these lines``."""
    return f"this {noun}" if count == 1 else f"these {noun}s"


def rounded(value: float) -> str:
    """A number with three digits, or whole: ``0.0123``, ``4.56``, ``789``, ``12,345``."""
    return f"{value:,.0f}" if 100.0 <= abs(value) < 1e9 else f"{value:.3g}"


def interval(low: float, high: float) -> str:
    """A range of values: ``-1.5 to 0.25``."""
    return f"{low:.4g} to {high:.4g}"


def numbered(noun: str, numbers: Sequence[int], limit: int) -> str:
    """Things by their numbers, as many as help: ``channel 4``, ``channels 1, 5 and 7``."""
    listed_numbers = listed([str(number) for number in numbers], limit)
    return f"{noun if len(numbers) == 1 else f'{noun}s'} {listed_numbers}"


def most_alike(name: str, known: Iterable[str], alike: float = 0.6) -> str:
    """The known name that one is most likely a slip of; "" where none is. See `all_alike`."""
    return next(iter(all_alike(name, known, 1, alike)), "")


def all_alike(name: str, known: Iterable[str], limit: int, alike: float = 0.6) -> list[str]:
    """The known names that one may be a slip of, in whatever case, the most alike first.

    Parameters
    ----------
    limit : how many there are at most.
    alike : how much of both has to be the same, 0 to 1; as `difflib` counts it.
    """
    by_lower = {each.lower(): each for each in known}
    return [by_lower[each] for each in get_close_matches(name.lower(), by_lower, limit, alike)]


def tenths(value: float) -> str:
    """A number to a tenth; what rounds to 0 has no sign."""
    return f"{round(value, 1) + 0.0:.1f}"


def percentage(share: float) -> str:
    """A share in percent; one above 0 is never said to be none."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def without_scope(name: str) -> str:
    """A layer's name without the scope in front; the whole where nothing would be left."""
    return name.rpartition("/")[2] or name


def as_clause(sentence: str) -> str:
    """A sentence that begins in the middle of another: ``The SNR is low.``, ``the SNR is low``.

    Names and abbreviations keep their capital letters.
    """
    word = sentence.partition(" ")[0]
    is_plain = word == "A" or word[1:].islower()
    begun = sentence[:1].lower() + sentence[1:] if is_plain else sentence
    return begun.removesuffix(".")


def sentences(*texts: str) -> str:
    """Texts one after the other, each ended by a period where it has no end of its own."""
    return " ".join(
        text if text.endswith((".", "!", "?")) else f"{text}." for text in texts if text
    )


def printable(text: str) -> str:
    """The text with control characters spelled out: names in archives are untrusted.

    A line break or an escape sequence in a layer's name could forge lines on a terminal and in a
    script.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def short(text: str, limit: int) -> str:
    """The text on one line, without control characters, with its middle left out if too long.

    What a format has to escape beyond that, it escapes itself, on top of this.

    Parameters
    ----------
    limit : at most this many characters, at least 3; names that share their beginning, as those
        of layers do, stay apart by their ends.
    """
    shown = printable(text)
    if len(shown) <= limit:
        return shown
    head = limit // 2
    return shown[:head] + ELLIPSIS + shown[len(shown) - (limit - head - 1) :]


def begun(text: str, limit: int) -> str:
    """As `short`, with its end left out if too long: of a sentence the beginning says most."""
    shown = printable(text)
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + ELLIPSIS


def printable_lines(text: str) -> list[str]:
    """The lines of a text, each without control characters; tabs become spaces."""
    return [printable(line) for line in text.expandtabs(4).splitlines()]
