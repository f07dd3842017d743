"""How a report looks: by day and by night, on a phone and on paper."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--ground:#f6f6f4;--sheet:#fff;--ink:#1a1c1f;--soft:#5b6068;--line:#dcdcd6;
--good:#1f7a4d;--bad:#b3261e;--wait:#8a5a00;--idle:#8b9099;--good-ground:#e5f3ea;--bad-ground:#fbe9e7;--wait-ground:#fbf0d9}
@media (prefers-color-scheme:dark){:root{--ground:#131416;--sheet:#1c1e21;--ink:#ececea;--soft:#a3a8b0;--line:#33363b;
--good:#6fd19c;--bad:#ff9a90;--wait:#f0bf62;--idle:#7d838c;--good-ground:#16301f;--bad-ground:#3a1b18;--wait-ground:#33270d}}
*{box-sizing:border-box;margin:0}
body{background:var(--ground);color:var(--ink);overflow-wrap:anywhere;
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:52rem;margin:0 auto;padding:2rem 1rem 3rem;display:grid;gap:1.25rem}
section{background:var(--sheet);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;
display:grid;gap:.75rem;min-width:0}
.eyebrow,.soft,footer{color:var(--soft)}
h1{font-size:1.75rem;line-height:1.2}h2{font-size:1.125rem}h3{font-size:1rem}
header{display:grid;gap:.75rem}
.status{padding:.75rem 1rem;border-radius:.75rem}
.equal{background:var(--good-ground);color:var(--good)}.unequal{background:var(--bad-ground);color:var(--bad)}
.incomplete{background:var(--wait-ground);color:var(--wait)}
.missing{color:var(--wait)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.375rem .5rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child,.what{text-align:left;font-weight:400}
th:first-child,.what{white-space:normal}
thead th{color:var(--soft);font-weight:400}
.sum .total th,.sum .total td{font-weight:600}
.findings{list-style:none;padding:0;display:grid;gap:.75rem}
.findings>li{border-left:.25rem solid var(--idle);padding:.25rem 0 .25rem .875rem}
.findings>.drift{border-color:var(--bad)}
.findings h3 span{font-variant-numeric:tabular-nums;white-space:nowrap}
.drift h3 span{color:var(--bad)}
code{font-size:.9375em}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--ink);font-size:14px;font-family:inherit}
svg .soft{fill:var(--soft)}
.good{fill:var(--good)}.bad{fill:var(--bad)}.wait{fill:var(--wait)}.idle{fill:var(--idle)}
.rule{stroke:var(--line);stroke-width:1}
@media (max-width:36rem){svg text{font-size:20px}}
@media print{:root{--ground:#fff;--sheet:#fff;--ink:#000;--soft:#333}section{break-inside:avoid}}
"""
