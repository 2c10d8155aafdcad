#!/usr/bin/python3
"""check_report.py DIR: opens the pages that tests/lua/report_html_test.lua has put into DIR and looks at what a reader
would see.  Prints a line for each check that fails, then how many were made; DIR gets screenshots."""
import json
import sys

from chromium import Browser, Failed

made, failed = 0, 0
dir = sys.argv[1]


def check(what, got, want=True):
    global made, failed
    made += 1
    if got != want:
        failed += 1
        print("FAILED %s: %s, not %s" % (what, json.dumps(got, ensure_ascii=False)[:300], json.dumps(want, ensure_ascii=False)[:300]))


def table(title):
    """A selector's JavaScript: the table below a heading."""
    return "[...document.querySelectorAll('section')].find(s => s.querySelector('h2')?.textContent === %s).querySelector('.table')" % json.dumps(title)


def quiet(page, name):
    check(name + ": nothing is asked for", page.requests(), [])
    check(name + ": no error in the console", page.problems(), [])


def column(page, title, k):
    return page.js("[...%s.querySelectorAll('tbody tr')].map(r => r.children[%d].textContent)" % (table(title), k))


def numbers(cells):
    return [float(c.replace(",", "")) for c in cells if c]


def sorting(b):
    p = b.open(dir + "/pricewar.html")
    page_one = column(p, "Totals", 2)
    p.js("%s.id = 'totals'" % table("Totals"))
    p.click("#totals thead th:nth-child(3) button")
    check("a click sorts numbers, the largest first", numbers(column(p, "Totals", 2)), sorted(numbers(page_one), reverse=True))
    check("aria-sort tells it", p.js("document.querySelector('#totals th:nth-child(3)').getAttribute('aria-sort')"), "descending")
    p.js("document.querySelector('#totals th:nth-child(3) button').focus()")
    p.enter()
    check("the keyboard turns it", numbers(column(p, "Totals", 2)), sorted(numbers(page_one)))
    p.click("#totals thead th:nth-child(3) button")
    check("a third time gives the first order", column(p, "Totals", 2), page_one)
    p.click("#totals thead th:nth-child(1) button")
    check("words sort by Chinese collation", column(p, "Totals", 0), p.js(
        "%s.sort(new Intl.Collator(['zh', 'en'], { numeric: true }).compare)" % json.dumps(column(p, "Totals", 0))))
    quiet(p, "sorting")
    p.close()


def filtering(b):
    p = b.open(dir + "/pricewar.html")
    p.js("%s.id = 'totals'" % table("Totals"))
    p.click("#totals .filter")
    p.type("价格")
    p.js("new Promise(r => setTimeout(r, 300))")
    rows = column(p, "Totals", 0)
    check("what is typed filters", len(rows) > 0 and all("价格" in r for r in rows))
    check("the count tells it", p.js("document.querySelector('#totals .count').textContent").startswith(str(len(rows)) + " row"))
    p.type("no such thing")
    p.js("new Promise(r => setTimeout(r, 300))")
    check("nothing found is said", p.js("document.querySelector('#totals .count').textContent").startswith("no row matches"))
    quiet(p, "filtering")
    p.close()


