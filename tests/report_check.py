"""report_check.py: a report (dimc report), looked at in a headless Chromium.

    report_check.py PAGE VOLUME DIR CHECK...     for each CHECK, a file of that name in DIR: what is wrong, a line each

In: the page; the volume that it is of, whose index.json and regions are read here without dimc. Out: those files, and
status 1 where one of them is not empty. One browser for all: starting it takes longer than most checks.
"""

import collections
import json
import os
import re
import struct
import sys
import traceback

from chromium import Browser

wrong = []


def expect(what, got, want):
    if got != want:
        wrong.append("%s: %r, not %r" % (what, got, want))


def expect_true(what, got):
    if not got:
        wrong.append(what)


def read_volume(path):
    """The facts of a volume by its index.json and the frozen part of each header."""
    dimensions = []
    root = os.path.join(path, "consciousness")
    for name in sorted(os.listdir(root)):
        if not re.fullmatch(r"D\d+", name):
            continue
        with open(os.path.join(root, name, "index.json"), encoding="utf-8") as file:
            index = json.load(file)
        with open(os.path.join(root, name, "region.mmap"), "rb") as file:
            index["bytes"] = file.read()
        index["label"] = name
        index["content"] = sum(layer["content_size"] for layer in index["layers"])
        index["metadata"] = 256 + struct.unpack_from("<Q", index["bytes"], 72)[0]
        index["padding"] = index["total_size"] - index["metadata"] - index["content"]
        dimensions.append(index)
    return dimensions


def size(number):
    for unit in ("B", "KiB", "MiB"):
        if number < 1023.95:
            return "%d %s" % (number, unit) if unit == "B" else "%.1f %s" % (number, unit)
        number /= 1024
    return "%.1f GiB" % number


def quiet(browser):
    for complaint in browser.complaints():
        wrong.append(complaint)


def table(browser):
    return browser.run("""[...document.querySelectorAll('#sizes-rows tr, #sizes tfoot tr')].map((row) => ({
        id: row.id, name: row.querySelector('bdi')?.textContent, text: [...row.cells].map((cell) => cell.textContent),
        bytes: [...row.querySelectorAll('data')].map((data) => Number(data.value)) }))""")


def check_sizes(browser, page, volume):
    """The table is what index.json and the headers add up to, and so are the lists of layers."""
    browser.open(page)
    dimensions = read_volume(volume)
    rows = table(browser)
    expect("rows", len(rows), len(dimensions) + 1)
    sums = [0] * 5
    for row, d in zip(rows, dimensions):
        file = len(d["bytes"])
        want = [d["content"], d["metadata"], d["padding"], file - d["total_size"], file]
        sums = [a + b for a, b in zip(sums, want)]
        expect(row["id"], row["bytes"], want)
        expect(row["id"], row["name"], d["dimension_name"])
        expect(row["id"] + " layers", row["text"][1], str(len(d["layers"])))
        expect(row["id"] + " keywords", row["text"][2], str(len({k for l in d["layers"] for k in l["keywords"]})))
        expect(row["id"] + " share", row["text"][7], "%.1f%%" % (100 * d["padding"] / file))
        expect(row["id"] + " digest", row["text"][10], d["checksum"][7:19])
    expect("together", rows[-1]["bytes"], sums)
    layers = [(-l["content_size"], d["dimension_id"], l["layer_id"], d["label"], l) for d in dimensions for l in d["layers"]]
    want = [["%s/%d" % (label, l["layer_id"]), size(l["content_size"]), size(l["size"] - l["content_size"])]
            for _, _, _, label, l in sorted(layers, key=lambda entry: entry[:3])][:20]
    got = browser.run("""[...document.querySelectorAll('#largest-table tbody tr')].map((row) =>
        [0, 2, 3].map((i) => row.cells[i].textContent.replace(/\\u00a0/g, ' ')))""")
    expect("largest", got, want)
    quiet(browser)


