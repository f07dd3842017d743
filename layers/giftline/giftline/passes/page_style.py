"""The style of the page behind a download link: one sheet, no font and no file to fetch, light and dark."""

from __future__ import annotations

from typing import Final

from giftline.passes.colours import BLACK, WHITE, contrast

STYLE: Final = """
:root{color-scheme:light dark;--ground:#f3f4f6;--ink:#16181d;--soft:#565c68;--line:#d5d8de;--sheet:#fff;
--strong:#16181d;--on-strong:#fff;--alarm:#9f1c1c;--alarm-ground:#fde8e8;--focus:#0b57d0}
@media (prefers-color-scheme:dark){:root{--ground:#101216;--ink:#f0f1f4;--soft:#a9afbb;--line:#3a3f4a;--sheet:#1a1d23;
--strong:#f0f1f4;--on-strong:#16181d;--alarm:#ffb4ab;--alarm-ground:#4a1515;--focus:#8ab4f8}}
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{min-height:100vh;background:var(--ground);color:var(--ink);overflow-wrap:anywhere;
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{display:grid;gap:1.5rem;max-width:26rem;margin:0 auto;padding:1.25rem 1rem 2.5rem}
h1{font-size:1.625rem;line-height:1.2;letter-spacing:-.015em;font-weight:700;text-wrap:balance}
h2{font-size:1rem;font-weight:600}
.card{background:var(--card) linear-gradient(165deg,transparent 30%,var(--shade));color:var(--on-card);
border-radius:1.5rem;padding:1.375rem 1rem 1rem;box-shadow:0 1px 2px rgb(0 0 0/.12),0 12px 32px rgb(0 0 0/.16);
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.card header,.facts{padding:0 .375rem}
.brand{font-weight:600;margin-bottom:1.25rem}
.facts{display:flex;flex-wrap:wrap;gap:.875rem 1.5rem;margin:1.125rem 0 1.375rem}
.facts dt{font-size:.875rem}
.facts dd{font-size:1.0625rem;font-weight:600;font-variant-numeric:tabular-nums}
.facts .points{font-size:2.25rem;line-height:1.15;font-weight:700;letter-spacing:-.02em}
.code{background:#fff;color:#16181d;border-radius:1rem;padding:.5rem .375rem .875rem;text-align:center}
.code svg{display:block;max-width:100%;margin:0 auto;forced-color-adjust:none}
.code svg.qr{height:auto}
.code svg.code128{margin:.75rem auto .625rem}
.code p{font:600 1.0625rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;
letter-spacing:.08em;padding:0 .5rem;user-select:all;-webkit-user-select:all}
.over .code svg path:last-child{fill:#5f5f5f}
.over .card{filter:saturate(.35)}
.notice{background:var(--alarm-ground);color:var(--alarm);font-weight:600;border-radius:1rem;padding:.875rem 1.125rem}
.side{display:grid;gap:1.5rem;align-content:start}
.about{display:grid;gap:.25rem;padding:0 .375rem}
.about p{color:var(--soft);white-space:pre-line}
nav ul{display:grid;gap:.75rem;list-style:none;padding:0}
nav a{display:flex;align-items:center;justify-content:center;gap:.625rem;min-height:3.25rem;padding:.75rem 1.25rem;
border-radius:1rem;border:1px solid var(--line);background:var(--sheet);color:var(--ink);font-weight:600;
text-decoration:none;text-align:center}
nav li:first-child a{background:var(--strong);border-color:var(--strong);color:var(--on-strong)}
nav a:hover{text-decoration:underline;text-underline-offset:.2em}
nav svg{flex:none;width:1.25rem;height:1.25rem;fill:none;stroke:currentColor;stroke-width:1.75;
stroke-linecap:round;stroke-linejoin:round}
a:focus-visible{outline:3px solid var(--focus);outline-offset:3px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.nothing{min-height:100vh;max-width:22rem;align-content:center;justify-items:center;text-align:center}
.nothing svg{width:5.5rem;height:5.5rem;fill:none;stroke:var(--soft);stroke-width:1.25;
stroke-linecap:round;stroke-linejoin:round}
.nothing p{color:var(--soft)}
@media (min-width:52rem){main.pass{grid-template-columns:25rem 1fr;gap:1.5rem 3.5rem;max-width:54rem;padding:4rem 2rem;
align-items:center}.pass .notice{grid-column:1/-1}}
@media (min-resolution:1.75dppx){.code svg.code128{width:var(--bars)}}
@media (max-width:24rem){.code svg{shape-rendering:auto}}
@media (prefers-reduced-motion:no-preference){nav a{transition:transform .12s}nav a:active{transform:scale(.985)}}
@media print{:root{--ground:#fff;--ink:#000;--soft:#333}main{padding:0}.card{box-shadow:none;break-inside:avoid}
nav{display:none}}
"""


def style(background: str, foreground: str, bars: float = 0) -> str:
    """The sheet with a card's colours, checked ones; `bars` is how wide fine screens draw a Code 128."""
    # The shade only ever adds to the contrast of the words on it.
    shade = "0 0 0" if contrast(foreground, BLACK) > contrast(foreground, WHITE) else "255 255 255"
    return f"{STYLE}.card{{--card:{background};--on-card:{foreground};--shade:rgb({shade}/.22);--bars:{bars:g}px}}\n"
