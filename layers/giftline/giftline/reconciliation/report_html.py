"""A report as a page for anybody: what is equal, what is not, and by how much. No script, nothing to fetch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final

from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import Bridge, Correction, Finding, Report, Status, Total
from giftline.reconciliation.naming import MINUS, shown
from giftline.reconciliation.report_style import STYLE
from giftline.reconciliation.report_svg import bridge_picture, parts_picture

HTML: Final = "text/html; charset=utf-8"
VERDICTS: Final = {
    Status.EQUAL: ("Equal", "Our books and the supplier's agree to the cent."),
    Status.UNEQUAL: ("Not equal", "Something differs. What it is, and by how much, stands below."),
    Status.INCOMPLETE: ("Incomplete", "Nothing differs as far as can be told, and not everything can be told."),
}
WORDS: Final = {
    "MATCHED": "Both have it",
    "ONLY_OURS": "Only our books have it",
    "ONLY_THEIRS": "Only the supplier has it",
    "AMOUNT_DIFFERS": "Another amount",
    "COUNTED_TWICE": "Counted twice",
    "LOT_MISSING": "Our records lost it",
    "IN_DOUBT": "In doubt",
    "NOT_BOUGHT": "Not bought, by both",
    "RETURNED": "Taken back, by both",
    "BALANCE_HIGHER": "Balance higher",
    "BALANCE_LOWER": "Balance lower",
    "CROSSING": "Over midnight",
}
HOW: Final = (
    "The suppliers offer no list of a day's orders. So what only they have is found in two ways: by the balance, from"
    " one midnight (UTC) to the next, which moves by every order and every payment, and by asking about each reference"
    " that our books do not count as bought. One that they do not know cost nothing; and money that moved under none of"
    " our references shows in the balance, with its exact value."
)


def report_page(report: Report) -> str:
    title = f"{report.supplier}, {report.day.isoformat()}"
    parts = [
        _header(report),
        *(f"<section>{_currency_part(report, bridge)}</section>" for bridge in report.bridges),
        _findings("What differs", [one for one in report.findings if one.kind.is_drift], report.more),
        _corrections(report.corrections),
        _findings("To be known", [one for one in report.findings if not one.kind.is_drift], 0),
        f"<section><h2>How this is found</h2><p>{escape(HOW)}</p></section>",
        f"<footer><p>{escape(_footer(report))}</p></footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex,nofollow"><meta name="color-scheme" content="light dark">'
        f"<title>Reconciliation: {escape(title)}</title><style>{STYLE}</style></head><body><main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main></body></html>\n"
    )


def _header(report: Report) -> str:
    word, sentence = VERDICTS[report.status]
    span = f"{_time(report.window.since)} to {_time(report.window.until)}"
    missing = "".join(f"<li>{escape(one)}</li>" for one in report.missing)
    notes = f'<ul class="missing">{missing}</ul>' if missing else ""
    provisional = " This day is not over: the balance is as it was when this was made." if report.is_provisional else ""
    return (
        f'<header><p class="eyebrow">Reconciliation with {escape(report.supplier)}</p><h1>{report.day.isoformat()}</h1>'
        f'<p class="status {report.status.value.lower()}"><strong>{word}.</strong> {sentence}{provisional}</p>{notes}'
        f'<p class="soft">{escape(span)}, UTC</p></header>'
    )


def _currency_part(report: Report, bridge: Bridge) -> str:
    totals = [one for one in report.totals if one.currency == bridge.currency]
    return (
        f"<h2>{escape(bridge.currency)}</h2>{parts_picture(totals)}{_totals(totals)}"
        f"<h3>From one balance to the next</h3>{bridge_picture(bridge)}{_bridge(bridge)}"
    )


def _totals(totals: Sequence[Total]) -> str:
    if not totals:
        return "<p>Nothing was sent.</p>"
    rows = "".join(
        f"<tr><th scope=row>{WORDS[one.verdict.value]}</th><td>{one.purchases:,}</td><td>{one.cards:,}</td>"
        f"<td>{escape(shown(one.ours, one.currency))}</td><td>{escape(shown(one.theirs, one.currency))}</td></tr>"
        for one in totals
    )
    head = "".join(f"<th scope=col>{name}</th>" for name in ("Purchases", "Cards", "Ours", "Theirs"))
    table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _bridge(bridge: Bridge) -> str:
    rows: list[tuple[str, int | None]] = [
        ("Opening balance", bridge.opening),
        ("+ top-ups that we know", bridge.top_ups),
        (f"{MINUS} bought by our books", -bridge.bought),
    ]
    if bridge.carried_in:
        rows.append((f"{MINUS} sent before the opening balance, debited after it", -bridge.carried_in))
    if bridge.carried_out:
        rows.append(("+ sent before the closing balance, debited after it", bridge.carried_out))
    rows += [("= expected", bridge.expected), ("The supplier's closing balance", bridge.closing)]
    rows.append(("Difference", bridge.difference))
    if bridge.named and bridge.difference is not None:
        rows += [("of it named by purchase", bridge.named), ("of it left over", bridge.unexplained)]
    totals = ("= expected", "Difference")
    cells = "".join(
        f"<tr{' class=total' if name in totals else ''}><th scope=row>{escape(name)}</th>"
        f"<td>{_figure(minor, bridge.currency)}</td></tr>"
        for name, minor in rows
    )
    return f'<table class="sum"><tbody>{cells}</tbody></table>'


def _figure(minor: int | None, currency: str) -> str:
    return "not known" if minor is None else escape(shown(minor, currency))


def _findings(title: str, findings: Sequence[Finding], more: int) -> str:
    if not findings:
        return ""
    rest = f"<p>And {more:,} more, in the CSV file.</p>" if more else ""
    return f"<section><h2>{title}</h2><ul class=findings>{''.join(map(_finding, findings))}</ul>{rest}</section>"


def _finding(one: Finding) -> str:
    place = f" of order {escape(one.order_id)}, lot {one.lot}" if one.order_id else ""
    name = f"<p><code>{escape(one.reference)}</code>{place}</p>" if one.reference else ""
    amount = f" <span>{escape(_signed(one.difference, one.currency))}</span>" if one.difference else ""
    hints = "".join(f"<li>{escape(hint)}</li>" for hint in one.hints)
    may_be = f"<p>It may be:</p><ul>{hints}</ul>" if hints else ""
    css = "drift" if one.kind.is_drift else "note"
    title = f"<h3>{WORDS[one.kind.value]}{amount}</h3>"
    return f'<li class="{css}">{title}{name}<p>{escape(_sentence(one.words))}</p>{may_be}</li>'


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _corrections(corrections: Iterable[Correction]) -> str:
    rows = "".join(
        f"<tr><td>{one.day.isoformat()}</td>"
        f"<td class=what><code>{escape(' '.join(one.references) or one.order_id)}</code></td>"
        f"<td>{escape(shown(one.was, one.currency))}</td><td>{escape(shown(one.now, one.currency))}</td></tr>"
        for one in corrections
    )
    if not rows:
        return ""
    names = ("Day", "What", "Was", "Is now")
    head = "".join(f"<th scope=col{' class=what' if name == 'What' else ''}>{name}</th>" for name in names)
    words = "These lots stood otherwise when their day was reconciled. That day has a new version of its report."
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return f"<section><h2>Corrections of earlier days</h2><p>{words}</p>{table}</section>"


def _footer(report: Report) -> str:
    asked = f"{report.asked:,} references were asked about, {report.unasked:,} in doubt or not bought were not."
    return f"Version {report.version}, made {_time(report.made_at)} UTC. {report.lots:,} lots. {asked}"


def _signed(minor: int, currency: str) -> str:
    return f"{'+' if minor > 0 else ''}{shown(minor, currency)}"


def _time(at: Millis) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
