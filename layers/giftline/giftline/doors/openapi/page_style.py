"""The style of the page of all calls: one sheet, nothing to fetch, light and dark, phone to desktop."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--ground:#f6f7f9;--ink:#16181d;--soft:#545b68;--line:#d5d8de;--sheet:#fff;--focus:#0b57d0;
--link:#0b4fb8;--get:#0b6b3a;--post:#0b4fb8;--put:#7a4b00;--delete:#9f1c1c;--well:#eef0f3}
@media (prefers-color-scheme:dark){:root{--ground:#101216;--ink:#f0f1f4;--soft:#a9afbb;--line:#3a3f4a;--sheet:#1a1d23;
--focus:#8ab4f8;--link:#8ab4f8;--get:#7ddba3;--post:#8ab4f8;--put:#f2c46d;--delete:#ffb4ab;--well:#101216}}
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{background:var(--ground);color:var(--ink);overflow-wrap:anywhere;
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.page{display:grid;gap:2rem;max-width:76rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em}
h2{font-size:1.25rem;line-height:1.3}
h3{font-size:.875rem;font-weight:600;color:var(--soft);margin:1rem 0 .375rem}
a{color:var(--link)}
p{max-width:44rem}
code,pre{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.soft{color:var(--soft)}
header{display:grid;gap:.5rem}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem .5rem}
nav a{display:inline-block;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.625rem;
background:var(--sheet);color:var(--ink);text-decoration:none}
nav a:hover,summary:hover .path{text-decoration:underline;text-underline-offset:.2em}
main{display:grid;gap:2.5rem;min-width:0}
section{display:grid;gap:.625rem;min-width:0}
.call{border:1px solid var(--line);border-radius:.75rem;background:var(--sheet);min-width:0}
.call>summary{display:flex;flex-wrap:wrap;align-items:baseline;gap:.125rem .75rem;padding:.75rem 1rem;cursor:pointer;
list-style:none}
.call>summary::-webkit-details-marker{display:none}
.call .inside{padding:.25rem 1rem 1.25rem;border-top:1px solid var(--line)}
.inside>p{margin-top:.75rem}
.method{font-weight:700;font-size:.8125rem;min-width:3.75rem;letter-spacing:.02em}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.delete{color:var(--delete)}
.path{font-weight:600}
.told{color:var(--soft);flex-basis:100%}
ul.fields{list-style:none;padding:0;display:grid;gap:.25rem}
ul.fields ul.fields{margin:.25rem 0 .25rem .375rem;padding-left:.875rem;border-left:2px solid var(--line)}
.answers{display:grid;gap:.5rem}
.answers dt{font-weight:600}
.answers dd{margin:0 0 .25rem}
details.shape>summary{cursor:pointer;color:var(--link);width:max-content;max-width:100%}
details.shape>ul{margin-top:.375rem}
pre{background:var(--well);border:1px solid var(--line);border-radius:.5rem;padding:.75rem;overflow-x:auto;
overflow-wrap:normal;tab-size:2}
a:focus-visible,summary:focus-visible,pre:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
@media (min-width:60rem){.page{grid-template-columns:13rem minmax(0,1fr);gap:2rem 3rem;padding:3rem 2rem 6rem}
header{grid-column:1/-1}nav{position:sticky;top:1.5rem;align-self:start}nav ul{display:grid;gap:.25rem}
nav a{display:block;border-color:transparent;background:none}.told{flex-basis:auto}}
@media print{.call{break-inside:avoid}nav{display:none}}
"""
