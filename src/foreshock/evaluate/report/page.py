"""Page: one self-contained HTML file from finished sections. Knows layout and colours, no scores."""

from __future__ import annotations

from collections.abc import Sequence

from foreshock.evaluate.report.markup import Markup, joined, tag

Section = tuple[str, str, Markup]
"""Anchor, heading, body."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Nothing outside the file may be loaded and no script may run, whatever a class is called."""

STYLE = """
:root{color-scheme:light dark;--page:#f5f6f8;--card:#ffffff;--ink:#1f2733;--faint:#5d6776;--line:#e1e5ea;
--ours:#1766b5;--wash:#eef4fb;--good:#00704f;--bad:#b03a06}
@media (prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b2028;--ink:#dfe5ec;--faint:#98a3b1;--line:#323a46;
--ours:#63aef5;--wash:#1e2a3a;--good:#3fc7a2;--bad:#fb923c}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);line-height:1.55;font-size:16px;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC","PingFang SC",
"Microsoft YaHei",sans-serif}
header,.frame,footer{max-width:1180px;margin:0 auto;padding:0 28px}
header{padding-top:44px;padding-bottom:20px}
.eyebrow{margin:0;color:var(--ours);font-size:.8rem;font-weight:600;letter-spacing:.08em;text-transform:uppercase}
h1{margin:.2em 0 .3em;font-size:2.1rem;line-height:1.2;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{margin:0 0 .8em;font-size:1.25rem;letter-spacing:-.005em}
h3{margin:1.4em 0 .4em;font-size:1rem;overflow-wrap:anywhere}
p{margin:.5em 0 1em;max-width:74ch;overflow-wrap:anywhere}
.lede{color:var(--faint);font-size:1.05rem;margin-bottom:1.4em}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px;margin:0}
.cards div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.cards dt{color:var(--faint);font-size:.82rem}
.cards dd{margin:0;font-size:1.7rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3}
.cards dd+dd{font-size:.82rem;font-weight:400;color:var(--faint)}
.frame{display:grid;grid-template-columns:minmax(0,1fr);gap:28px;padding-bottom:40px}
nav{font-size:.88rem}
nav ol{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:4px 16px}
nav a{color:var(--faint);text-decoration:none;display:inline-block;padding:3px 0}
nav a:hover,nav a:focus{color:var(--ours);text-decoration:underline}
@media (min-width:1020px){.frame{grid-template-columns:190px minmax(0,1fr)}
nav ol{position:sticky;top:24px;display:block;border-left:2px solid var(--line)}nav li{padding-left:14px}}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:24px 26px 18px;
margin-bottom:20px;
scroll-margin-top:16px}
.scroll{overflow-x:auto;margin:.4em 0 1.2em}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;min-width:min(100%,420px)}
th,td{padding:8px 18px 8px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);
overflow-wrap:anywhere}
tbody th{min-width:13ch}
thead th{color:var(--faint);font-weight:600;font-size:.82rem;white-space:nowrap;vertical-align:bottom}
tbody th{font-weight:500}
tbody tr:last-child>*{border-bottom:0}
.figures td,.figures thead th:not(:first-child){text-align:right}.figures td{white-space:nowrap}
.scores{min-width:100%}
.scores td{white-space:nowrap}
.scores th:first-child{min-width:200px}.scores td,.scores th{padding-right:12px}
.scores td:nth-child(2),.scores thead th:nth-child(2){background:var(--wash);padding-left:14px}
.scores td:nth-child(3),.scores thead th:nth-child(3){padding-left:18px}
.scores td:nth-child(2) b{color:var(--ours)}
small{display:block;color:var(--faint);font-size:.8rem;font-weight:400;line-height:1.4}
small.better{color:var(--good)}small.worse{color:var(--bad)}
.verdict{font-size:1.03rem}
.note{color:var(--faint);font-size:.9rem}
figure{margin:.6em 0 1.4em}
figure img{display:block;max-width:100%;height:auto}
figure.paper img{background:#fff;border-radius:8px}
figcaption{color:var(--faint);font-size:.86rem;margin-top:.5em;max-width:74ch;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,370px),1fr));gap:0 26px;align-items:start}
code{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace;font-size:.86em;overflow-wrap:anywhere}
details{margin:0 0 1em}summary{cursor:pointer;color:var(--ours)}
.limits{padding-left:1.2em;max-width:74ch}.limits li{margin-bottom:.5em;overflow-wrap:anywhere}
footer{color:var(--faint);font-size:.84rem;padding-bottom:48px}
@media (max-width:600px){header,.frame,footer{padding-left:16px;padding-right:16px}
section{padding:18px 16px 12px}h1{font-size:1.6rem}
.scores th:first-child{min-width:112px}.scores th small{display:none}}
@media print{body{background:#fff;font-size:11pt}nav{display:none}section{border:0;padding:0;break-inside:auto}
figure,tr{break-inside:avoid}.frame{display:block}}
"""


def page(
    title: str,
    sections: Sequence[Section],
    *,
    lang: str,
    eyebrow: str,
    lede: str,
    cards: Sequence[tuple[str, str, str]],
    footer: str,
) -> str:
    """The whole page; cards are (label, large figure, small print)."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content="Foreshock"),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )
    top = tag(
        "header",
        tag("p", eyebrow, class_="eyebrow"),
        tag("h1", title),
        tag("p", lede, class_="lede") if lede else None,
        tag("dl", *(_card(*card) for card in cards), class_="cards"),
    )
    links = (tag("li", tag("a", heading, href=f"#{anchor}")) for anchor, heading, _ in sections)
    nav = tag("nav", tag("ol", *links), aria_label="Contents")
    body = (tag("section", tag("h2", heading), content, id=anchor) for anchor, heading, content in sections)
    main = tag("div", nav, tag("main", *body), class_="frame")
    whole = tag("html", head, tag("body", top, main, tag("footer", footer)), lang="zh-CN" if lang == "zh" else "en")
    return joined([Markup("<!DOCTYPE html>"), whole, ""], "\n")


def _card(label: str, figure: str, small: str) -> Markup:
    return tag("div", tag("dt", label), tag("dd", figure), tag("dd", small))