def leading(b):
    """From a figure to its rows, from a row to the passage."""
    p = b.open(dir + "/pricewar.html")
    term = p.js("document.querySelector('table.bars a').textContent")
    n = p.js("document.querySelector('table.bars td.n').textContent")
    p.click("table.bars a")
    cells = "[...%s.querySelectorAll('tbody tr')]" % table("Each term in each article")
    check("a bar leads to its rows", p.js("%s.every(r => r.children[1].textContent === %s)" % (cells, json.dumps(term))))
    check("which add up to it", p.js("String(%s.reduce((n, r) => n + Number(r.children[2].textContent), 0))" % cells), n)
    check("a chip says what is shown", term in p.js("%s.querySelector('.chips').textContent" % table("Each term in each article")))
    first = int(p.js("%s[0].children[2].textContent" % cells))
    p.js("%s[0].querySelector('a').id = 'first'" % cells)
    p.click("#first")
    check("a row opens its article", p.js("document.querySelector('#reader').open"))
    check("with every hit highlighted", p.js("document.querySelectorAll('#reader mark').length"), first)
    check("named", p.js("document.querySelector('#reader h2').textContent.length > 0"))
    check("and its file", p.js("document.querySelector('#reader .path').textContent.length > 0"))
    seen = p.js("(() => { const m = document.querySelector('#reader mark').getBoundingClientRect(); return m.top > 0 && m.bottom < innerHeight; })()")
    check("the first hit is in view", seen)
    where = p.js("document.querySelector('#reader .where').textContent")
    p.key("ArrowRight", 39)
    check("an arrow turns to the next", p.js("document.querySelector('#reader .where').textContent") != where)
    p.screenshot(dir + "/reader.png")
    p.key("Escape", 27)
    check("Escape closes", p.js("document.querySelector('#reader').open"), False)
    quiet(p, "leading")
    p.close()


def switching(b):
    p = b.open(dir + "/stance.html")
    light = p.js("getComputedStyle(document.documentElement).backgroundColor")
    check("light by the system", light, "rgb(255, 255, 255)")
    p.click("#style")
    p.click("#style")
    check("dark by the switch", p.js("getComputedStyle(document.documentElement).backgroundColor") != light)
    p.click("#language")
    check("Chinese by the switch", p.js("document.querySelector('#about h2').textContent"), "关于本报告")
    check("the language is told", p.js("document.documentElement.lang"), "zh-Hans")
    check("labels of buttons, too", p.js("document.querySelector('#language').getAttribute('aria-label')"), "语言")
    p.click("#language")
    check("and back", p.js("document.querySelector('#about h2').textContent"), "About this report")
    quiet(p, "switching")
    p.close()
    p = b.open(dir + "/stance.html", dark=True)
    check("dark by the system", p.js("getComputedStyle(document.documentElement).backgroundColor"), "rgb(20, 24, 28)")
    p.screenshot(dir + "/dark.png")
    p.close()
    p = b.open(dir + "/stance-zh.html")
    check("a page begun in Traditional Chinese", p.js("[document.documentElement.lang, document.querySelector('#about h2').textContent]"),
          ["zh-Hant", "關於本報告"])
    p.close()


def paging(b):
    p = b.open(dir + "/many.html")
    n = p.js("document.querySelectorAll('table.data tbody tr').length")
    check("one page of rows is in the file as such", n, 20)
    buttons = p.js("[...document.querySelectorAll('.pager button')].map(b => b.disabled)")
    check("the first page has none before it", buttons, [True, False])
    p.click(".pager button:nth-child(2)")
    check("the next page", p.js("document.querySelector('.count').textContent").startswith("21–40 of "))
    p.js("(() => { const s = document.querySelector('.pager select'); s.value = '500'; s.dispatchEvent(new Event('change')); })()")
    check("more rows a page", p.js("document.querySelectorAll('table.data tbody tr').length"), 500)
    quiet(p, "paging")
    p.close()