def check_regions(browser, page, volume):
    """Each byte of each drawing leads to what is there: what is hovered, and what the arrow keys reach, is told."""
    browser.open(page)
    dimensions = read_volume(volume)
    most = max(-(-len(d["bytes"]) // d["alignment"]) for d in dimensions)
    for d in dimensions:
        selector = "document.querySelector('#regions svg[aria-label^=\"Region of %s\"]')" % d["label"]
        browser.run(selector + ".scrollIntoView({ block: 'center' })")
        browser.settle()
        left, top, width = browser.run("(() => { const box = %s.getBoundingClientRect(); return [box.left, box.top, box.width]; })()" % selector)
        # Every page has its cell in one line here: a byte's place is its part of the file's pages, and the widest fills it.
        alignment = d["alignment"]
        cell = width / most
        for layer in d["layers"][:: max(1, len(d["layers"]) // 3)]:
            x = left + (layer["offset"] + layer["size"] * 0.9) / alignment * cell
            browser.mouse(x, top + 5)
            told = browser.run("document.getElementById('tip').innerText").replace("\u00a0", " ")
            label = "%s/%d" % (d["label"], layer["layer_id"])
            for part in (layer["title"], label + ",", ", ".join(layer["keywords"]), size(layer["content_size"]) + " of content",
                         size(layer["size"] - layer["content_size"]) + " of padding", layer["checksum"][7:23]):
                expect_true("%s hovered: no %r in %r" % (label, part, told), part in told)
        browser.mouse(left + 1, top + 5)
        expect_true("the first byte is not the header's", "header" in browser.run("document.getElementById('tip').innerText"))
        browser.mouse(2, 2)
        expect("tip after leaving", browser.run("document.getElementById('tip').hidden"), True)
        browser.run(selector + ".focus()")
        browser.key("End")
        last = d["layers"][-1]
        said = browser.run(selector + ".getAttribute('aria-valuetext')")
        expect_true("End says %r" % said, said.startswith(last["title"] + ","))
        browser.key("ArrowLeft")
        said = browser.run(selector + ".getAttribute('aria-valuetext')")
        expect_true("ArrowLeft says %r" % said, said.startswith(d["layers"][-2]["title"] + ","))
    browser.click(x, top + 5)
    browser.settle()
    expect("opened by a click", browser.run("document.getElementById('detail-title').textContent"), layer["title"])
    # Without a gap and without an overlap, from the first byte to the last.
    drawn = browser.run("""[...document.querySelectorAll('#regions svg.region')].map((drawing) =>
        [...drawing.querySelectorAll('path:not(.grid):not(.mark)')].map((path) => path.getAttribute('d')))""")
    for paths, d in zip(drawn, dimensions):
        stretches = sorted((float(a), float(b)) for path in paths for a, b in re.findall(r"M([\d.]+) 0H([\d.]+)v", path))
        for (_, end), (begin, _) in zip(stretches, stretches[1:]):
            expect_true("%s: a gap or an overlap at %r" % (d["label"], begin), abs(begin - end) < 0.02)
        expect("first", stretches[0][0], 0.0)
    quiet(browser)


def check_frequencies(browser, page, volume):
    browser.open(page)
    for d in read_volume(volume):
        selector = "document.querySelector('#frequencies svg[aria-label^=\"Frequencies of %s\"]')" % d["label"]
        browser.run(selector + "?.scrollIntoView({ block: 'center' }) ?? document.querySelectorAll('#frequencies .row')[0].scrollIntoView()")
        browser.settle()
        ranked = sorted(d["layers"], key=lambda layer: (layer["frequency"], layer["layer_id"]))
        expect(d["label"] + " dots", browser.run(selector + ".querySelector('.dots').getAttribute('d').split('M').length - 1"), len(ranked))
        browser.run(selector + ".focus()")
        for key, layer in (("Home", ranked[0]), ("End", ranked[-1])):
            browser.key(key)
            said = browser.run(selector + ".getAttribute('aria-valuetext')")
            expect_true("%s %s says %r" % (d["label"], key, said), said.startswith(layer["title"]) and "%g" % layer["frequency"] in said)
        low, high = struct.unpack_from("<dd", d["bytes"], section(d["bytes"], 1) + 40)
        expect_true(d["label"] + ": no band in its label",
                    "band %g to %g Hz" % (low, high) in browser.run(selector + ".getAttribute('aria-label')"))
    quiet(browser)


def section(data, kind):
    """Where a section begins, by docs/region-format.md."""
    metadata, = struct.unpack_from("<Q", data, 64)
    count, = struct.unpack_from("<I", data, 84)
    for i in range(count):
        found, _, offset, _ = struct.unpack_from("<IIQQ", data, metadata + 24 * i)
        if found == kind:
            return offset
    return None


def check_matrix(browser, page, volume):
    browser.open(page)
    dimensions = read_volume(volume)
    words = [{word for layer in d["layers"] for word in layer["keywords"]} for d in dimensions]
    cells = browser.run("""[...document.querySelectorAll('.matrix tbody tr')].map((row) =>
        [...row.querySelectorAll('td')].map((cell) => cell.textContent === '·' ? 0 : Number(cell.textContent)))""")
    want = [[len(words[a] & words[b]) for b in range(a + 1)] for a in range(len(dimensions))]
    expect("matrix", cells, want)
    most, a, b = max((want[a][b], a, b) for a in range(len(want)) for b in range(a))
    browser.run("document.querySelectorAll('.matrix tbody tr')[%d].querySelectorAll('td')[%d].firstElementChild.click()" % (a, b))
    expect("words", sorted(browser.run("[...document.querySelectorAll('#words .word bdi')].map((word) => word.textContent)")),
           sorted(words[a] & words[b]))
    # The first word of them, searched for, has all the layers that have it.
    word = sorted(words[a] & words[b])[0]
    browser.run("document.querySelector('#words .word').click()")
    browser.settle()
    found = browser.run("[...document.querySelectorAll('#found-list li > .id')].map((id) => id.textContent)")
    have = ["%s/%d" % (d["label"], l["layer_id"]) for d in dimensions for l in d["layers"] if word in l["keywords"]]
    expect("layers with " + word, sorted(found[: len(have)]), sorted(have))
    quiet(browser)


def search(browser, text):
    browser.run("document.activeElement.blur()")
    browser.key("/")
    browser.run("document.getElementById('query').value = ''")
    browser.type(text)
    browser.settle()
    return browser.run("[...document.querySelectorAll('#found-list li > .id')].map((id) => id.textContent)")


def check_search(browser, page, volume):
    browser.open(page)
    expect("by keyword", search(browser, "leap smear")[:1], ["D05/2"])
    expect("by its text", search(browser, "caesium turning earth"), ["D05/2"])
    expect("status", browser.run("document.getElementById('found-count').textContent"), "1 of 125 layers")
    expect("role", browser.run("document.getElementById('found-count').getAttribute('aria-live')"), "polite")
    expect("capitals", search(browser, "LEAP SMEAR")[:1], ["D05/2"])
    expect("nothing", search(browser, "zzzqqq"), [])
    expect("status of nothing", browser.run("document.getElementById('found-count').textContent"), "0 of 125 layers")
    search(browser, "atomic time, utc")
    browser.key("Enter")
    expect("Enter goes to the first", browser.run("document.activeElement.getAttribute('href')"), "#D05/2")
    browser.key("Enter")
    browser.settle()
    expect("opened", browser.run("document.getElementById('detail-title').textContent"), "Atomic time, UTC and leap seconds")
    text = browser.run("document.querySelector('#detail .content').textContent")
    layer = [layer for d in read_volume(volume) if d["label"] == "D05" for layer in [dict(l, data=d["bytes"]) for l in d["layers"]]
             if layer["layer_id"] == 2][0]
    expect("text", text.encode(), layer["data"][layer["offset"]: layer["offset"] + layer["content_size"]])
    facts = browser.run("document.getElementById('detail').innerText")
    expect_true("the digest is not in the panel", layer["checksum"][7:] in facts)
    expect_true("the size is not in the panel", "{:,} bytes".format(layer["content_size"]) in facts)
    browser.key("Escape")
    expect("closed", browser.run("document.getElementById('detail').hidden"), True)
    expect("address", browser.run("location.hash"), "")
    expect("focus is back", browser.run("document.activeElement.getAttribute('href')"), "#D05/2")
    browser.key("Escape")
    expect("search left", browser.run("document.getElementById('found').hidden"), True)
    browser.open(page, "#D07/9")
    expect("by its address", browser.run("document.getElementById('detail-title').textContent"), "Text encodings reference")
    quiet(browser)


def settle_drawings(browser):
    """What is out of sight is drawn when the browser has time."""
    browser.run("""new Promise((done) => { const look = () => [...document.querySelectorAll('.drawing')].every((it) => it.firstChild) ?
        done() : setTimeout(look, 20); look(); })""")


def check_keyboard(browser, page, volume):
    """Tab comes to everything that can be used, and one sees where it is."""
    browser.open(page)
    settle_drawings(browser)
    # What has a role to be used with, and is drawn for each dimension, can be reached at all.
    expect("sliders", browser.run("[...document.querySelectorAll('[role=slider]')].filter((it) => it.tabIndex === 0).length"),
           2 * len(read_volume(volume)))
    want = browser.run("""(() => {
        window.stops = [...document.querySelectorAll('a[href], button, input, [tabindex]')].filter((element) =>
            element.tabIndex >= 0 && element.checkVisibility());
        return stops.length; })()""")
    seen, unseen_focus = set(), []
    for _ in range(want + 5):
        browser.key("Tab")
        at, visible = browser.run("""(() => { const it = document.activeElement, style = getComputedStyle(it);
            return [stops.indexOf(it), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]; })()""")
        if at >= 0:
            seen.add(at)
            if not visible:
                unseen_focus.append(at)
    missed = browser.run("%s.map((i) => stops[i].outerHTML.slice(0, 100))" % json.dumps(sorted(set(range(want)) - seen)))
    expect("never reached", missed, [])
    expect("no outline", unseen_focus, [])
    # The numbers of the matrix are one stop, with arrow keys inside.
    browser.run("document.querySelector('.matrix button[tabindex=\"0\"]').focus()")
    browser.key("ArrowDown")
    expect_true("ArrowDown stays", browser.run("document.activeElement.matches('.matrix tr:nth-child(n+2) button')"))
    quiet(browser)


CONTRAST = """(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const bytes = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const light = (rgb) => { const [r, g, b] = rgb.map((c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = (element) => { for (let e = element; e; e = e.parentElement) {
        const [r, g, b, a] = bytes(getComputedStyle(e).backgroundColor); if (a > 200) return [r, g, b]; } return [255, 255, 255]; };
    const bad = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); let count = 0;
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('script, .unseen, .skip')) continue;
        const style = getComputedStyle(element);
        const a = light(bytes(element.closest('svg') ? style.fill : style.color).slice(0, 3)), b = light(behind(element));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        count++;
        if (ratio < 4.5) bad.push(ratio.toFixed(2) + ' ' + element.outerHTML.slice(0, 80));
    }
    return [count, bad];
})()"""


def check_accessible(browser, page, _volume):
    """Names for all that can be used, landmarks, headings in order, contrast in both themes."""
    browser.open(page)
    search(browser, "trust")
    browser.run("document.querySelector('.matrix .shared').click(); document.querySelector('#regions svg').focus()")
    browser.run("location.hash = 'D05/2'")
    browser.settle()
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = collections.Counter()
    for node in nodes:
        if node.get("ignored"):
            continue
        role, name = node["role"]["value"], node.get("name", {}).get("value", "")
        roles[role] += 1
        focusable = any(p["name"] == "focusable" and p["value"]["value"] for p in node.get("properties", []))
        if focusable and role not in ("RootWebArea", "main", "none", "generic") and not name.strip():
            wrong.append("without a name: %s %s" % (role, node.get("backendDOMNodeId")))
    for role in ("main", "banner", "navigation", "search", "complementary", "contentinfo", "searchbox", "status"):
        expect_true("no landmark %s: %s" % (role, dict(roles)), roles[role] >= 1)
    expect_true("sliders: %d" % roles["slider"], roles["slider"] >= 4)
    levels = browser.run("[...document.querySelectorAll('main h1, main h2, main h3')].filter((h) => h.checkVisibility()).map((h) => Number(h.tagName[1]))")
    expect("h1", levels.count(1), 1)
    for theme in ("light", "dark"):
        browser.screen(1280, 900, theme)
        count, bad = browser.run(CONTRAST)
        expect_true("%s: only %d texts" % (theme, count), count > 100)
        expect(theme + " contrast", bad, [])
    # The button is the other way to the dark.
    browser.screen(1280, 900, "light")
    before = browser.run("getComputedStyle(document.body).backgroundColor")
    browser.run("document.getElementById('theme').click()")
    after = browser.run("getComputedStyle(document.body).backgroundColor")
    expect_true("the theme did not change: " + before, before != after)
    expect("contrast by the button", browser.run(CONTRAST)[1], [])
    expect("motion", browser.run("getComputedStyle(document.documentElement).scrollBehavior"), "auto")
    quiet(browser)


def check_narrow(browser, page, _volume):
    browser.screen(360, 740)
    browser.open(page)
    expect("wider than the screen", browser.run("document.documentElement.scrollWidth"), 360)
    out = browser.run("""[...document.querySelectorAll('main *, header *')].filter((element) => element.checkVisibility() &&
        !element.closest('.scroll, nav, .unseen') && element.getBoundingClientRect().right > 361).map((element) => element.outerHTML.slice(0, 80))""")
    expect("outside", out, [])
    search(browser, "trust")
    browser.run("location.hash = 'D05/2'")
    browser.settle()
    expect("panel", browser.run("document.getElementById('detail').getBoundingClientRect().width"), 360)
    quiet(browser)


def check_print(browser, page, volume):
    browser.screen(1280, 900, "dark")
    # Printed at once, as by chromium --print-to-pdf: nothing came into sight, and there was no time.
    hurry = browser.call("Page.addScriptToEvaluateOnNewDocument", source="""window.requestIdleCallback = () => 0;
        window.IntersectionObserver = class { observe() {} unobserve() {} };""")["identifier"]
    browser.open(page)
    browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=hurry)
    expect("drawings before printing", browser.run("document.querySelectorAll('svg.region, svg.lane').length"), 0)
    pdf = browser.pdf()
    expect("PDF", pdf[:5], b"%PDF-")
    expect_true("PDF of %d bytes" % len(pdf), len(pdf) > 20000)
    expect("drawings that are there after printing", browser.run("document.querySelectorAll('svg.region, svg.lane').length"), 2 * len(read_volume(volume)))
    browser.screen(720, 900, "dark", media="print")
    expect("paper", browser.run("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
    expect("controls", browser.run("document.querySelector('.bar').checkVisibility()"), False)
    expect("contrast on paper", browser.run(CONTRAST)[1], [])
    quiet(browser)


def check_unscripted(browser, page, volume):
    browser.script(False)
    browser.open(page)
    browser.script(True)
    expect("drawings", browser.run("document.querySelectorAll('svg').length"), 0)
    rows = table(browser)
    expect("dimensions", [(row["id"], row["name"]) for row in rows[:-1]],
           [(d["label"], d["dimension_name"]) for d in read_volume(volume)])
    text = browser.run("document.body.innerText")
    expect_true("no word about JavaScript", "need JavaScript" in text)
    expect_true("parts that need a script are shown", "Shared keywords" not in text)


def check_hostile(browser, page, volume):
    """Whatever authors write is text: it is shown, found, and never runs."""
    browser.open(page)
    dimension, = read_volume(volume)
    for layer in dimension["layers"]:
        browser.run("location.hash = 'D01/%d'" % layer["layer_id"])
        browser.settle()
        expect("keywords", browser.run("[...document.querySelectorAll('#detail .word bdi')].map((word) => word.textContent)"),
               [visible(word) for word in layer["keywords"]])
        expect("title", browser.run("document.getElementById('detail-title').textContent"), visible(layer["title"]))
    expect("owned", browser.run("window.owned"), None)
    expect("scripts", browser.run("document.scripts.length"), 2)
    expect("strange elements", browser.run("document.querySelectorAll('img, iframe, object, body script ~ h1').length"), 0)
    expect("bold", browser.run("[...document.querySelectorAll('b, i, x')].length"), 0)
    expect_true("no row", table(browser)[0]["name"].startswith("<b>"))
    binary = [layer for layer in dimension["layers"] if layer["layer_id"] == 6][0]
    browser.run("location.hash = 'D01/6'")
    browser.settle()
    first = dimension["bytes"][binary["offset"]: binary["offset"] + 16]
    expect_true("no bytes", " ".join("%02x" % byte for byte in first) in browser.run("document.querySelector('#detail .hex').textContent"))
    expect_true("not called what it is", "not text" in browser.run("document.getElementById('detail').innerText"))
    for label, text in (("D01/1", "</script>"), ("D01/2", "<!--"), ("D01/3", "u2028")):
        expect("search for " + text, search(browser, text)[:1], [label])
    quiet(browser)


def visible(text):
    """As the page shows what could lead astray."""
    return re.sub("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]",
                  lambda match: "<U+%04X>" % ord(match[0]), text)


def check_network(browser, page, _volume):
    """The page asks for nothing, and nothing that got into it could."""
    browser.open(page)
    quiet(browser)
    for attempt in ("fetch('https://example.invalid/')", "import('https://example.invalid/x.js')",
                    "new Promise((done, fail) => { const image = new Image(); image.onload = done; image.onerror = fail; image.src = 'https://example.invalid/x.png'; document.body.append(image); })",
                    "new Promise((done, fail) => { const frame = document.createElement('script'); frame.textContent = 'window.owned = 1'; document.body.append(frame); window.owned ? done() : fail(); })"):
        expect(attempt, browser.run("(%s).then(() => 'allowed', () => 'refused')" % attempt), "refused")
    browser.settle()
    refused = [event for event in browser.events if event.get("method") == "Network.requestWillBeSent"
               and "example.invalid" in event["params"]["request"]["url"]]
    blocked = [event for event in browser.events if event.get("method") == "Network.loadingFailed"
               and event["params"].get("blockedReason") == "csp"]
    expect("left the page", len(refused) - len(blocked), 0)
    expect_true("nothing was blocked by the policy",
                any("Content Security Policy" in event["params"]["entry"]["text"] for event in browser.events if event.get("method") == "Log.entryAdded"))


def main():
    page, volume, directory, *names = sys.argv[1:]
    failed = False
    with Browser() as browser:
        for name in names:
            wrong.clear()
            browser.screen(1280, 900)
            try:
                globals()["check_" + name](browser, page, volume)
            except (RuntimeError, TimeoutError, LookupError, TypeError):
                wrong.append(traceback.format_exc())
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.writelines(complaint + "\n" for complaint in wrong)
            failed = failed or bool(wrong)
    sys.exit(failed)


main()
