-- page_style.lua: the style sheet of an HTML page: light and dark, screen, phone and print.  Colours of marks are apart for
-- colour-blind readers, too (blue and orange, after Okabe and Ito 2008), and hold their contrast on either ground.
return [==[
:root { --ground: #fff; --raised: #f6f7f8; --ink: #1c2126; --quiet: #5c6670; --line: #d9dee3; --link: #0a5a9c;
  --plain: #3b7ea8; --good: #0072b2; --bad: #c4540a; --third: #7a5c93; --mark: #ffe38a; --mark-ink: #1c2126; --heat: #cfe2f0; color-scheme: light; }
@media (prefers-color-scheme: dark) { :root:not([data-style=light]) { --ground: #14181c; --raised: #1c2228; --ink: #e4e8eb; --quiet: #9aa5af;
  --line: #343c44; --link: #7cbcec; --plain: #5ea3cf; --good: #56b4e9; --bad: #ee9552; --third: #b79bd0; --mark: #6b5410; --mark-ink: #fff6d6; --heat: #23445a; color-scheme: dark; } }
:root[data-style=dark] { --ground: #14181c; --raised: #1c2228; --ink: #e4e8eb; --quiet: #9aa5af;
  --line: #343c44; --link: #7cbcec; --plain: #5ea3cf; --good: #56b4e9; --bad: #ee9552; --third: #b79bd0; --mark: #6b5410; --mark-ink: #fff6d6; --heat: #23445a; color-scheme: dark; }
* { box-sizing: border-box; }
html { font: 16px/1.6 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif;
  background: var(--ground); color: var(--ink); -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
:lang(zh-Hant) { font-family: system-ui, -apple-system, "Segoe UI", "PingFang TC", "Microsoft JhengHei", "Noto Sans CJK TC", "Noto Sans TC", sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 0 1.25rem 4rem; overflow-wrap: anywhere; }
:lang(zh) body, body:lang(zh) { line-break: strict; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .18em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
bdi, td, th, blockquote, .body p, mark { unicode-bidi: isolate; }
header { padding: 2.2rem 0 1.2rem; border-bottom: 3px solid var(--ink); position: relative; }
.kicker { margin: 0; font-size: .82rem; letter-spacing: .04em; color: var(--quiet); }
h1 { margin: .15rem 0 .3rem; font-size: clamp(1.6rem, 4.5vw, 2.3rem); line-height: 1.25; text-wrap: balance; }
.about { margin: 0; max-width: 44rem; color: var(--quiet); }
.meta { margin: .8rem 0 0; font-size: .88rem; color: var(--quiet); display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; }
code { font: .84rem/1.5 ui-monospace, "SF Mono", "Cascadia Mono", "Noto Sans Mono", monospace; overflow-wrap: anywhere; }
.switches { position: absolute; top: .9rem; right: 0; display: none; gap: .4rem; }
.js .switches { display: flex; }
button, select, input { font: inherit; color: inherit; }
.switches button, .pager button, .pager select, .chips button, .more, dialog button { border: 1px solid var(--line); background: var(--raised);
  border-radius: 6px; padding: .15rem .6rem; font-size: .85rem; cursor: pointer; min-height: 2rem; }
button:disabled { opacity: .45; cursor: default; }
nav { margin: 1rem 0 0; font-size: .9rem; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
h2 { margin: 2.4rem 0 .6rem; font-size: 1.2rem; line-height: 1.35; }
h2.part { font-size: 1.5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
p { margin: .6rem 0; }
main > p, main section > p { max-width: 44rem; white-space: pre-line; }
.quiet, .count { color: var(--quiet); font-size: .85rem; }
.alert { margin: 1.2rem 0 0; padding: .7rem 1rem; border-left: 4px solid var(--bad); background: var(--raised); font-size: .92rem; }
.alert ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1px; margin: 1.6rem 0 0; }
.figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; box-shadow: 0 0 0 1px var(--line); padding: .7rem .9rem; }
figure { margin: 0; }
.figures dt { font-size: .84rem; color: var(--quiet); line-height: 1.35; }
.figures dd { margin: 0; font-size: 1.7rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; overflow-wrap: break-word; }
table.bars { width: 100%; max-width: 46rem; font-size: .92rem; }
table.bars th { font-weight: 400; text-align: right; padding: .12rem .7rem .12rem 0; width: 1%; max-width: 16rem; min-width: 4.5em; vertical-align: middle; line-height: 1.35; }
table.bars th { white-space: nowrap; } table.bars th.long { white-space: normal; min-width: 11rem; overflow-wrap: anywhere; }
table.bars td.b { padding: .12rem 0; width: auto; }
table.bars td.n { padding-left: .6rem; width: 1%; }
svg.bar { display: block; width: 100%; height: .95rem; border-left: 1px solid var(--quiet); }
svg .plain, .plain rect { fill: var(--plain); } .good rect { fill: var(--good); } .bad rect { fill: var(--bad); } .neutral rect { fill: var(--quiet); fill-opacity: .6; }
svg.plot { display: block; width: 100%; min-width: 42rem; height: auto; max-width: 58rem; font-size: 12px; }
svg text { fill: var(--ink); } svg .tick, svg .unit { fill: var(--quiet); }
svg .label { paint-order: stroke; stroke: var(--ground); stroke-width: 3px; pointer-events: none; }
svg .grid { stroke: var(--line); } svg .diagonal { stroke: var(--quiet); stroke-dasharray: 4 4; }
svg .line { fill: none; stroke: var(--plain); stroke-width: 2; stroke-linejoin: round; } svg .dot { fill: var(--plain); }
svg .hit { fill: transparent; } svg a:hover .hit, svg a:focus .hit { fill: var(--heat); fill-opacity: .5; }
svg .gap { fill: var(--line); fill-opacity: .45; }
svg .g1 { fill: var(--good); fill-opacity: .75; } svg .g2 { fill: var(--bad); fill-opacity: .75; } svg .g3 { fill: var(--third); fill-opacity: .75; }
svg .edge { stroke: var(--plain); stroke-opacity: .4; } svg .node { fill: var(--bad); stroke: var(--ground); }
ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; margin: .2rem 0; font-size: .88rem; }
ul.legend svg { width: 14px; height: 14px; margin-right: .35rem; vertical-align: -2px; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; margin-bottom: .4rem; }
.filter { display: none; border: 1px solid var(--line); border-radius: 6px; background: var(--ground); padding: .2rem .6rem; min-height: 2.1rem; width: 15rem; max-width: 100%; }
.js .filter { display: block; }
table.data { width: 100%; font-size: .88rem; line-height: 1.5; }
table.data th { text-align: left; font-weight: 600; border-bottom: 2px solid var(--ink); padding: 0; white-space: nowrap; vertical-align: bottom; }
table.data th button { border: 0; background: none; font-weight: 600; padding: .35rem .7rem .35rem 0; text-align: inherit; cursor: default; }
.js table.data th button { cursor: pointer; }
.js table.data th button::after { content: "↕"; opacity: .35; font-size: .8em; margin-left: .3em; }
.js table.data th[aria-sort=ascending] button::after { content: "↑"; opacity: 1; } .js table.data th[aria-sort=descending] button::after { content: "↓"; opacity: 1; }
table.data td { border-bottom: 1px solid var(--line); padding: .32rem .9rem .32rem 0; vertical-align: top; max-width: 30rem; min-width: 2.5em; }
table.data th.n, table.data th.n button, table.data th.r, table.data th.r button, td.n { text-align: right; } td.n { font-variant-numeric: tabular-nums; white-space: nowrap !important; }
td.r { text-align: right; } td.s { white-space: nowrap !important; }
td.h { background: linear-gradient(to left, var(--heat) var(--v), transparent 0); padding-left: .6rem !important; }
table.data th.n button { padding: .35rem .9rem .35rem .4rem; }
.pager { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: .6rem 0; font-size: .85rem; color: var(--quiet); }
details.legend { margin: .5rem 0; font-size: .85rem; color: var(--quiet); } summary { cursor: pointer; }
dl.facts, details.legend dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.1rem; margin: .5rem 0; } dl.facts dt, details.legend dt { color: var(--quiet); }
details.legend dt { color: var(--ink); } dl.facts dd, details.legend dd { margin: 0; }
.evidence ol { padding: 0; margin: .4rem 0; list-style: none; }
.evidence li { padding: .7rem 0 .6rem; border-bottom: 1px solid var(--line); max-width: 46rem; }
blockquote { margin: 0; font-size: 1.02rem; line-height: 1.8; white-space: pre-line; }
mark { background: var(--mark); color: var(--mark-ink); border-radius: 2px; padding: 0 .05em; }
.src { margin: .25rem 0 0; font-size: .85rem; color: var(--quiet); display: flex; flex-wrap: wrap; gap: .1rem 1rem; }
.note { margin: .15rem 0 0; font-size: .85rem; color: var(--quiet); }
.path { font: .8rem/1.7 ui-monospace, "Noto Sans Mono", monospace; color: var(--quiet); overflow-wrap: anywhere; }
section.all details { border-bottom: 1px solid var(--line); padding: .5rem 0; } section.all summary { font-weight: 600; }
dialog { border: 1px solid var(--line); border-radius: 10px; background: var(--ground); color: var(--ink); width: min(48rem, 94vw); max-height: 90vh; padding: 0; }
dialog::backdrop { background: rgb(0 0 0 / .5); }
dialog[open] { display: flex; flex-direction: column; }
dialog .top { padding: .9rem 1.2rem .7rem; border-bottom: 1px solid var(--line); background: var(--raised); }
dialog h2 { margin: 0 0 .2rem; font-size: 1.1rem; } dialog .meta { margin: 0; } dialog .kind { margin: .2rem 0 0; font-size: .8rem; color: var(--quiet); }
dialog .body { overflow-y: auto; padding: .4rem 1.2rem 1.2rem; font-size: 1.02rem; line-height: 1.85; } dialog .body p { white-space: pre-wrap; overflow-wrap: anywhere; }
dialog .bar { display: flex; align-items: center; gap: .5rem; margin-top: .5rem; } dialog .where { margin-right: auto; font-size: .85rem; color: var(--quiet); }
footer { margin-top: 3rem; font-size: .8rem; color: var(--quiet); }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 0; }
@media (max-width: 40rem) {
  body { padding: 0 .9rem 3rem; } header { padding-top: 3.4rem; } table.data { font-size: .84rem; } table.data td { max-width: 15rem; padding-right: .7rem; }
  .figures { grid-template-columns: repeat(2, 1fr); } table.bars th { max-width: 9rem; }
  dl.facts, details.legend dl { grid-template-columns: 1fr; gap: 0; } dl.facts dd, details.legend dd { margin-bottom: .4rem; }
}
@media print {
  :root, :root[data-style=dark], :root:not([data-style=light]) { --ground: #fff; --raised: #fff; --ink: #000; --quiet: #444; --line: #bbb; --link: #000; --plain: #3b7ea8; --good: #0072b2;
    --bad: #c4540a; --mark: #ffe38a; --mark-ink: #000; --heat: #dde8f0; color-scheme: light; }
  html { font-size: 10.5pt; } body { max-width: none; padding: 0; } nav, .switches, .filter, .pager, .chips, .more, .skip, dialog, .js th button::after { display: none !important; }
  .scroll { overflow: visible; } svg.plot { min-width: 0; } a { text-decoration: none; } tr, li, figure, .figures div { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; }
  mark, td.h, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
]==]