def hostile(b):
    """Text of articles stays text, wherever it stands."""
    p = b.open(dir + "/hostile.html")
    check("nothing of theirs ran", p.js("typeof window.pwned"), "undefined")
    check("no element of theirs", p.js("document.querySelectorAll('img, iframe, object, embed, form, base, body script[src], [onerror], [onload]').length"), 0)
    check("our scripts and data only", p.js("[...document.scripts].filter(s => s.type !== 'application/json').length"), 1)
    text = p.js("document.querySelector('table.data').textContent")
    check("tags are seen as they were written", "<script>window.pwned=1</script>" in text)
    for i, link in enumerate(p.js("[...document.querySelectorAll('a[data-p]')].map((a, i) => (a.id = 'l' + i))")):
        p.js("document.querySelector('#%s').click()" % link)
        check("passage %d: marked" % i, p.js("document.querySelectorAll('#reader mark').length > 0"))
        check("passage %d: the mark is the word" % i, p.js("document.querySelector('#reader mark').textContent"), "价格战")
        check("passage %d: nothing ran" % i, p.js("typeof window.pwned"), "undefined")
        p.js("document.querySelector('#reader').close()")
    wide = p.js("document.documentElement.scrollWidth <= innerWidth")
    check("a line of a megabyte does not widen the page", wide)
    check("a mark of direction ends with its cell", p.js("[...document.querySelectorAll('td, bdi, blockquote')].every(e => getComputedStyle(e).unicodeBidi.includes('isolate'))"))
    quiet(p, "hostile")
    p.close()
    p = b.open(dir + "/hostile.html")
    p.js("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.slipped = 1' }))")
    check("the policy stops what would slip in", p.js("typeof window.slipped"), "undefined")
    p.close()


def without_scripts(b):
    p = b.open(dir + "/stance.html", scripts=False)
    p.screenshot(dir + "/noscript.png")
    check("rows are there without scripts", p.send("DOM.getDocument", depth=0)["root"]["nodeName"], "#document")
    root = p.send("DOM.getDocument", depth=0)["root"]["nodeId"]
    found = p.send("DOM.querySelectorAll", nodeId=root, selector="table.data tbody tr")["nodeIds"]
    check("so many rows", len(found) > 3)
    found = p.send("DOM.querySelectorAll", nodeId=root, selector=".evidence li mark")["nodeIds"]
    check("passages are marked without scripts", len(found) > 0)
    p.close()


def phone(b):
    for name in ("stance", "pricewar", "keyness", "trend", "network", "hostile"):
        p = b.open("%s/%s.html" % (dir, name), width=390, height=844, phone=True)
        check(name + " fits a phone", p.js("document.documentElement.scrollWidth"), 390)
        p.screenshot("%s/phone-%s.png" % (dir, name))
        p.close()


def charts(b):
    p = b.open(dir + "/keyness.html")
    check("a scatter plot of two groups", p.js("[document.querySelectorAll('svg .g1').length > 2, document.querySelectorAll('svg .g2').length > 2]"), [True, True])
    check("axes are labelled", p.js("document.querySelectorAll('svg .unit').length >= 2"))
    p.js("document.querySelector('svg.plot a').id = 'point'")
    p.js("document.querySelector('#point').dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))")
    check("a point leads to its row", p.js("[...document.querySelectorAll('.chips')].filter(c => c.textContent).length"), 1)
    quiet(p, "keyness")
    p.close()
    p = b.open(dir + "/trend.html")
    check("gaps of a series are gaps", p.js("document.querySelectorAll('svg .gap').length > 0 && document.querySelector('svg .line').getAttribute('d').split('M').length > 2"))
    check("pictures have a text", p.js("[...document.querySelectorAll('svg.plot')].every(s => s.getAttribute('aria-label').length > 20)"))
    quiet(p, "trend")
    p.close()
    p = b.open(dir + "/network.html")
    check("nodes and edges", p.js("document.querySelectorAll('svg .node').length > 3 && document.querySelectorAll('svg .edge').length > 3"))
    quiet(p, "network")
    p.close()


def printed(b):
    p = b.open(dir + "/stance.html", dark=True)
    p.pdf(dir + "/print.pdf")
    p.send("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    check("printed on white", p.js("getComputedStyle(document.documentElement).backgroundColor"), "rgb(255, 255, 255)")
    check("without its buttons", p.js("[...document.querySelectorAll('button.more, .pager, .filter')].every(e => getComputedStyle(e).display === 'none')"))
    p.close()


with Browser() as browser:
    for test in (sorting, filtering, leading, switching, paging, hostile, without_scripts, phone, charts, printed):
        try:
            test(browser)
        except Failed as e:
            check(test.__name__, str(e), "no failure")
print("%d checks, %d failed" % (made, failed))
sys.exit(1 if failed else 0)
